//! Texts that people give: invisible ones, long ones, and ones that would turn the page around.

use axum::http::StatusCode;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::application::{
    Answer, Application, EventKind, HistoryEntry, Note, Proposal, SendBackReason, Status,
};
use ebasvuru_workflow::seal::Field;

use super::documents::application_held_by_officer;
use super::world::at;
use super::{Browser, World};
use crate::web::guard::Access;
use crate::web::routes;

const INVISIBLE: [&str; 6] =
    ["\u{200b}", "\u{feff} \u{2060}", "\u{3164}", "\u{202e}\u{ad}", "\u{2800}", "\u{fe0f}"];

fn version(world: &World, a: &Application) -> String {
    world.store.applications.lock().unwrap()[&a.id].version.to_string()
}

#[tokio::test]
async fn a_text_that_nobody_sees_is_no_text() {
    let world = World::new();
    let a = application_held_by_officer(&world);
    let mut officer = world.login("sorumlu").await;
    let mut administrator = world.login("merkez").await;
    let version = version(&world, &a);
    for invisible in INVISIBLE {
        for (slug, more) in [("cevap-ekle", ("", "")), ("havale-et", ("birim", "06-nufus"))] {
            let path = format!("/basvurular/{}/{slug}", a.no);
            officer.get(&format!("/basvurular/{}", a.no)).await;
            let page = officer.post(&path, &[("surum", &version), ("metin", invisible), more]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{slug} {invisible:?}");
            assert!(page.shows("Açıklama boş bırakılamaz."), "{slug} {invisible:?}");
        }
        administrator.get("/kullanicilar/yeni").await;
        let user = [("kullanici", "yeni.biri"), ("ad", invisible), ("rol", "yonetici")];
        let page = administrator.post("/kullanicilar/yeni", &user).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{invisible:?}");
        assert!(page.shows("Ad ve soyad boş bırakılamaz."), "{}", page.html());
    }
    let stored = world.store.applications.lock().unwrap()[&a.id].clone();
    assert!(stored.answers.is_empty() && stored.status == a.status);
}

#[tokio::test]
async fn a_long_name_is_refused_with_its_limit_and_stays_in_the_form() {
    let world = World::new();
    let mut administrator = world.login("merkez").await;
    administrator.get("/kullanicilar/yeni").await;
    let long = "Ş".repeat(budget::FULL_NAME_CHARS + 20);
    let user = [("kullanici", "yeni.biri"), ("ad", long.as_str()), ("rol", "yonetici")];
    let page = administrator.post("/kullanicilar/yeni", &user).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sentence = "Ad Soyad en fazla 100 karakter olabilir; 120 karakter yazdınız, 20 karakter kısaltınız.";
    assert_eq!(page.text(".alert.error"), sentence);
    assert_eq!(page.input("ad").as_deref(), Some(long.as_str()), "what was typed stays");
    assert_eq!(page.attribute("input[name=\"ad\"]", "maxlength").as_deref(), Some("100"));
}

#[tokio::test]
async fn a_name_from_before_there_was_a_limit_breaks_no_page_and_no_file() {
    let world = World::new();
    world.user(
        "sorumlu",
        &format!("\u{202e}{}", "Uzun ".repeat(8000)),
        Role::Officer,
        Some("06-sivil-toplum"),
    );
    application_held_by_officer(&world);
    let mut browser = world.login("merkez").await;
    for path in ["/kullanicilar", "/kullanicilar/sorumlu", "/raporlama/is-yuku", "/raporlama/basvurular"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.html().contains("Uzun…") && !page.html().contains('\u{202e}'), "{path}");
    }
    for path in ["/raporlama/is-yuku.xlsx", "/raporlama/basvurular.xlsx", "/raporlama/basvurular.csv"] {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
}

/// Ends every text of people; whoever shows it without isolation turns the page around.
const MARKED: &str = "\u{202e}א";

/// Applications with texts of every kind, all of them marked.
fn marked(world: &World) -> Vec<String> {
    for (name, role) in
        [("yetkili", Role::Supervisor), ("sorumlu", Role::Officer), ("sorumlu2", Role::Officer)]
    {
        world.user(name, &format!("Selim{MARKED}"), role, Some("06-sivil-toplum"));
    }
    let now = at("2026-11-22T10:00:00+03:00");
    let (officer, supervisor) = (|| "sorumlu".parse().unwrap(), || "yetkili".parse().unwrap());
    let mut numbers = Vec::new();
    for n in 1..=2 {
        let mut a = world.application(n, MARKED);
        let (content, context) = (a.content.clone(), a.id.to_string());
        let text = |field| {
            world.app.sealer.seal_text_like(&content, &context, field, &format!("Metin{MARKED}")).unwrap()
        };
        let unit = a.unit.clone();
        a.answers.push(Answer { by: officer(), at: now, text: text(Field::Answer) });
        a.notes.push(Note { unit, by: supervisor(), at: now, text: text(Field::Note) });
        a.sent_back = Some(SendBackReason { by: supervisor(), at: now, text: text(Field::SendBackReason) });
        a.status = Status::Assigned { officer: officer() };
        if n == 2 {
            let proposal = Proposal::Referral {
                target: "06-nufus".parse().unwrap(),
                reason: text(Field::ReferralReason),
            };
            a.status = Status::AwaitingApproval { officer: officer(), proposal, proposed_by: officer() };
        }
        let before = a.history[0].clone();
        a.history.push(HistoryEntry {
            actor: Actor::Staff(officer()),
            on_behalf_of: Some(supervisor()),
            detail: Some("sorumlu2".into()),
            what: EventKind::Assigned,
            ..before
        });
        a.version = 2;
        numbers.push(a.no.to_string());
        world.store.applications.lock().unwrap().insert(a.id, a);
    }
    numbers
}

#[tokio::test]
async fn no_text_of_people_turns_the_page_around() {
    let world = World::new();
    let numbers = marked(&world);
    world.lend("yetkili", "sorumlu", 4);
    let (mut pages, mut shown) = (0, 0);
    for name in ["merkez", "yetkili", "sorumlu", "koordinasyon"] {
        let mut browser: Browser = world.login(name).await;
        for route in routes::table() {
            let file =
                route.path.contains('.') || route.path.contains("{sha256}") || route.path.contains("{tag}");
            if route.method != axum::http::Method::GET || route.access == Access::Public || file {
                continue;
            }
            for no in &numbers {
                let path = route.path.replace("{no}", no).replace("{id}", "sorumlu");
                let page = browser.get(&path).await;
                if page.location.is_empty() {
                    assert_eq!(page.turned_around('א', '\u{202e}'), [""; 0], "{path} of {name}");
                    pages += 1;
                    shown += page.html().matches('א').count();
                }
            }
        }
    }
    assert!(pages > 60 && shown > 200, "{shown} texts on {pages} pages");
}
