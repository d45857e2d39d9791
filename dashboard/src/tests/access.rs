//! Who gets in where: every route with every role.

use axum::http::{Method, StatusCode};
use ebasvuru_workflow::domain::actor::Role;

use super::{Browser, World};
use crate::guard::Access;
use crate::routes;

fn concrete(path: &str, no: &str) -> String {
    path.replace("{no}", no).replace("{sha256}", &"ab".repeat(32)).replace("{id}", "sorumlu")
}

async fn ask(browser: &mut Browser, method: &Method, path: &str) -> super::browser::Page {
    if *method == Method::GET { browser.get(path).await } else { browser.post(path, &[]).await }
}

#[tokio::test]
async fn nobody_gets_in_without_a_login() {
    let world = World::new();
    for route in routes::table().into_iter().filter(|r| r.access != Access::Public) {
        let mut browser = Browser::new(world.router());
        browser.get("/giris").await;
        let page = ask(&mut browser, &route.method, &concrete(&route.path, "2026-06-0001000")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{} {}", route.method, route.path);
        assert!(page.location.starts_with("/giris"), "{} {}: {}", route.method, route.path, page.location);
    }
}

#[tokio::test]
async fn every_role_gets_where_the_table_says_and_nowhere_else() {
    let world = World::new();
    let no = world.application(1, "").no.to_string();
    let people = [
        (Role::Administrator, "merkez"),
        (Role::Supervisor, "yetkili"),
        (Role::Officer, "sorumlu"),
        (Role::Coordinator, "koordinasyon"),
    ];
    for (role, name) in people {
        let mut browser = world.login(name).await;
        for route in routes::table() {
            let Access::Roles(roles) = route.access else { continue };
            let page = ask(&mut browser, &route.method, &concrete(&route.path, &no)).await;
            let refused = page.status == StatusCode::FORBIDDEN;
            assert_eq!(
                refused,
                !roles.contains(&role),
                "{name}: {} {} {}",
                route.method,
                route.path,
                page.status
            );
        }
    }
}

/// The requirements' table of roles and menus, said a second time.
#[tokio::test]
async fn menus_and_pages_agree() {
    let world = World::new();
    for (name, sees) in [
        ("merkez", vec!["/raporlama", "/kullanicilar"]),
        ("yetkili", vec!["/basvurular", "/kullanicilar"]),
        ("sorumlu", vec!["/basvurular"]),
        ("koordinasyon", vec!["/basvurular", "/kullanicilar"]),
    ] {
        let mut browser = world.login(name).await;
        let home = browser.get("/moduller").await;
        for path in ["/raporlama", "/kullanicilar", "/basvurular"] {
            let linked = home.html().replace("&#x2f;", "/").contains(&format!("href=\"{path}\""));
            let page = browser.get(path).await;
            assert_eq!(linked, sees.contains(&path), "{name} {path}");
            assert_eq!(page.status.is_success(), linked, "{name} {path} {}", page.status);
        }
    }
}

#[tokio::test]
async fn a_form_without_its_token_does_nothing() {
    let world = World::new();
    let application = world.application(1, "");
    let mut browser = world.login("sorumlu").await;
    for token in ["", "0123456789abcdef0123456789abcdef"] {
        browser.csrf = token.into();
        let path = format!("/basvurular/{}/teslim-al", application.no);
        let page = browser.post(&path, &[("surum", "1")]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.html().contains("csrf"), "{}", page.html());
    }
    assert_eq!(world.store.applications.lock().unwrap()[&application.id], application);
}

#[tokio::test]
async fn another_unit_is_not_found() {
    let world = World::new();
    let no = world.application(1, "").no;
    let mut browser = world.login("baskabirim").await;
    assert_eq!(browser.get(&format!("/basvurular/{no}")).await.status, StatusCode::NOT_FOUND);
    let act = browser.post(&format!("/basvurular/{no}/teslim-al"), &[("surum", "1")]).await;
    assert_eq!(act.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/basvurular").await.html().contains(no.as_str()));
    assert!(world.store.accesses().await.is_empty(), "nothing was opened");
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let world = World::new();
    let mut browser = Browser::new(world.router());
    for path in ["/giris", "/basvurular", "/yok"] {
        let page = browser.get(path).await;
        let csp = page.headers["content-security-policy"].to_str().unwrap();
        assert!(csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(page.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
        assert!(!page.html().contains("style=\"") && !page.html().contains("<script"), "{path}");
    }
    let css = browser.get(&crate::page::STYLESHEET_PATH).await;
    assert_eq!(css.status, StatusCode::OK);
    assert!(css.headers["cache-control"].to_str().unwrap().contains("immutable"));
}
