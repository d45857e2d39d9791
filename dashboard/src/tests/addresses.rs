//! No address contains what somebody typed about a person, because proxies write addresses into logs.

use axum::http::{Method, StatusCode};

use super::World;
use super::browser::{Browser, Page};
use crate::view::environment::TEMPLATES;
use crate::web::guard::Access;
use crate::web::routes;

const SECRETS: [&str; 5] = ["10000000146", "Yılmaz", "yılmaz", "Y%C4%B1lmaz", "y%C4%B1lmaz"];

/// Every address that a page links to or sends a form to.
fn addresses(page: &Page) -> Vec<String> {
    [
        page.attributes("[href]", "href"),
        page.attributes("form", "action"),
        page.attributes("input[name=liste]", "value"),
        page.attributes("input[name=donus]", "value"),
    ]
    .concat()
}

fn assert_clean(what: &str, addresses: &[String]) {
    for address in addresses {
        for secret in SECRETS {
            assert!(!address.contains(secret), "{what}: {address}");
        }
    }
}

fn follow<'a>(all: &'a [String], mark: &str) -> &'a str {
    all.iter().find(|address| address.contains(mark)).unwrap_or_else(|| panic!("{mark}: {all:#?}"))
}

async fn post_search(browser: &mut Browser, path: &str, text: &str) -> String {
    browser.get(path).await;
    let page = browser.post(path, &[("ara", text), ("sirala", "eski")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.html());
    page.location
}

#[tokio::test]
async fn a_search_stays_sealed_through_pages_details_actions_and_back() {
    let world = World::new();
    for n in 1..=60 {
        world.application(n, "");
    }
    let mut officer = world.login("sorumlu").await;
    for text in ["10000000146", "ayşe Yılmaz"] {
        let found = post_search(&mut officer, "/basvurular", text).await;
        assert_clean("the redirect", std::slice::from_ref(&found));
        let list = officer.get(&found).await;
        assert_eq!(list.input("ara").as_deref(), Some(text), "the search field keeps it");
        let again = officer.get(&found).await;
        assert_eq!(addresses(&list), addresses(&again), "a refresh and a bookmark are the same view");
        let next = officer.get(follow(&addresses(&list), "sonra=")).await;
        let third = officer.get(follow(&addresses(&next), "sonra=")).await;
        assert!(third.shows("2026-06-"));
        assert_eq!(third.input("ara").as_deref(), Some(text));
        let tab = officer.get(follow(&addresses(&list), "durum=teslim-bekleyen&ara=")).await;
        assert_eq!(tab.input("ara").as_deref(), Some(text));
        let detail = officer.get(follow(&addresses(&next), "?liste=")).await;
        for page in [&list, &next, &third, &tab, &detail] {
            assert_clean(text, &addresses(page));
        }
        let back = officer.get(follow(&addresses(&detail), "/basvurular?")).await;
        assert_eq!(addresses(&back), addresses(&next), "the way back leads to the page one came from");
    }
}

#[tokio::test]
async fn only_the_user_who_searched_can_open_the_search_in_an_address() {
    let world = World::new();
    world.application(1, "");
    let (mut officer, mut other) = (world.login("sorumlu").await, world.login("sorumlu2").await);
    let found = post_search(&mut officer, "/basvurular", "10000000146").await;
    let page = other.get(&found).await;
    assert!(!page.html().contains("10000000146") && page.shows("Adresteki arama açılamadı"));
    // A search that is not sealed (an old bookmark) is sealed by a redirect.
    for path in ["/basvurular?ara=Y%C4%B1lmaz&sirala=eski", "/basvurular?ara=10000000146"] {
        let page = officer.get(path).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{path}");
        assert_clean(path, std::slice::from_ref(&page.location));
        assert!(officer.get(&page.location).await.shows("2026-06-"), "and found");
    }
    let numbers = officer.get("/basvurular?ara=2026-06").await;
    assert_eq!((numbers.status, numbers.input("ara").as_deref()), (StatusCode::OK, Some("2026-06")));
}

#[tokio::test]
async fn a_search_for_users_is_sealed_as_well() {
    let world = World::new();
    for n in 0..120 {
        world.user(
            &format!("cok{n}"),
            "Çok Yılmaz",
            ebasvuru_workflow::domain::actor::Role::Administrator,
            None,
        );
    }
    let mut administrator = world.login("merkez").await;
    let found = post_search(&mut administrator, "/kullanicilar", "yılmaz").await;
    let list = administrator.get(&found).await;
    assert!(list.text("caption").contains("120 kullanıcı"));
    assert_eq!(list.input("ara").as_deref(), Some("yılmaz"));
    let next = administrator.get(follow(&addresses(&list), "sonra=")).await;
    assert!(next.text("caption").contains("120 kullanıcı"));
    assert_clean("users", &[&[found][..], &addresses(&list), &addresses(&next)].concat());
}

/// Checks that forms sent by GET have no fields for free text.
fn assert_chosen(what: &str, html: &str) {
    for form in html.split("<form").skip(1) {
        let form = form.split("</form>").next().unwrap();
        let tag = form.split('>').next().unwrap();
        if tag.contains("method=\"post\"") {
            continue;
        }
        assert!(!form.contains("<textarea"), "{what}: {form}");
        for input in form.split("<input").skip(1) {
            let kind =
                input.split_once("type=\"").map_or("text", |(_, rest)| rest.split('"').next().unwrap());
            let chosen = ["hidden", "date", "month", "time", "number", "checkbox", "radio"];
            assert!(chosen.contains(&kind), "{what}: <input{input}");
        }
    }
}

#[tokio::test]
async fn no_form_puts_free_text_into_an_address() {
    for (name, source) in TEMPLATES {
        assert_chosen(name, source);
    }
    let world = World::new();
    let no = world.application(1, "").no.to_string();
    let mut pages = 0;
    for name in ["merkez", "yetkili", "sorumlu", "koordinasyon"] {
        let mut browser = world.login(name).await;
        for route in routes::table() {
            let path = route.path.replace("{no}", &no).replace("{id}", "sorumlu");
            if route.method != Method::GET || route.access == Access::Public || path.contains(['{', '.']) {
                continue;
            }
            let page = browser.get(&path).await;
            if page.status == StatusCode::OK {
                assert_chosen(&path, page.html());
                // Links name applications and users by their numbers and user names only.
                assert_clean(&path, &addresses(&page));
                pages += 1;
            }
        }
    }
    assert!(pages > 25, "only {pages} pages were looked at");
}
