//! The portal refuses requests as the staff web does.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use tokio_util::sync::CancellationToken;

use super::{Browser, World};
use crate::portal::{Portal, PortalDeps};

fn portal(world: &World, stop: &CancellationToken) -> Portal {
    let deps = PortalDeps {
        log: Arc::clone(&world.app.log),
        catalog: Arc::clone(&world.app.catalog),
        files: world.app.files.clone(),
        clock: world.app.clock.clone(),
        session_key: vec![7; 64],
        secure_cookies: false,
        behind_proxy: false,
    };
    Portal::start(deps, stop).unwrap()
}

#[tokio::test]
async fn the_portal_reads_no_files_from_strangers_and_has_its_own_error_pages() {
    let (world, stop) = (World::new(), CancellationToken::new());
    let portal = portal(&world, &stop);
    let mut stranger = Browser::new(portal.router());
    stranger.get("/").await;
    for path in ["/", "/cikis", "/yeni-basvuru", "/yeni-basvuru/belgeler", "/basvurularim/x/vazgec", "/yok"] {
        let token = stranger.csrf.clone();
        let page = stranger.upload(path, &[("csrf", &token)], "a.pdf", &[b'x'; 300_000]).await;
        assert!(!page.status.is_success() && !page.status.is_server_error(), "{path} {}", page.status);
    }
    let large = "x".repeat(9 * 1024);
    assert_eq!(stranger.post("/", &[("vatandas", &large)]).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    let mut citizen = Browser::new(portal.router());
    citizen.get("/").await;
    let signed_in = citizen.post("/", &[("vatandas", "10000000146")]).await;
    assert_eq!(signed_in.location, "/basvurularim", "{}", signed_in.html());
    citizen.get("/basvurularim").await;
    let page = citizen.upload("/yeni-basvuru/iletisim", &[], "a.pdf", b"%PDF-").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "a file where the step has no field for one");
    assert!(!world.app.files.staging().exists(), "something was received");

    for (method, path, status, code) in [
        (Method::GET, "/yeni-basvuru?ana=1&ana=2&%FF=%FF", StatusCode::OK, ""),
        (Method::GET, "/basvurularim/%FF", StatusCode::BAD_REQUEST, "bad_request"),
        (Method::GET, "/cikis", StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        (Method::GET, "/yok", StatusCode::NOT_FOUND, "not_found"),
    ] {
        let page = citizen.send(Request::builder().method(method).uri(path), Body::empty()).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"), "{path}");
        assert!(page.shows(code), "{path}: {}", page.html());
    }
    assert_eq!(citizen.get("/basvurularim/?a=1").await.location, "/basvurularim?a=1");
    assert_eq!(citizen.post("/cikis", &[]).await.location, "/");
    stop.cancel();
}
