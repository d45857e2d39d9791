//! Pages, prints and files say what they are of, up to when their data is complete, and hold the same
//! numbers.

use axum::http::StatusCode;
use calamine::Data;
use ebasvuru_analytics::freshness::Freshness;
use jiff::SignedDuration;

use super::World;
use super::browser::Page;
use super::report::{PERIOD, filled, sheets};
use crate::controllers::report::kind::ReportKind;

/// Sets how far the sink is behind.
fn behind(world: &World, lag: SignedDuration) {
    let asked_at = world.app.clock.now();
    world.app.freshness.set(Some(Freshness { as_of: asked_at - lag, asked_at, event_offset: 48_213 }));
}

#[tokio::test]
async fn every_page_of_the_read_model_says_up_to_when_it_is_complete_and_warns_after_a_minute() {
    let world = filled();
    let application = world.application(1, "");
    let mut administrator = world.login("merkez").await;
    let mut officer = world.login("sorumlu").await;
    let lists = ["/basvurular".to_owned(), format!("/basvurular/{}", application.no)];
    let reports = ReportKind::ALL.map(|kind| format!("{}?{PERIOD}", kind.path())).into_iter();
    let reports = reports.chain([format!("/raporlama/basvurular?{PERIOD}")]);
    let all: Vec<_> = reports.map(|path| (path, true)).chain(lists.map(|path| (path, false))).collect();
    for (path, is_report) in all {
        let browser = if is_report { &mut administrator } else { &mut officer };
        behind(&world, SignedDuration::ZERO);
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.shows("Veriler 23.11.2026 09:00:00 itibarıyla"), "{path}");
        assert!(!page.has(".behind[role=status]"), "{path}");
        behind(&world, SignedDuration::from_secs(150));
        let page = browser.get(&path).await;
        let warning = "Veriler 2 dk geriden geliyor: 23.11.2026 08:57:30 sonrasındaki işlemler burada henüz görünmüyor.";
        assert_eq!(page.text(".behind[role=status]"), warning, "{path}");
        world.app.freshness.set(None);
        assert!(browser.get(&path).await.text(".behind[role=status]").contains("bilinmiyor"), "{path}");
    }
    let users = administrator.get("/kullanicilar").await;
    assert!(!users.has(".behind") && !users.shows("itibarıyla"), "users are not of the read model");
}

/// The facts of a printed head: `label: value`.
fn facts(page: &Page) -> Vec<String> {
    let labels = page.texts(".letterhead dt");
    labels
        .iter()
        .zip(page.texts(".letterhead dd"))
        .map(|(label, value)| format!("{label}: {value}"))
        .collect()
}

#[tokio::test]
async fn a_printed_report_names_its_period_filters_data_and_reader() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    behind(&world, SignedDuration::from_secs(12));
    let filters = "valilik=6&birim=06-sivil-toplum&hizmet=dernek-kurulus";
    let page = browser.get(&format!("/raporlama/birimler?{PERIOD}&{filters}")).await;
    let unit = world.app.unit_name(&"06-sivil-toplum".parse().unwrap());
    let service = world.app.service_name(&"dernek-kurulus".parse().unwrap());
    assert_eq!(
        facts(&page),
        [
            "Dönem: 01.11.2026 – 30.11.2026",
            "Valilik: Ankara Valiliği",
            &format!("Birim: {unit}"),
            &format!("Hizmet: {service}"),
            "Veriler: 23.11.2026 08:59:48 itibarıyla",
            "Veri gecikmesi: 12 sn",
            "Olay sırası: 48.213",
            "Çıktı tarihi: 23.11.2026 09:00",
            "Çıktıyı alan: Merkez Yönetici (Yönetici)",
        ]
    );
    assert_eq!(page.text(".letterhead .title"), "Raporlama: Birimler");
    let unfiltered = browser.get(&format!("/raporlama?{PERIOD}")).await;
    assert!(facts(&unfiltered).contains(&"Birim: Tümü".to_owned()));
}

#[tokio::test]
async fn a_printed_list_names_its_filters_and_masks_whom_was_searched_for() {
    let world = filled();
    let mut officer = world.login("sorumlu").await;
    for (typed, masked) in
        [("10000000146", "*********46"), ("Ayşe Yılmaz", "A*** Y***"), ("2026-06", "2026-06")]
    {
        officer.get("/basvurular").await;
        let page = officer
            .post("/basvurular", &[("ara", typed), ("sure", "gecen"), ("durum", "suresi-gecen")])
            .await;
        let facts = facts(&officer.get(&page.location).await);
        assert!(facts.contains(&"Süre: Süresi Geçen".to_owned()), "{facts:?}");
        assert!(facts.contains(&"Başvuru Durumu: Süresi Geçen".to_owned()), "{facts:?}");
        assert!(facts.contains(&format!("Arama: {masked}")), "{facts:?}");
        assert!(!facts.iter().any(|fact| fact.contains("Kapsam")), "the whole list");
    }
    for n in 13..=40 {
        world.application(n, "");
    }
    let page = officer.get("/basvurular").await;
    assert!(
        facts(&page).contains(&"Kapsam: listenin bir sayfası, 25 satır".to_owned()),
        "{:?}",
        facts(&page)
    );
}

