//! Which bodies are read, and how much of them: from strangers only a small form, from others only
//! what the route accepts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use futures_util::{StreamExt, stream};

use super::browser::Page;
use super::{Browser, World};
use crate::web::form_body::AcceptedBody;
use crate::web::guard::Access;
use crate::web::routes;

const CHUNK: usize = 4 * 1024;

/// A body that counts the bytes that are read of it.
fn counted(head: String, length: usize) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let chunks = std::iter::once(Bytes::from(head))
        .chain(std::iter::repeat_n(Bytes::from_static(&[b'x'; CHUNK]), length / CHUNK));
    let body = stream::iter(chunks).map(move |chunk| {
        counter.fetch_add(chunk.len(), Ordering::Relaxed);
        Ok::<_, std::io::Error>(chunk)
    });
    (Body::from_stream(body), taken)
}

/// Sends a file of some megabytes with the right token. Returns how many bytes were read.
async fn send_file(browser: &mut Browser, method: &Method, path: &str) -> (Page, usize) {
    let head = format!(
        "--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"dosya\"; filename=\"a.pdf\"\r\n\r\n%PDF-",
        browser.csrf
    );
    let (body, taken) = counted(head, 4 * 1024 * 1024);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    let page = browser.send(request, body).await;
    (page, taken.load(Ordering::Relaxed))
}

/// The path with a value for each parameter.
fn concrete(path: &str) -> String {
    path.replace("{no}", "2026-06-0000001").replace("{sha256}", &"ab".repeat(32)).replace("{id}", "sorumlu")
}

#[tokio::test]
async fn no_route_reads_a_file_from_a_stranger() {
    let world = World::new();
    let mut paths: Vec<_> =
        routes::table().into_iter().map(|route| (route.method, concrete(&route.path))).collect();
    paths.push((Method::POST, "/yok".into()));
    paths.push((Method::PUT, "/giris".into()));
    for (method, path) in paths {
        let mut browser = Browser::new(world.router());
        browser.get("/giris").await;
        let (page, taken) = send_file(&mut browser, &method, &path).await;
        // No further than the ticket, which is nobody's.
        assert!(taken <= 2 * CHUNK, "{method} {path} was answered {} after reading {taken}", page.status);
        assert!(!page.status.is_server_error(), "{method} {path}");
    }
    assert!(!world.app.files.staging().exists(), "something was received");
}

#[tokio::test]
async fn files_are_read_only_where_the_route_accepts_them() {
    let world = World::new();
    for route in routes::table() {
        let Access::Roles(roles) = route.access else { continue };
        if route.method != Method::POST {
            continue;
        }
        let name = if roles.contains(&ebasvuru_workflow::domain::actor::Role::Officer) {
            "sorumlu"
        } else {
            "yetkili"
        };
        let mut browser = world.login(name).await;
        let (page, taken) = send_file(&mut browser, &route.method, &concrete(&route.path)).await;
        assert_eq!(
            taken > 0,
            route.body == AcceptedBody::FormWithFile,
            "{} was answered {}",
            route.path,
            page.status
        );
    }
}

#[tokio::test]
async fn forms_of_strangers_are_limited() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    browser.get("/giris").await;
    let head = format!("csrf={}&kullanici=", browser.csrf);
    let (body, taken) = counted(head, 4 * 1024 * 1024);
    let request = Request::post("/giris").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let page = browser.send(request, body).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(taken.load(Ordering::Relaxed) < 4 * CHUNK, "{taken:?} bytes were taken");
    assert!(page.text("p.code").contains("too_large"), "{}", page.html());
}

#[tokio::test]
async fn a_form_sent_after_the_session_ended_leads_to_the_login_with_a_reason() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    let sent = browser.post("/basvurular/2026-06-0000001/cevap-ekle", &[("metin", "uzun bir cevap")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let login = browser.get(&sent.location).await;
    assert!(login.shows("Oturumunuz sona ermiş") && login.shows("session_ended"));
    assert!(!browser.get("/giris").await.shows("session_ended"));
}
