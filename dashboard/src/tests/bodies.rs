//! Whose bodies are read, and how much of them: nothing of somebody unknown but a small form,
//! nothing that the route does not take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use futures_util::{StreamExt, stream};

use super::browser::Page;
use super::{Browser, World};
use crate::web::form::AcceptedBody;
use crate::web::guard::Access;
use crate::web::routes;

const CHUNK: usize = 4 * 1024;

/// A body of some megabytes of which is counted what is taken.
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

/// Sends some megabytes as a file, with the right token; how much of it was taken.
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

/// Something that stands for each parameter.
fn concrete(path: &str) -> String {
    path.replace("{no}", "2026-06-0000001").replace("{sha256}", &"ab".repeat(32)).replace("{id}", "sorumlu")
}

#[tokio::test]
async fn a_file_of_somebody_unknown_is_read_nowhere() {
    let world = World::new();
    let mut paths: Vec<_> =
        routes::table().into_iter().map(|route| (route.method, concrete(&route.path))).collect();
    paths.push((Method::POST, "/yok".into()));
    paths.push((Method::PUT, "/giris".into()));
    for (method, path) in paths {
        let mut browser = Browser::new(world.router());
        browser.get("/giris").await;
        let (page, taken) = send_file(&mut browser, &method, &path).await;
        assert_eq!(taken, 0, "{method} {path} was answered {} after reading", page.status);
        assert!(!page.status.is_server_error(), "{method} {path}");
    }
    assert!(!world.app.files.staging().exists(), "something was received");
}

#[tokio::test]
async fn a_file_is_read_where_the_route_takes_one() {
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
async fn the_form_of_somebody_unknown_is_small() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    browser.get("/giris").await;
    let head = format!("csrf={}&kullanici=", browser.csrf);
    let (body, taken) = counted(head, 4 * 1024 * 1024);
    let request = Request::post("/giris").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let page = browser.send(request, body).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(taken.load(Ordering::Relaxed) < 4 * CHUNK, "{taken:?} bytes were taken");
    assert!(page.html().contains("too_large"), "{}", page.html());
}

#[tokio::test]
async fn a_form_sent_after_the_session_ended_leads_to_the_login_with_the_reason() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    let sent = browser.post("/basvurular/2026-06-0000001/cevap-ekle", &[("metin", "uzun bir cevap")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let login = browser.get(&sent.location).await;
    assert!(login.html().contains("Oturumunuz sona ermiş") && login.html().contains("session_ended"));
    assert!(!browser.get("/giris").await.html().contains("session_ended"));
}
