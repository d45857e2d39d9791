//! Raporlama: a figure is the same number on every page, in CSV, in XLSX, and as the length of the
//! list behind it.

use std::io::Cursor;

use axum::http::StatusCode;
use calamine::{Data, Range, Reader, Xlsx};
use ebasvuru_workflow::domain::application::{Outcome, Phase, Status};

use super::World;
use super::browser::{Browser, Page};
use super::world::at;
use crate::controllers::report::kind::ReportKind;

pub const PERIOD: &str = "bas=2026-11-01&son=2026-11-30";

/// Twelve applications: four answered, one of these late, one withdrawn, seven open.
pub fn filled() -> World {
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
        assert!(page.shows("Bu sayılar nasıl hesaplanır?"), "{kind:?}");
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
        ("Gelen", 12),
        ("Hâlâ açık", 7),
        ("Olumlu", 3),
        ("Olumsuz", 1),
        ("Süresi geçtikten sonra sonuçlanmış", 1),
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

/// The number and the link of the card with this label.
fn card(page: &Page, label: &str) -> (String, String) {
    let labels = page.texts("#ozet .figures h3");
    let n = 1 + labels.iter().position(|own| own == label).unwrap_or_else(|| panic!("{label} in {labels:?}"));
    let link = format!("#ozet .figures li:nth-child({n}) .figure a");
    (page.text(&link), page.attribute(&link, "href").unwrap())
}

#[tokio::test]
async fn the_list_behind_a_card_has_as_many_rows_as_the_card_says() {
    let world = filled();
    // Received before the period, closed in it; and one that is open since long.
    for n in 20..=22 {
        let mut application = world.application(n, "");
        application.received_at = at("2026-10-01T10:00:00+03:00");
        application.version += 1;
        if n < 22 {
            let officer = Some("sorumlu".parse().unwrap());
            let at = at("2026-11-22T10:00:00+03:00");
            application.status = Status::Closed { outcome: Outcome::Positive, officer, at };
        }
        world.store.applications.lock().unwrap().insert(application.id, application);
    }
    let mut browser = world.login("merkez").await;
    let page = browser.get(&format!("/raporlama?{PERIOD}")).await;
    // Twelve were received in the period; seven closed: five of these, and two of those before. One
    // answer was late, and no answer is missing.
    let expected = [("Gelen", "12", 12), ("Sonuçlanan", "7", 7), ("Süresinde cevaplanma oranı", "%83,3", 6)];
    let expected = expected.into_iter().chain([("Şu an açık", "8", 8), ("Şu an süresi geçmiş", "0", 0)]);
    for (label, value, rows) in expected {
        let (shown, behind) = card(&page, label);
        assert_eq!(shown, value, "{label}");
        let list = browser.get(&behind).await;
        assert_eq!(list.status, StatusCode::OK, "{behind}");
        assert_eq!(list.count("th[scope=row]"), rows, "{label}: {behind}");
        let csv = browser.get(&behind.replace("/basvurular?", "/basvurular.csv?")).await;
        assert_eq!(csv.html().lines().count(), rows + 1, "{label}");
    }
    let (_, behind) = card(&page, "Cevaplanma süresi (ortanca)");
    assert_eq!(browser.get(&behind).await.count("th[scope=row]"), 6, "{behind}");
    // The same words and numbers in the table, one unit in each column.
    assert_eq!(number(&page, "ozet", "Sonuçlanan", "Sayı").0, 7);
    assert_eq!(number(&page, "genel", "Sonuçlanmış", "Seçilen dönem").0, 5, "of those received");
}

#[tokio::test]
async fn the_list_behind_an_age_has_as_many_rows_as_its_bar() {
    let world = filled();
    let due = ["11-23", "11-15", "11-07", "09-22", "11-24", "11-28", "12-21"];
    for (n, day) in (6..).zip(due) {
        let mut application = world.application(n, "");
        application.phase = Phase::Application { due_at: at(&format!("2026-{day}T00:00:00+03:00")) };
        application.version += 1;
        world.store.applications.lock().unwrap().insert(application.id, application);
    }
    let mut browser = world.login("merkez").await;
    let (late, open) = ("Şu an süresi geçmiş", "Hâlâ açık (Ön Başvuru hariç)");
    let ages = [
        ("Bir haftadan fazla kalan", 1),
        ("4–7 gün kalan", 1),
        ("Son 3 gün", 1),
        ("1 haftaya kadar geçen", 1),
        ("8–15 gün geçen", 1),
        ("16–30 gün geçen", 1),
        ("31–60 gün geçen", 0),
        ("60 günü aşan", 1),
    ];
    let of_now = ages[3..].iter().map(|(age, n)| (ReportKind::Overview, "gecikme", late, *age, *n));
    let of_period = ages.iter().map(|(age, n)| (ReportKind::Overdue, "yaslar", open, *age, *n));
    for bar in of_now.chain(of_period) {
        assert_list_behind(&mut browser, bar).await;
    }
    let list = browser.get(&format!("/raporlama/basvurular?{PERIOD}&rakam=overdue_now")).await;
    let last_days: Vec<String> = list.rows("tbody tr").into_iter().map(|row| row[8].clone()).collect();
    assert_eq!(last_days, ["21.09.2026", "06.11.2026", "14.11.2026", "22.11.2026"], "the latest first");
    let wrong = browser.get(&format!("/raporlama/basvurular?{PERIOD}&rakam=overdue_now&dilim=9")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.shows("Dilim: listede olmayan bir değer seçilmiş."));
}

/// Checks the number of a bar or box, given by report, section, column and row, and that page, list and
/// file behind it have as many rows.
async fn assert_list_behind(
    browser: &mut Browser,
    (kind, section, column, row, count): (ReportKind, &str, &str, &str, u64),
) {
    let page = browser.get(&format!("{}?{PERIOD}", kind.path())).await;
    let (n, behind) = number(&page, section, row, column);
    assert_eq!(n, count, "{kind:?} {section} {row} {column}");
    if n > 0 {
        let in_chart = page.attributes(&format!("#{section} svg a"), "href");
        assert!(in_chart.contains(&behind), "{behind} in {in_chart:?}");
        let list = browser.get(&behind).await;
        assert_eq!(list.count("th[scope=row]") as u64, n, "{behind}");
        assert!(list.shows(row), "{behind}");
        let csv = browser.get(&behind.replace("/basvurular?", "/basvurular.csv?")).await;
        assert_eq!(csv.html().lines().count() as u64, n + 1, "{}", csv.html());
    }
}

#[tokio::test]
async fn the_list_behind_an_answer_time_or_an_hour_has_as_many_rows_as_its_bar() {
    let world = filled();
    // Answered on Sunday, like the others, who had been received on Friday after ten.
    let received = ["2026-11-20T10:59:59+03:00", "2026-11-19T23:00:00+03:00", "2026-11-02T00:00:00+03:00"];
    for (n, received) in (6..).zip(received) {
        let mut application = world.application(n, "");
        application.received_at = at(received);
        let officer = Some("sorumlu".parse().unwrap());
        let at = at("2026-11-22T10:00:00+03:00");
        application.status = Status::Closed { outcome: Outcome::Negative, officer, at };
        application.version += 1;
        world.store.applications.lock().unwrap().insert(application.id, application);
    }
    let mut browser = world.login("merkez").await;
    let (answers, hours) = (ReportKind::Response, ReportKind::Intake);
    let bars = [
        (answers, "takvim", "Başvuru", "0–1 gün", 0),
        (answers, "takvim", "Başvuru", "2–3 gün", 6),
        (answers, "takvim", "Başvuru", "16–20 gün", 1),
        (answers, "is-gunu", "Başvuru", "0–1 gün", 6),
        (answers, "is-gunu", "Başvuru", "11–15 gün", 1),
        (answers, "is-gunu", "Başvuru", "31 gün ve üstü", 0),
        (hours, "saatler", "Cum", "10.00", 10),
        (hours, "saatler", "Per", "23.00", 1),
        (hours, "saatler", "Pzt", "00.00", 1),
        (hours, "saatler", "Paz", "10.00", 0),
    ];
    for bar in bars {
        assert_list_behind(&mut browser, bar).await;
    }
}

#[tokio::test]
async fn a_change_is_against_the_period_before_or_against_its_beginning() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let alone = browser.get(&format!("/raporlama?{PERIOD}")).await;
    // There was nothing in the period before.
    let stands = ["+7 (artış); dönem başında 0", "değişmedi; dönem başında 0"];
    assert_eq!(alone.texts(".figures .change"), stands);
    for n in 30..=32 {
        let mut before = world.application(n, "");
        before.received_at = at("2026-10-10T10:00:00+03:00");
        before.version += 1;
        world.store.applications.lock().unwrap().insert(before.id, before);
    }
    let page = browser.get(&format!("/raporlama?{PERIOD}")).await;
    let [received, open, overdue] = &page.texts(".figures .change")[..] else { panic!() };
    assert_eq!(received, "+%300,0 (artış); önceki dönem 3");
    assert_eq!(open, "+7 (artış); dönem başında 3");
    assert_eq!(overdue, "değişmedi; dönem başında 0");
    assert!(page.shows("Önceki dönem: 02.10.2026 – 31.10.2026."));
    // Today is not over.
    let today = browser.get("/raporlama?bas=2026-11-23&son=2026-11-23").await;
    assert!(today.texts(".figures .change").iter().all(|words| words.contains("dönem başında")));
}

