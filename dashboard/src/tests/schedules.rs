//! Scheduled reports: the pages, and what a mail server gets.

use std::io::Cursor;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use calamine::{Data, Reader, Xlsx};
use ebasvuru_workflow::domain::schedule::{SENDING_LASTS, Schedule, SendingOutcome};
use jiff::SignedDuration;

use super::World;
use super::browser::Page;
use super::smtp::Server;
use super::world::{SCHEDULE, at};
use crate::sender::Sender;

const LIST: &str = "/raporlama/zamanlanmis";
const NEW: &str = "/raporlama/zamanlanmis/yeni";

/// A form that fits.
const FORM: [(&str, &str); 6] = [
    ("rapor", "/raporlama/sonuclar?valilik=6&bas=2026-01-01&son=2026-01-31"),
    ("ad", "Ankara haftalık"),
    ("donem", "gecen-hafta"),
    ("siklik", "hafta-5"),
    ("saat", "07:45"),
    ("alicilar", "ayse@icisleri.gov.tr, Can@ICISLERI.gov.tr\n"),
];

fn page(schedule: &Schedule) -> String {
    format!("{LIST}/{}", schedule.id)
}

fn kept(world: &World) -> Schedule {
    let all = world.app.schedules.all();
    assert_eq!(all.len(), 1);
    Schedule::clone(&all[0])
}

fn outcome(world: &World) -> SendingOutcome {
    kept(world).sending.unwrap().outcome.unwrap()
}

