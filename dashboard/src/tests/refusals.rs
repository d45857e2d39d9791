//! Invalid addresses, queries and methods, which reach no handler. The answer is a page of ours, never
//! the framework's plain text.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

use super::{Browser, World};
use crate::web::routes;

/// Every parameter of any page; the test sends each twice.
const TWICE: &str = "ara durum hizmet birim valilik sorumlu sure sirala sonra once oldu adet liste \
                     ustumdeki rol aktif donem baslangic bitis kisi neden indir sayfa yeni sifre \
                     from to unit grup ne sure_asimi tur il";

fn twice() -> String {
    let pairs: Vec<_> = TWICE.split_whitespace().map(|name| format!("{name}=1&{name}=2")).collect();
    pairs.join("&")
}

async fn everybody(world: &World) -> Vec<Browser> {
    let mut all = vec![Browser::new(world.router())];
    for name in ["merkez", "yetkili", "sorumlu"] {
        all.push(world.login(name).await);
    }
    all
}

fn concrete(path: &str, with: &str) -> String {
    let path = path.replace("{no}", with).replace("{sha256}", with).replace("{id}", with);
    path.replace("{tag}", with)
}

#[tokio::test]
async fn invalid_queries_and_paths_get_a_page() {
    let world = World::new();
    let mut refused = 0;
    for mut browser in everybody(&world).await {
        for route in routes::table() {
            for address in [
                format!("{}?{}", concrete(&route.path, "x"), twice()),
                format!("{}?a=%FF&ara=%FF", concrete(&route.path, "x")),
                concrete(&route.path, "%FF"),
            ] {
                let page =
                    browser.send(Request::builder().method(&route.method).uri(&address), Body::empty()).await;
                let kind =
                    page.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
                let kind = kind.unwrap_or_default();
                assert!(
                    !kind.starts_with("text/plain"),
                    "{address}: {}",
                    String::from_utf8_lossy(&page.bytes)
                );
                if page.status == StatusCode::BAD_REQUEST {
                    refused += 1;
                    assert_eq!(page.text("h1"), "İstek anlaşılamadı", "{address}");
                    assert!(page.text("p.code").contains("bad_request"), "{address}");
                }
            }
        }
    }
    assert!(refused > 20, "the test finds nothing to refuse: {refused}");
    let double = Browser::new(world.router()).get("/giris?sonra=1&sonra=2").await;
    assert_eq!(double.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn unsupported_methods_get_a_page() {
    let world = World::new();
    let mut browser = world.login("sorumlu").await;
    for (method, path, allow) in [
        (Method::DELETE, "/giris", "GET,HEAD,POST"),
        (Method::PUT, "/cikis", "POST"),
        (Method::PUT, "/basvurular", "GET,HEAD,POST"),
        (Method::DELETE, "/basvurular/2026-06-0000001/onayla", "POST"),
    ] {
        let page = browser.send(Request::builder().method(&method).uri(path), Body::empty()).await;
        assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(page.text("p.code").contains("method_not_allowed"), "{}", page.html());
        assert_eq!(page.headers[header::ALLOW], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn a_trailing_slash_redirects_to_the_page_without_it() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    for route in routes::table().into_iter().filter(|route| route.path != "/") {
        let path = concrete(&route.path, "2026-06-0000001");
        for (typed, meant) in
            [(format!("{path}/"), path.clone()), (format!("{path}//?a=1&b=%2F"), format!("{path}?a=1&b=%2F"))]
        {
            let page =
                browser.send(Request::builder().method(&route.method).uri(&typed), Body::empty()).await;
            assert_eq!((page.status, &page.location), (StatusCode::PERMANENT_REDIRECT, &meant), "{typed}");
        }
    }
    for elsewhere in ["//evil.example/", "//evil.example//", "/\\evil.example/", "//", "/yok"] {
        let page = browser.get(elsewhere).await;
        assert_eq!((page.status, &*page.location), (StatusCode::NOT_FOUND, ""), "{elsewhere}");
    }
}

#[tokio::test]
async fn the_address_of_a_form_opens_the_page_above_it() {
    let world = World::new();
    let mut browser = world.login("sorumlu").await;
    for (path, page) in [
        ("/cikis", "/"),
        ("/basvurular/teslim-et", "/basvurular"),
        ("/basvurular/2026-06-0000001/onayla?oldu=x", "/basvurular/2026-06-0000001"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, &*answer.location), (StatusCode::SEE_OTHER, page), "{path}");
    }
}