#[tokio::test]
async fn a_file_says_what_it_is_of_on_its_first_sheet_and_in_its_name() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    behind(&world, SignedDuration::from_secs(150));
    let query = format!("{PERIOD}&valilik=63&hizmet=dernek-kurulus");
    for (path, name) in [
        ("/raporlama.xlsx", "raporlama_2026-11-01_2026-11-30_sanliurfa_dernek-kurulus.xlsx"),
        ("/raporlama/birimler.csv", "birimler-dagilim_2026-11-01_2026-11-30_sanliurfa_dernek-kurulus.csv"),
        ("/raporlama/basvurular.csv", "basvurular-total_2026-11-01_2026-11-30_sanliurfa_dernek-kurulus.csv"),
        (
            "/raporlama/basvurular.xlsx",
            "basvurular-total_2026-11-01_2026-11-30_sanliurfa_dernek-kurulus.xlsx",
        ),
    ] {
        let file = browser.get(&format!("{path}?{query}")).await;
        let disposition = file.headers["content-disposition"].to_str().unwrap();
        assert_eq!(disposition, format!("attachment; filename=\"{name}\""));
        if !path.ends_with(".xlsx") {
            continue;
        }
        let sheets = sheets(&file);
        let (first, rows) = &sheets[0];
        assert_eq!(first, "Rapor");
        let fact = |label: &str| rows.iter().find(|row| row[0] == *label).map(|row| row[1].clone());
        let text = |label: &str| fact(label).map(|value| value.to_string());
        assert_eq!(text("Dönem").as_deref(), Some("01.11.2026 – 30.11.2026"), "{path}");
        assert_eq!(text("Valilik").as_deref(), Some("Şanlıurfa Valiliği"), "{path}");
        assert_eq!(text("Birim").as_deref(), Some("Tümü"), "{path}");
        assert_eq!(fact("Olay sırası"), Some(Data::Float(48_213.0)), "{path}");
        assert_eq!(text("Çıktıyı alan").as_deref(), Some("Merkez Yönetici (Yönetici)"), "{path}");
        assert!(text("Uyarı").is_some_and(|warning| warning.contains("2 dk geriden")), "{path}");
        // 23.11.2026 is day 46349 of Excel.
        let Some(Data::DateTime(as_of)) = fact("Veriler") else { panic!("{path}: {rows:?}") };
        let expected = 46_349.0 + (8.0 * 3600.0 + 57.0 * 60.0 + 30.0) / 86_400.0;
        assert!((as_of.as_f64() - expected).abs() < 1e-6, "{path}: {as_of:?}");
    }
    let list = browser.get(&format!("/raporlama/basvurular.xlsx?{PERIOD}")).await;
    let counts = |row: &&Vec<Data>| row[0] == "Başvuru sayısı" && row[1] == Data::Float(12.0);
    assert!(sheets(&list)[0].1.iter().any(|row| counts(&row)), "a list counts its rows");
}

/// A cell as page and files agree on it: numbers in units of the page, texts without marks.
#[derive(Debug)]
enum Shown {
    Number(f64),
    /// A duration in hours, shown in whole ones.
    Hours(f64),
    Text(String),
}

/// What the page shows. `%12,5` is a share, `3 gün 4 sa` and `2,0 gün` are durations.
fn on_page(text: &str) -> Shown {
    let grouped = |text: &str| {
        text.split(',').next().is_some_and(|n| n.split('.').skip(1).all(|three| three.len() == 3))
    };
    let number = |text: &str| {
        let plain = text.replace('.', "").replace(',', ".");
        plain.parse::<f64>().ok().filter(|_| grouped(text))
    };
    let words: Vec<_> = text.split(' ').collect();
    let hours = words.chunks(2).map(|pair| match pair {
        [n, "gün"] => number(n).map(|n| n * 24.0),
        [n, "sa"] => number(n),
        [n, "dk"] => number(n).map(|n| n / 60.0),
        _ => None,
    });
    if let Some(hours) = hours.sum::<Option<f64>>() {
        return Shown::Hours(hours);
    }
    if let Some(share) = number(&text.replacen('%', "", 1)).filter(|_| text.contains('%')) {
        return Shown::Number(share / 100.0);
    }
    number(text).map_or_else(|| Shown::Text(text.replace(['(', ')'], "")), Shown::Number)
}

