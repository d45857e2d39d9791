//! The refresh of a report by itself: only what has changed.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiff::SignedDuration;

use super::World;
use super::browser::{Browser, Page};

async fn refresh(browser: &mut Browser, path: &str, tags: &[String]) -> Page {
    let tags: Vec<_> = tags.iter().map(|tag| format!("\"{tag}\"")).collect();
    let request =
        Request::get(path).header("ebasvuru-kendiliginden", "1").header("if-none-match", tags.join(", "));
    browser.send(request, Body::empty()).await
}

fn tags(page: &Page) -> Vec<String> {
    page.attributes("[data-part]", "data-part")
}

#[tokio::test]
async fn a_page_that_has_everything_gets_no_body_and_else_the_parts_that_changed() {
    let world = World::new();
    world.application(1, "");
    let mut browser = world.login("merkez").await;
    let path = "/raporlama/surec?bas=2026-11-01&son=2026-11-30";
    let page = browser.get(path).await;
    let known = tags(&page);
    assert!(known.len() > 2 && page.has("form.filters"), "{known:?}");

    let same = refresh(&mut browser, path, &known).await;
    assert_eq!((same.status, same.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    assert!(same.headers["etag"].to_str().unwrap().starts_with('"'), "a strong tag");

    world.app.clock.set(world.app.clock.now() + SignedDuration::from_mins(2));
    let later = refresh(&mut browser, path, &known).await;
    assert_eq!(later.status, StatusCode::OK);
    assert!(!later.has("form.filters"), "the parts alone");
    assert_eq!(later.count("[data-known]"), known.len() - 1, "only the time is new: {}", later.html());
    assert!(!later.has("table"), "{}", later.html());

    world.application(2, "");
    let more = refresh(&mut browser, path, &tags(&later)).await;
    assert_eq!(more.status, StatusCode::OK);
    assert!(more.has("#nerede table") && more.has(".fresh"), "new numbers come with their time");
    assert!(more.has("#adimlar[data-known]"), "{}", more.html());
    let whole = refresh(&mut browser, path, &[]).await;
    assert_eq!(tags(&whole), tags(&more));
    assert_eq!(whole.count("[data-known]"), 0);
    assert_eq!(whole.headers["etag"], more.headers["etag"]);
}

#[tokio::test]
async fn a_period_that_is_over_is_asked_for_less_often() {
    let world = World::new();
    let mut browser = world.login("merkez").await;
    for (last, every) in [("2026-11-23", "5"), ("2026-11-22", "60")] {
        let page = browser.get(&format!("/raporlama?bas=2026-11-01&son={last}")).await;
        assert_eq!(page.attribute("[data-live]", "data-live").as_deref(), Some(every));
    }
}