#[tokio::test]
async fn a_tile_of_the_map_leads_to_the_same_number() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let measures = [
        ("", "Gelen", "12"),
        ("acik", "Şu an açık", "7"),
        ("suresi-gecmis", "Şu an süresi geçmiş", "0"),
        ("oran", "Süresinde cevaplanma oranı", "%75,0"),
    ];
    for (measure, label, value) in measures {
        let page = browser.get(&format!("/raporlama?{PERIOD}&olcu={measure}")).await;
        assert_eq!(page.count("#harita .map li"), 81, "{label}");
        assert_eq!(page.text("#harita [aria-current]"), label);
        let tile = "#harita .map .x5.y3 a";
        assert_eq!(page.text(&format!("{tile} .place")), "Ankara");
        assert_eq!(page.text(&format!("{tile} strong")), value, "{label}");
        let there = browser.get(&page.attribute(tile, "href").unwrap()).await;
        assert_eq!(card(&there, label).0, value, "{label}");
        let of_legend: u64 = page
            .texts("#harita .classes small")
            .iter()
            .map(|words| words.trim_matches(['(', ')']).split(' ').next().unwrap().parse::<u64>().unwrap())
            .sum();
        assert_eq!(of_legend, 81, "every valilik has a class: {label}");
    }
}

#[tokio::test]
async fn filters_narrow_every_number_and_invalid_ones_are_refused() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let none = browser.get(&format!("/raporlama?{PERIOD}&valilik=34")).await;
    assert_eq!(number(&none, "genel", "Gelen", "Seçilen dönem").0, 0);
    let none = browser.get("/raporlama?bas=2025-01-01&son=2025-02-01").await;
    assert_eq!(number(&none, "genel", "Gelen", "Seçilen dönem").0, 0);
    let wrong = browser.get("/raporlama?bas=2026-12-01&son=2026-11-01").await;
    assert!(wrong.shows("Başlangıç tarihi bitiş tarihinden sonra olamaz."));
    let hostile =
        browser.get("/raporlama?bas=%22%3E%3Cscript%3E&hizmet=%3Cimg&sirala=genel.99&birim='").await;
    assert_eq!(hostile.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!hostile.html().contains("<script>") && !hostile.html().contains("<img"));
}