fn agrees(page: &str, csv: &str, xlsx: &Data) -> bool {
    let of_csv = csv.replace(',', ".").parse::<f64>().ok();
    let of_xlsx = match xlsx {
        Data::Float(n) => Some(*n),
        Data::Int(n) => Some(*n as f64),
        _ => None,
    };
    match (on_page(page), of_csv, of_xlsx) {
        // The name of a row may look like a number.
        (_, _, None) if page == csv && *xlsx == *page => true,
        (Shown::Number(n), Some(csv), Some(xlsx)) => (n - csv).abs() < 6e-4 && (n - xlsx).abs() < 6e-4,
        (Shown::Hours(n), Some(csv), Some(xlsx)) => {
            // A duration of the page is cut to the hour, one in CSV has two places.
            (csv * 24.0 - n).abs() < 1.3 && (xlsx * 24.0 - csv * 24.0).abs() < 0.13
        }
        (Shown::Text(text), _, None) if text == "–" => csv.is_empty() && *xlsx == Data::Empty,
        (Shown::Text(text), _, None) => {
            let plain = |text: &str| text.replace(['(', ')'], "");
            let in_file = match xlsx {
                // A day, which the page and CSV write alike.
                Data::DateTime(_) => csv.to_owned(),
                other => other.to_string(),
            };
            plain(csv) == text && plain(&in_file) == text
        }
        _ => false,
    }
}

#[tokio::test]
async fn page_csv_and_xlsx_agree_cell_by_cell_in_every_table_of_every_report() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    let mut compared = 0;
    for kind in ReportKind::ALL {
        let page = browser.get(&format!("{}?{PERIOD}", kind.path())).await;
        let sheets = sheets(&browser.get(&format!("{}.xlsx?{PERIOD}", kind.path())).await);
        let sections = page.attributes("section.report", "id");
        assert!(!sections.is_empty(), "{kind:?}");
        for (section, (sheet, rows)) in sections.iter().zip(&sheets[1..]) {
            let csv = browser.get(&format!("{}.csv?{PERIOD}&tablo={section}", kind.path())).await;
            let csv = csv.html().trim_start_matches('\u{feff}').to_owned();
            let lines: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .delimiter(b';')
                .has_headers(false)
                .from_reader(csv.as_bytes())
                .records()
                .map(|line| line.unwrap().iter().map(str::to_owned).collect())
                .collect();
            // The page shows a group above its rows, a file in each of them.
            let is_group = |y: usize| page.has(&format!("#{section} tbody .group:nth-child({y})"));
            let is_grouped = is_group(1);
            let on_page = page.rows(&format!("#{section} tbody tr"));
            let on_page = (1..).zip(on_page).filter(|(y, _)| !is_group(*y)).map(|(_, row)| row);
            let mut on_page: Vec<_> = on_page.collect();
            on_page.extend(page.rows(&format!("#{section} tfoot tr")));
            let of_file = |x: usize, is_total: bool| x + usize::from(is_grouped && (x > 0 || !is_total));
            assert_eq!(on_page.len(), lines.len() - 1, "{kind:?} {section}: rows");
            assert_eq!(rows.len().max(1), lines.len(), "{kind:?} {section}: rows of {sheet}");
            for ((shown, line), row) in on_page.iter().zip(&lines[1..]).zip(rows.iter().skip(1)) {
                let missing = usize::from(is_grouped);
                assert_eq!(shown.len() + missing, line.len(), "{kind:?} {section}: {shown:?} {line:?}");
                for (x, shown) in shown.iter().enumerate() {
                    let x = of_file(x, line[0] == "Toplam");
                    let csv = &line[x];
                    let cell = row.get(x).cloned().unwrap_or(Data::Empty);
                    assert!(agrees(shown, csv, &cell), "{kind:?} {section}: {shown:?}, {csv:?}, {cell:?}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 1_000, "{compared}");
}

#[tokio::test]
async fn a_report_with_a_chart_has_it_in_the_spreadsheet_too() {
    let world = filled();
    let mut browser = world.login("merkez").await;
    for kind in ReportKind::ALL {
        let page = browser.get(&format!("{}?{PERIOD}", kind.path())).await;
        let file = browser.get(&format!("{}.xlsx?{PERIOD}", kind.path())).await;
        // Names of parts are not compressed; each stands before its part and in the directory at the end.
        let names = String::from_utf8_lossy(&file.bytes).matches("xl/charts/chart").count();
        // What is coloured in its table is no chart of the spreadsheet's.
        let drawn = page.count("section.report .chart") - page.count("#saatler .chart");
        // The map of the overview is one of bars there.
        let drawn = drawn + page.count("section.report .map");
        assert_eq!(names, drawn * 2, "{kind:?}");
    }
}
