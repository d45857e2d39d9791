//! Raporlama: a figure is the same number on every page, in CSV, in XLSX, and as the length of the
//! list behind it.

use axum::http::StatusCode;
use ebasvuru_workflow::domain::application::{Outcome, Status};

use super::World;
use super::browser::Page;
use super::world::at;
use crate::controllers::report::kind::ReportKind;

const PERIOD: &str = "bas=2026-11-01&son=2026-11-30";

/// Twelve applications: four answered, one of these late, one withdrawn, seven open.
fn filled() -> World {
    let world = World::new();
    for n in 1..=12 {
        let mut application = world.application(n, "");
        let outcome = match n {
            1..=3 => Outcome::Positive,
            4 => Outcome::Negative,
            5 => Outcome::Withdrawn,
            _ => continue,
        };
        if n == 3 {
            application.breached_at = Some(at("2026-11-21T00:00:00+03:00"));
        }
        application.version += 1;
        let officer = Some("sorumlu".parse().unwrap());
        application.status = Status::Closed { outcome, officer, at: at("2026-11-22T10:00:00+03:00") };
        world.store.applications.lock().unwrap().insert(application.id, application);
    }
    world
}

/// The number in the row and column with these labels, and the address of the list behind it.
fn number(page: &Page, section: &str, row: &str, column: &str) -> (u64, String) {
    let place = |labels: Vec<String>, label: &str| {
        1 + labels.iter().position(|own| own == label).unwrap_or_else(|| panic!("{label} in {labels:?}"))
    };
    let x = place(page.texts(&format!("#{section} thead th")), column);
    let y = place(page.texts(&format!("#{section} tbody th")), row);
    let cell = format!("#{section} tbody tr:nth-child({y}) td:nth-child({x})");
    let text = page.text(&cell);
    let number = text.replace('.', "").parse().unwrap_or_else(|_| panic!("{text:?} is no number"));
    (number, page.attribute(&format!("{cell} a"), "href").unwrap_or_default())
}

#[tokio::test]
async fn every_report_is_a_page_a_csv_and_an_xlsx() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    for kind in ReportKind::ALL {
        let page = browser.get(&format!("{}?{PERIOD}", kind.path())).await;
        assert_eq!(page.status, StatusCode::OK, "{kind:?}: {}", page.html());
        assert!(page.shows("Bu sayı nasıl hesaplanır?"), "{kind:?}");
        let csv = browser.get(&format!("{}.csv?{PERIOD}", kind.path())).await;
        assert!(csv.bytes.starts_with("\u{feff}".as_bytes()), "{kind:?}");
        assert!(csv.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let xlsx = browser.get(&format!("{}.xlsx?{PERIOD}", kind.path())).await;
        assert!(xlsx.bytes.starts_with(b"PK"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_figure_is_the_same_on_every_page_and_in_its_list() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let expected = [
        ("Başvuru sayısı", 12),
        ("Açık", 7),
        ("Olumlu", 3),
        ("Olumsuz", 1),
        ("Süresi geçtikten sonra kapanan", 1),
    ];
    for (label, count) in expected {
        let overview = browser.get(&format!("/raporlama?{PERIOD}")).await;
        let (n, behind) = number(&overview, "genel", label, "Seçilen dönem");
        assert_eq!(n, count, "{label}");
        let list = browser.get(&behind).await;
        assert_eq!(list.count("th[scope=row]") as u64, count, "{behind}");
        let csv = browser.get(&behind.replace("/basvurular?", "/basvurular.csv?")).await;
        assert_eq!(csv.html().lines().count() as u64, count + 1, "{}", csv.html());
        let unit = world.app.unit_name(&"06-sivil-toplum".parse().unwrap());
        let valilik = world.app.catalog.valilik_name(6.try_into().unwrap());
        for (kind, row) in [(ReportKind::Units, unit.as_str()), (ReportKind::Valilikler, valilik)] {
            let page = browser.get(&format!("{}?{PERIOD}", kind.path())).await;
            assert_eq!(number(&page, "dagilim", row, label).0, count, "{kind:?} {label}");
        }
    }
    let everything = browser.get(&format!("/raporlama/basvurular.csv?{PERIOD}")).await;
    assert!(
        !everything.html().contains("10000000146") && !everything.html().contains("Ayşe"),
        "no personal data"
    );
}

#[tokio::test]
async fn filters_narrow_every_number_and_invalid_ones_are_refused() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let none = browser.get(&format!("/raporlama?{PERIOD}&valilik=34")).await;
    assert_eq!(number(&none, "genel", "Başvuru sayısı", "Seçilen dönem").0, 0);
    let none = browser.get("/raporlama?bas=2025-01-01&son=2025-02-01").await;
    assert_eq!(number(&none, "genel", "Başvuru sayısı", "Seçilen dönem").0, 0);
    let wrong = browser.get("/raporlama?bas=2026-12-01&son=2026-11-01").await;
    assert!(wrong.shows("Dönem en fazla iki yıl olmalı"));
    let hostile =
        browser.get("/raporlama?bas=%22%3E%3Cscript%3E&hizmet=%3Cimg&sirala=genel.99&birim='").await;
    assert_eq!(hostile.status, StatusCode::OK);
    assert!(!hostile.html().contains("<script>") && !hostile.html().contains("<img"));
}

#[tokio::test]
async fn a_table_can_be_sorted_by_its_headings() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let page = browser.get(&format!("/raporlama/valilikler?{PERIOD}&sirala=dagilim.-1")).await;
    assert!(page.has("th[aria-sort=descending]"));
    let names = page.texts("#dagilim tbody th");
    assert!(names[0].contains("Ankara"), "{names:?}");
    assert_eq!(names.len(), 81);
}