#[tokio::test]
async fn a_question_that_cannot_be_has_the_same_refusal_on_the_page_and_in_every_file() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let period = "Dönem en fazla iki yıl olabilir.";
    let reports = ReportKind::ALL.map(ReportKind::path).into_iter().chain(["/raporlama/basvurular"]);
    let all = reports.map(|path| (path, "bas=2023-01-01&son=2026-11-25", period));
    let queries = [
        ("bas=2026-11-25", "Başlangıç ve bitiş tarihini giriniz."),
        ("bas=25.11.2026&son=26.11.2026", "Başlangıç ve bitiş tarihini giriniz."),
        ("hizmet=yok", "Hizmet: listede olmayan bir değer seçilmiş."),
        ("birim=99-yok", "Birim: listede olmayan bir değer seçilmiş."),
        ("valilik=82", "Valilik: listede olmayan bir değer seçilmiş."),
        ("sorumlu=kimse", "Sorumlu: listede olmayan bir değer seçilmiş."),
        ("rakam=yok", "Gösterge: listede olmayan bir değer seçilmiş."),
        ("bas=2026-11-26T12:00&son=2026-11-26T13:00", "Başlangıç ve bitiş tarihini giriniz."),
        ("valilik=06", "Valilik: listede olmayan bir değer seçilmiş."),
        ("sorumlu=sorumlu%0d%0a", "Sorumlu: listede olmayan bir değer seçilmiş."),
        ("sorumlu=SORUMLU", "Sorumlu: listede olmayan bir değer seçilmiş."),
        ("dilim=is-gunu-2-3", "Dilim: listede olmayan bir değer seçilmiş."),
        ("dilim=pzt-10&rakam=answered", "Dilim: listede olmayan bir değer seçilmiş."),
        ("dilim=gecen-0-7&rakam=closed", "Dilim: listede olmayan bir değer seçilmiş."),
    ];
    let more = ["/raporlama/birimler", "/raporlama/basvurular"];
    let more = more.into_iter().flat_map(|path| queries.map(|(query, sentence)| (path, query, sentence)));
    for (path, query, sentence) in all.chain(more) {
        for suffix in ["", ".csv", ".xlsx"] {
            let page = browser.get(&format!("{path}{suffix}?{query}")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}{suffix}?{query}");
            assert!(page.text(".alert.error").contains(sentence), "{path}{suffix}?{query}");
            assert!(!page.headers.contains_key("content-disposition"), "{path}{suffix}?{query}");
            assert_eq!(page.count("tbody td"), 0, "no numbers of another question");
        }
    }
    let unknown = browser.get(&format!("/raporlama.csv?{PERIOD}&tablo=yok")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "another table is no answer");
}

