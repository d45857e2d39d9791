//! Golden files of the main pages, with fixed data.

use ebasvuru_workflow::domain::application::Application;
use jiff::SignedDuration;

use super::{Browser, World};

/// The page with fixed values for what differs at each rendering: tokens, command ids, assets.
fn fixed(page: &super::browser::Page) -> String {
    let mut out = String::new();
    let mut rest = page.html();
    while let Some(at) = ["name=\"csrf\" value=\"", "name=\"komut\" value=\""]
        .iter()
        .filter_map(|mark| rest.find(mark).map(|i| i + mark.len()))
        .min()
    {
        out.push_str(&rest[..at]);
        out.push_str("···");
        rest = &rest[at + rest[at..].find('"').unwrap()..];
    }
    let stylesheet = crate::view::assets::STYLESHEET_PATH.replace('/', "&#x2f;");
    let icon = crate::view::assets::ICON_PATH.replace('/', "&#x2f;");
    let script = crate::view::assets::SCRIPT_PATH.replace('/', "&#x2f;");
    let upload = crate::view::assets::UPLOAD_SCRIPT_PATH.replace('/', "&#x2f;");
    (out + rest)
        .replace(&stylesheet, "/assets/style.css")
        .replace(&script, "/assets/live.js")
        .replace(&upload, "/assets/upload.js")
        .replace(&icon, "/assets/icon.svg")
}

#[tokio::test]
async fn login() {
    let world = World::new();
    let page = Browser::new(world.router()).get("/giris").await;
    insta::assert_snapshot!(fixed(&page));
}

#[tokio::test]
async fn worklist() {
    let world = World::new();
    world.application(1, "");
    world.application(2, "");
    let page = world.login("sorumlu").await.get("/basvurular").await;
    insta::assert_snapshot!(fixed(&page));
}

#[tokio::test]
async fn detail() {
    let world = World::new();
    let no = world.application(1, "").no;
    world.application(2, "");
    let page = world.login("yetkili").await.get(&format!("/basvurular/{no}")).await;
    insta::assert_snapshot!(fixed(&page));
}

/// Staff see why a deadline is nearer than they would think.
#[tokio::test]
async fn an_application_that_arrived_late_shows_both_times() {
    let world = World::new();
    let mut late = world.application(1, "");
    let shown = async |a: &Application| {
        world.store.applications.lock().unwrap().insert(a.id, a.clone());
        let page = world.login("yetkili").await.get(&format!("/basvurular/{}", a.no)).await;
        let both = "onaylandı 20.11.2026 10:01, sisteme ulaştı 20.11.2026 11:01";
        page.shows(both) && page.shows("Başvuru alındı: e-Devlet'te onaylandı 20.11.2026 10:01")
    };
    late.history[0].at = late.submitted_at + SignedDuration::from_hours(1);
    assert!(!shown(&late).await, "an hour is no delay");
    late.history[0].at += SignedDuration::from_secs(1);
    late.version += 1;
    assert!(shown(&late).await);
}

#[tokio::test]
async fn report() {
    let world = World::new();
    world.application(1, "");
    let page = world.login("merkez").await.get("/raporlama/surec?bas=2026-11-01&son=2026-11-30").await;
    insta::assert_snapshot!(fixed(&page));
}

#[tokio::test]
async fn users() {
    let world = World::new();
    let page = world.login("merkez").await.get("/kullanicilar").await;
    insta::assert_snapshot!(fixed(&page));
}