#[tokio::test]
async fn an_administrator_makes_changes_pauses_and_deletes_a_schedule() {
    let world = World::with_mail("smtp://127.0.0.1:9");
    let mut browser = world.login("merkez").await;
    let report = browser.get("/raporlama/sonuclar?valilik=6&bas=2026-11-01&son=2026-11-20").await;
    let link = report.attribute("a[href*=\"zamanlanmis/yeni\"]", "href").unwrap();
    let form = browser.get(&link).await;
    let address = "/raporlama/sonuclar?valilik=6";
    assert_eq!(form.input("rapor").as_deref(), Some(address), "with its filters, without its period");
    assert!(form.shows("Sonuçlar · Valilik: Ankara"), "{}", form.html());

    let done = browser.post(NEW, &FORM).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.html());
    let list = browser.get(&done.location).await;
    let schedule = kept(&world);
    assert_eq!(schedule.terms.report.as_str(), address);
    for words in [
        "Ankara haftalık",
        "Sonuçlar · Valilik: Ankara",
        "Her cuma 07:45",
        "27.11.2026 07:45",
        "Can@icisleri.gov.tr",
        "Henüz gönderilmedi",
        "Rapor zamanlandı.",
    ] {
        assert!(list.shows(words), "{words}: {}", list.html());
    }

    let path = page(&schedule);
    let edit = browser.get(&path).await;
    assert!(
        edit.has("option[value=\"hafta-5\"][selected]")
            && edit.has("option[value=\"gecen-hafta\"][selected]")
    );
    let version = edit.input("surum").unwrap();
    let changed = FORM.map(|(name, value)| if name == "siklik" { (name, "ay-31") } else { (name, value) });
    let changed: Vec<_> = changed.into_iter().chain([("islem", "kaydet"), ("surum", &*version)]).collect();
    let done = browser.post(&path, &changed).await;
    assert!(done.location.ends_with("?oldu=kaydet"), "{}", done.html());
    assert!(browser.get(LIST).await.shows("Her ayın son günü 07:45"));
    let stale = browser.post(&path, &[("islem", "duraklat"), ("surum", &version)]).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.shows("Zamanlanmış rapor bu arada değişti"), "{}", stale.html());

    let version = browser.get(&path).await.input("surum").unwrap();
    browser.post(&path, &[("islem", "duraklat"), ("surum", &version)]).await;
    assert!(browser.get(LIST).await.shows("Duraklatıldı"));
    let version = browser.get(&path).await.input("surum").unwrap();
    browser.post(&path, &[("islem", "surdur"), ("surum", &version)]).await;
    assert!(kept(&world).active);

    let ask = browser.get(&format!("{path}/sil")).await;
    assert!(ask.shows("“Ankara haftalık” silinecek: Her ayın son günü 07:45, 2 alıcı."), "{}", ask.html());
    let done = browser.post(&path, &[("islem", "sil"), ("surum", &ask.input("surum").unwrap())]).await;
    assert!(browser.get(&done.location).await.shows("Zamanlanmış rapor silindi."));
    assert!(world.app.schedules.all().is_empty());
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_that_does_not_fit_comes_back_with_what_was_typed() {
    let world = World::with_mail("smtp://127.0.0.1:9");
    let mut browser = world.login("merkez").await;
    for (field, value, said) in [
        ("ad", "\u{200b}", "Ad boş bırakılamaz."),
        ("ad", &*"a".repeat(101), "Ad en fazla 100 karakter olabilir"),
        ("saat", "25:00", "Saati giriniz"),
        ("siklik", "ay-32", "Sıklığı seçiniz."),
        ("donem", "", "Dönemi seçiniz."),
        ("alicilar", "", "En az bir alıcı giriniz."),
        ("alicilar", "ayse@icisleri.gov.tr\nCan Öz", "“Can Öz” bir e-posta adresi değildir"),
        (
            "alicilar",
            "a@baska.com",
            "a@baska.com adresine gönderilemez; izin verilen alan adları: icisleri.gov.tr.",
        ),
        ("rapor", "/kullanicilar", "Zamanlanacak rapor bulunamadı"),
        ("rapor", "/raporlama?valilik=99", "listede olmayan bir değer"),
    ] {
        let form = FORM.map(|(name, own)| if name == field { (name, value) } else { (name, own) });
        let page = browser.post(NEW, &form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value:?}");
        assert!(page.text("[role=\"alert\"]").contains(said), "{said}: {}", page.text("[role=\"alert\"]"));
        if field != "alicilar" {
            assert!(page.text("#alicilar").contains("ayse@icisleri.gov.tr"), "{field}");
        }
    }
    assert!(world.app.schedules.all().is_empty());
    assert_eq!(browser.get(&format!("{NEW}?rapor=/kullanicilar")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_a_mail_server_the_pages_say_so_and_nothing_is_sent() {
    let world = World::new();
    let schedule = world.schedule();
    let mut browser = world.login("merkez").await;
    for path in [LIST.to_owned(), NEW.to_owned(), page(&schedule)] {
        let page = browser.get(&path).await;
        assert!(page.shows("E-posta gönderimi kapalıdır"), "{path}");
        assert!(!page.shows("Şimdi Gönder"), "{path}");
    }
    assert!(!browser.get("/raporlama").await.has("a[href*=\"zamanlanmis/yeni\"]"));
    let refused = browser.post(&page(&schedule), &[("islem", "gonder")]).await;
    assert!(refused.text("[role=\"alert\"]").contains("smtp.url"), "{}", refused.html());
    assert!(browser.post(NEW, &FORM).await.text("[role=\"alert\"]").contains("smtp.url"));
}

/// The number in the first row and the column with this heading.
fn total(page: &Page, heading: &str) -> String {
    let columns = page.texts("thead th");
    let x = columns.iter().position(|own| own == heading).unwrap() + 1;
    page.text(&format!("tbody tr:nth-child(1) td:nth-child({x})"))
}

#[tokio::test]
async fn a_report_is_sent_at_its_time_with_the_numbers_of_its_page() {
    let server = Server::start().await;
    let world = World::with_mail(&server.url);
    for n in 1..=3 {
        world.application(n, "");
    }
    world.schedule();
    let mut sender = Sender::new(world.app.clone(), tokio_util::sync::CancellationToken::new());
    sender.look().await;
    assert_eq!(server.recipients(), [""; 0], "it is not yet time");
    world.app.clock.set(at("2026-11-24T08:30:00+03:00"));
    let mut browser = world.login("merkez").await;
    for _ in 0..3 {
        sender.look().await;
    }
    assert_eq!(server.recipients(), ["ayse@icisleri.gov.tr", "can@icisleri.gov.tr"], "once each");
    assert_eq!((outcome(&world).delivered, outcome(&world).undelivered.len()), (2, 0));

    let shown = browser.get("/raporlama/sonuclar?valilik=6&bas=2026-11-18&son=2026-11-24").await;
    assert_eq!(total(&shown, "Gelen"), "3");
    let mail = server.taken()[0].data.replace("\r\n ", " ");
    for header in ["To: ayse@icisleri.gov.tr", "Auto-Submitted: auto-generated", "Subject: "] {
        assert!(mail.contains(header), "{header}: {mail}");
    }
    let name = "attachment; filename=\"sonuclar_2026-11-24.xlsx\"";
    let attached = mail.split(name).nth(1).unwrap_or_else(|| panic!("{name}: {mail}"));
    let attached = attached.split("\r\n\r\n").nth(1).unwrap().split("\r\n--").next().unwrap();
    let attached = STANDARD.decode(attached.replace("\r\n", "")).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(attached)).unwrap();
    let found = book.worksheets().into_iter().any(|(_, sheet)| {
        sheet
            .rows()
            .any(|row| row.iter().any(|cell| matches!(cell, Data::Float(n) if (n - 3.0).abs() < 1e-9)))
    });
    assert!(found, "the number of the page is in the attachment");

    let list = browser.get(LIST).await;
    assert!(list.shows("2 alıcıya gönderildi") && list.shows("25.11.2026 08:30"), "{}", list.html());
}

#[tokio::test]
async fn of_two_replicas_one_sends() {
    let server = Server::start().await;
    let world = World::with_mail(&server.url);
    world.schedule();
    let stop = tokio_util::sync::CancellationToken::new();
    let mut replicas = [world.app.clone(), world.replica()].map(|app| Sender::new(app, stop.clone()));
    world.app.clock.set(at("2026-11-24T08:30:00+03:00"));
    world.login("merkez").await.get("/raporlama").await;
    let [one, other] = &mut replicas;
    tokio::join!(one.look(), other.look());
    tokio::join!(one.look(), other.look());
    assert_eq!(server.recipients(), ["ayse@icisleri.gov.tr", "can@icisleri.gov.tr"]);
}

#[tokio::test]
async fn a_sender_that_dies_leaves_what_only_a_person_repeats() {
    let server = Server::start().await;
    let world = World::with_mail(&server.url);
    let schedule = world.schedule();
    let stop = tokio_util::sync::CancellationToken::new();
    let due = at("2026-11-24T08:30:00+03:00");
    world.app.clock.set(due);
    let mut browser = world.login("merkez").await;
    // Another replica claims it, and dies.
    let mut dead = Sender::new(world.replica(), stop.clone());
    dead.claim_only().await;
    drop(dead);
    let mut sender = Sender::new(world.app.clone(), stop.clone());
    sender.look().await;
    let shown = browser.get(&page(&schedule)).await;
    assert!(shown.shows("Gönderiliyor") && !shown.has("input[value=\"gonder\"]"), "{}", shown.html());
    world.app.clock.set(due + SENDING_LASTS);
    sender.look().await;
    assert!(server.taken().is_empty(), "nobody knows whether it was sent");
    let shown = browser.get(&page(&schedule)).await;
    assert!(shown.shows("Sonucu bilinmiyor") && shown.shows("Gönderim yarıda kaldı"), "{}", shown.html());
    let done = browser.post(&page(&schedule), &[("islem", "gonder")]).await;
    assert!(done.location.ends_with("oldu=gonder"), "{}", done.html());
    sender.look().await;
    assert_eq!(server.recipients().len(), 2);
    assert!(browser.get(&page(&schedule)).await.shows("Şimdi Gönder: Merkez Yönetici"));
    // The next occurrence is sent as if nothing had been.
    world.app.clock.set(due + SignedDuration::from_hours(24));
    sender.look().await;
    assert_eq!(server.recipients().len(), 4);
}

#[tokio::test]
async fn the_last_of_several_missed_reports_is_sent_and_says_so() {
    let server = Server::start().await;
    let world = World::with_mail(&server.url);
    let schedule = world.schedule();
    world.app.clock.set(at("2026-11-27T10:00:00+03:00"));
    let mut browser = world.login("merkez").await;
    let mut sender = Sender::new(world.app.clone(), tokio_util::sync::CancellationToken::new());
    sender.look().await;
    assert_eq!(server.recipients().len(), 2);
    assert!(server.taken()[0].data.contains("sonuclar_2026-11-27.xlsx"));
    let shown = browser.get(&page(&schedule)).await;
    assert!(shown.shows("Bundan önceki 3 gönderim kaçırıldı"), "{}", shown.html());
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_asked_again() {
    let server =
        Server::that(|line, before| (line.starts_with("RCPT") && before < 2).then_some("451 4.3.0 sonra"))
            .await;
    let world = World::with_mail(&server.url);
    world.schedule();
    world.app.clock.set(at("2026-11-24T08:30:00+03:00"));
    world.login("merkez").await.get("/raporlama").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let mut sender = Sender::with_pauses(world.app.clone(), stop, &[std::time::Duration::from_millis(1)]);
    sender.look().await;
    assert_eq!(server.recipients(), ["ayse@icisleri.gov.tr", "can@icisleri.gov.tr"]);
    assert_eq!((outcome(&world).delivered, outcome(&world).undelivered.len()), (2, 0));
}

#[tokio::test]
async fn who_is_refused_is_named_with_the_reason_and_the_others_get_it() {
    let server = Server::that(|line, _| line.contains("can@").then_some("550 5.1.1 <can> yok")).await;
    let world = World::with_mail(&server.url);
    let schedule = world.schedule();
    world.app.clock.set(at("2026-11-24T08:30:00+03:00"));
    let mut browser = world.login("merkez").await;
    browser.get("/raporlama").await;
    let mut sender = Sender::new(world.app.clone(), tokio_util::sync::CancellationToken::new());
    sender.look().await;
    assert_eq!(server.recipients(), ["ayse@icisleri.gov.tr"]);
    let shown = browser.get(&page(&schedule)).await;
    assert!(shown.shows("1 gönderildi, 1 gönderilemedi"), "{}", shown.html());
    assert!(shown.shows("550 5.1.1 <can> yok"), "{}", shown.html());
}

#[tokio::test]
async fn a_server_that_is_away_is_named_when_there_is_no_time_left() {
    // Nobody listens there.
    let world = World::with_mail("smtp://127.0.0.1:9");
    let schedule = world.schedule();
    world.app.clock.set(at("2026-11-24T08:30:00+03:00"));
    let mut browser = world.login("merkez").await;
    browser.get("/raporlama").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let mut sender = Sender::with_pauses(world.app.clone(), stop, &[std::time::Duration::from_millis(1)]);
    sender.look().await;
    assert_eq!((outcome(&world).delivered, outcome(&world).undelivered.len()), (0, 2));
    let shown = browser.get(&page(&schedule)).await;
    assert!(shown.shows("Gönderilemedi") && shown.shows("refused"), "{}", shown.html());
}

/// A setting that was made stricter after the form.
#[tokio::test]
async fn nothing_goes_to_a_domain_that_is_not_allowed() {
    let server = Server::start().await;
    let world = World::with_mail(&server.url);
    let mut schedule = world.schedule();
    schedule.terms.recipients.push("dis@baska.com".parse().unwrap());
    schedule.version += 1;
    world.app.schedules.put(schedule);
    world.app.clock.set(at("2026-11-24T08:30:00+03:00"));
    world.login("merkez").await.get("/raporlama").await;
    let mut sender = Sender::new(world.app.clone(), tokio_util::sync::CancellationToken::new());
    sender.look().await;
    assert_eq!(server.recipients(), ["ayse@icisleri.gov.tr", "can@icisleri.gov.tr"]);
    assert_eq!(outcome(&world).undelivered[0].reason, "Bu alan adına gönderim kapalıdır.");
    assert_eq!(kept(&world).id.to_string(), SCHEDULE);
}