#[tokio::test]
async fn a_report_says_what_it_is_of_and_nothing_else() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    // The system has no filters, and only lists have an officer or a part of a chart.
    for path in ["/raporlama/sistem?", "/raporlama/birimler?bas=2026-11-01&son=2026-11-30&rakam=total&"] {
        let page = browser.get(&format!("{path}sorumlu=sorumlu&dilim=pzt-10")).await;
        let stated = page.text(".letterhead dl");
        assert!(!stated.contains("Sorumlu") && !stated.contains("Pzt"), "{stated}");
    }
    let page = browser.get(&format!("/raporlama/sistem?{PERIOD}&valilik=6")).await;
    let stated = page.text(".letterhead dl");
    assert!(!stated.contains("Ankara") && !stated.contains("Dönem"), "{stated}");
    let csv = browser.get(&format!("/raporlama/sistem.csv?{PERIOD}&valilik=6")).await;
    let name = csv.headers["content-disposition"].to_str().unwrap().to_owned();
    assert!(!name.contains("ankara") && !name.contains("2026-11-30"), "{name}");
    let now = browser.get(&format!("/raporlama/basvurular.csv?{PERIOD}&rakam=open_now")).await;
    assert_eq!(now.headers["content-disposition"], "attachment; filename=\"basvurular-open_now.csv\"");
    let page = browser.get(&format!("/raporlama?{PERIOD}&valilik=6")).await;
    assert!(page.text(".fresh").contains("30.11.2026 dönemi, Ankara Valiliği."), "{}", page.text(".fresh"));
}

#[tokio::test]
async fn the_map_is_of_the_whole_country_or_not_there() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    for path in ["/raporlama", "/raporlama/valilikler"] {
        assert_eq!(browser.get(&format!("{path}?{PERIOD}")).await.count(".map li"), 81, "{path}");
        assert_eq!(browser.get(&format!("{path}?{PERIOD}&valilik=6")).await.count(".map li"), 0, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_a_list_that_is_not_there_is_refused_and_its_number_is_not_believed() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let list = format!("/raporlama/basvurular?{PERIOD}");
    for query in ["sonra=bozuk&sayfa=5", "once=bozuk&sayfa=3"] {
        let page = browser.get(&format!("{list}&{query}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(page.shows("Listenin bu sayfası yok."), "{query}");
    }
    let page = browser.get(&format!("{list}&sayfa=5")).await;
    assert!(page.shows("12 başvuru") && !page.shows("sayfa 5"), "{}", page.html());
}

#[tokio::test]
async fn a_period_long_ago_has_nothing_in_it() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    for period in [
        "bas=-000001-01-01&son=-000001-01-02",
        "bas=0000-01-01&son=0000-01-02",
        "bas=9999-01-01&son=9999-12-30",
    ] {
        for kind in ReportKind::ALL {
            let page = browser.get(&format!("{}?{period}", kind.path())).await;
            assert_eq!(page.status, StatusCode::OK, "{kind:?} {period}");
        }
        let list = format!("/raporlama/basvurular?{period}&rakam=answered&dilim=takvim-0-1");
        assert_eq!(browser.get(&list).await.count("tbody th"), 0, "{period}");
    }
}

/// The sheets of a file with their cells; the first is the head of the document.
pub fn sheets(page: &Page) -> Vec<(String, Vec<Vec<Data>>)> {
    assert_eq!(page.status, StatusCode::OK, "{}", String::from_utf8_lossy(&page.bytes));
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(page.bytes.clone())).unwrap();
    let rows = |range: Range<Data>| range.rows().map(<[Data]>::to_vec).collect();
    book.worksheets().into_iter().map(|(name, range)| (name, rows(range))).collect()
}

#[tokio::test]
async fn a_list_as_xlsx_has_dates_and_numbers() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let all = sheets(&browser.get(&format!("/raporlama/basvurular.xlsx?{PERIOD}")).await);
    let [_, (name, rows)] = &all[..] else { panic!("{all:?}") };
    assert_eq!((name.as_str(), rows.len()), ("Başvurular", 13));
    let column = |label: &str| rows[0].iter().position(|cell| *cell == *label).unwrap();
    let row = &rows[12];
    let serial = |label| match &row[column(label)] {
        Data::DateTime(at) => at.as_f64(),
        other => panic!("{label}: {other:?}"),
    };
    // 20.11.2026 is day 46346 of Excel.
    let arrived = serial("Başvuru tarihi");
    assert!((46_346.0 + 10.0 / 24.0..46_346.5).contains(&arrived), "in Turkey: {arrived}");
    assert!((serial("Son gün") - 46_376.0).abs() < f64::EPSILON, "a day has no time");
    let closed = rows.iter().find(|row| matches!(row[column("Sonuçlanma")], Data::DateTime(_))).unwrap();
    match &closed[column("Cevaplanma süresi (gün)")] {
        Data::Float(days) => assert!((1.9..2.1).contains(days), "{days}"),
        other => panic!("{other:?}"),
    }
    assert!(rows[1..].iter().any(|row| row[column("Cevaplanma süresi (gün)")] == Data::Empty), "open");
}

#[tokio::test]
async fn reports_as_xlsx_have_named_sheets_and_no_numbers_as_texts() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    for kind in ReportKind::ALL {
        let all = sheets(&browser.get(&format!("{}.xlsx?{PERIOD}", kind.path())).await);
        assert!(!all.is_empty(), "{kind:?}");
        for (name, rows) in all.into_iter().skip(1) {
            assert!(!name.starts_with("Sheet") && name.chars().count() <= 31, "{kind:?} {name}");
            // The first column names the rows, hours of the day among them.
            for cell in rows.iter().skip(1).flat_map(|row| &row[1..]) {
                let Data::String(text) = cell else { continue };
                let number = text.replace(['.', ',', '%', ':', ' '], "");
                let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
                assert!(!is_number, "{kind:?} {name}: {text:?} is a text");
            }
        }
    }
    let units = sheets(&browser.get(&format!("/raporlama/birimler.xlsx?{PERIOD}")).await);
    let labels: Vec<_> = units[1].1[0].iter().map(ToString::to_string).collect();
    assert!(labels.contains(&"Cevaplanmışlarda süre (ortanca) (gün)".to_owned()), "{labels:?}");
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
