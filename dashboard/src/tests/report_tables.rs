//! The tables of reports: totals, subtotals, the cross table, and how large a page may be.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use ebasvuru_workflow::domain::application::{Application, Outcome, Phase, Status};

use super::World;
use super::browser::{Browser, Page};
use super::world::at;

const PERIOD: &str = "bas=2026-11-01&son=2026-11-30";

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn put(world: &World, mut application: Application, change: impl FnOnce(&mut Application)) {
    change(&mut application);
    application.version += 1;
    world.store.applications.lock().unwrap().insert(application.id, application);
}

/// Applications in many units of many governorates, in every status, some of them late.
fn scattered(count: u64) -> World {
    let world = World::new();
    let mut random = Random(7);
    let units: Vec<_> = world.app.catalog.units().cloned().collect();
    let units: Vec<_> = (0..9).map(|_| units[random.below(units.len() as u64) as usize].clone()).collect();
    let services = ["dernek-kurulus", "dilekce", "apostil"];
    let services: Vec<_> =
        world.app.catalog.services().filter(|it| services.contains(&it.slug.as_str())).collect();
    assert!(services.len() > 1, "{services:?}");
    for n in 1..=count {
        put(&world, world.application(n, ""), |application| {
            let unit = &units[random.below(9) as usize];
            application.unit = unit.id.clone();
            application.valilik = if random.below(5) == 0 { 6.try_into().unwrap() } else { unit.valilik };
            application.service = services[random.below(services.len() as u64) as usize].slug.clone();
            let officer = || ["sorumlu", "sorumlu2"][n as usize % 2].parse().unwrap();
            let closed = |outcome| Status::Closed {
                outcome,
                officer: Some(officer()),
                at: at("2026-11-22T10:00:00+03:00"),
            };
            application.status = match random.below(5) {
                0 => Status::Unassigned,
                1 => Status::Assigned { officer: officer() },
                2 => closed(Outcome::Negative),
                3 => closed(Outcome::Withdrawn),
                _ => closed(Outcome::Positive),
            };
            if random.below(4) == 0 {
                application.phase = Phase::Application { due_at: at("2026-11-21T00:00:00+03:00") };
            }
        });
    }
    world
}

fn number(text: &str) -> Option<u64> {
    text.replace('.', "").parse().ok()
}

/// A report's CSV: its headings, and its lines.
async fn csv(browser: &mut Browser, path: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{path}");
    let text = page.html().trim_start_matches('\u{feff}').to_owned();
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let lines = reader.records().map(|line| line.unwrap().iter().map(str::to_owned).collect()).collect();
    (headings, lines)
}

#[tokio::test]
async fn a_total_is_the_sum_of_its_rows_and_its_medians_are_of_the_whole() {
    let world = scattered(90);
    let mut browser = world.login("merkez").await;
    let paths = ["birimler", "hizmetler", "valilikler", "hizmet-birim", "sonuclar", "yogunluk", "surec"];
    for path in paths {
        let table = if path == "surec" { "&tablo=nerede" } else { "" };
        let (headings, mut lines) =
            csv(&mut browser, &format!("/raporlama/{path}.csv?{PERIOD}{table}")).await;
        let total = lines.pop().unwrap();
        assert_eq!(total[0], "Toplam", "{path}");
        let mut added = 0;
        for (x, heading) in headings.iter().enumerate().skip(1) {
            let is_count = lines.iter().all(|line| line[x].is_empty() || number(&line[x]).is_some());
            let median = heading.contains("ortanca") || heading.contains("%90") || heading.contains("oran");
            if !is_count || median || total[x].is_empty() {
                continue;
            }
            let sum: u64 = lines.iter().filter_map(|line| number(&line[x])).sum();
            assert_eq!(number(&total[x]), Some(sum), "{path}: {heading}");
            added += 1;
        }
        assert!(added > 0, "{path}: {headings:?}");
    }
    let median = |lines: &[Vec<String>], headings: &[String]| {
        let x = headings.iter().position(|heading| heading.contains("ortanca")).unwrap();
        lines.last().unwrap()[x].clone()
    };
    let (headings, by_unit) = csv(&mut browser, &format!("/raporlama/birimler.csv?{PERIOD}")).await;
    let (others, by_service) = csv(&mut browser, &format!("/raporlama/hizmetler.csv?{PERIOD}")).await;
    assert_eq!(median(&by_unit, &headings), median(&by_service, &others), "one whole has one median");
}

/// The rows of the page's table: the group whose subtotal it is, and the cells.
fn rows(page: &Page, section: &str) -> Vec<(bool, Vec<String>)> {
    (1..=page.count(&format!("#{section} tbody tr")))
        .map(|y| {
            let row = format!("#{section} tbody tr:nth-child({y})");
            let cells = [page.texts(&format!("{row} th")), page.texts(&format!("{row} td"))].concat();
            (page.attribute(&row, "class").is_some_and(|class| class.starts_with("group")), cells)
        })
        .collect()
}

#[tokio::test]
async fn a_subtotal_is_the_sum_of_its_rows_and_opens_its_own_list() {
    let world = scattered(90);
    let mut browser = world.login("merkez").await;
    let page = browser.get(&format!("/raporlama/birimler?{PERIOD}")).await;
    let all = rows(&page, "dagilim");
    assert!(all.iter().filter(|(is_group, _)| *is_group).count() > 3, "{all:?}");
    let groups: Vec<_> = all.chunk_by(|_, (is_group, _)| !is_group).collect();
    for group in &groups {
        let [(true, subtotal), own @ ..] = group else { panic!("{group:?}") };
        let sum: u64 = own.iter().filter_map(|(_, cells)| number(&cells[1])).sum();
        assert_eq!(number(&subtotal[1]), Some(sum), "{group:?}");
    }
    let total: u64 = groups.iter().filter_map(|group| number(&group[0].1[1])).sum();
    assert_eq!(total, 90);
    let behind = page.attribute("#dagilim tbody .group td a", "href").unwrap();
    assert!(behind.contains("il="), "{behind}");
    let list = browser.get(&behind).await;
    assert_eq!(list.count("th[scope=row]") as u64, number(&groups[0][0].1[1]).unwrap(), "{behind}");
}

#[tokio::test]
async fn a_cell_of_the_cross_table_counts_the_list_behind_it() {
    let world = scattered(60);
    let mut browser = world.login("merkez").await;
    let home = {
        let all = world.store.applications.lock().unwrap();
        let mut homes = BTreeMap::<_, u32>::new();
        all.values()
            .for_each(|a| *homes.entry(a.unit.as_str()[..2].parse::<u8>().unwrap()).or_default() += 1);
        homes.into_iter().max_by_key(|(_, count)| *count).unwrap().0
    };
    for narrow in [String::new(), format!("&il={home}")] {
        for value in
            ["basvuru", "acik", "cevaplanan", "olumlu", "olumsuz", "suresi-gecen", "suresi-gecen-acik"]
        {
            let page = browser.get(&format!("/raporlama/hizmet-birim?{PERIOD}{narrow}&olcu={value}")).await;
            let cells = page.texts("#capraz td a");
            let hrefs = page.attributes("#capraz td a", "href");
            assert!(cells.len() > 3 && cells.len() == hrefs.len(), "{value}: {cells:?}");
            // The corner, and every seventh cell.
            let last = cells.len() - 1;
            for i in (0..last).step_by(7).chain([last]) {
                let list = browser.get(&hrefs[i]).await;
                let (count, shown) = (number(&cells[i]).unwrap(), list.count("th[scope=row]") as u64);
                assert_eq!(shown, count.min(100), "{value}: {}", hrefs[i]);
            }
        }
    }
    let page = browser.get(&format!("/raporlama/hizmet-birim?{PERIOD}")).await;
    let row = browser.get(&page.attribute("#capraz tbody th a", "href").unwrap()).await;
    assert_eq!(row.text("#capraz thead th:nth-child(1)").split_whitespace().next(), Some("Birim"));
    let unit = browser.get(&row.attribute("#capraz tbody th a", "href").unwrap()).await;
    assert!(unit.has("#dagilim tbody tr"), "the services of the unit");
    let column = browser.get(&page.attribute("#capraz thead th:nth-child(3) a", "href").unwrap()).await;
    assert!(column.has("#dagilim tbody .group"), "the units with the service");
}

#[tokio::test]
async fn shares_and_medians_of_the_cross_table_are_those_of_the_whole() {
    let world = scattered(60);
    let mut browser = world.login("merkez").await;
    let path = |value: &str| format!("/raporlama/hizmet-birim.csv?{PERIOD}&olcu={value}");
    let mut corner = BTreeMap::new();
    for value in ["cevaplanan", "olumlu", "olumlu-orani", "sure"] {
        let (_, lines) = csv(&mut browser, &path(value)).await;
        corner.insert(value, lines.last().unwrap()[1].replace(',', ".").parse::<f64>().unwrap());
    }
    assert!((corner["olumlu-orani"] - corner["olumlu"] / corner["cevaplanan"]).abs() < 0.0001, "{corner:?}");
    let (headings, services) = csv(&mut browser, &format!("/raporlama/hizmetler.csv?{PERIOD}")).await;
    let x = headings.iter().position(|heading| heading.contains("ortanca")).unwrap();
    let median: f64 = services.last().unwrap()[x].replace(',', ".").parse().unwrap();
    assert!((corner["sure"] - median).abs() < 0.001, "{corner:?} {median}");
}

#[tokio::test]
async fn the_workload_is_what_each_officer_holds_now_whenever_it_came() {
    let world = scattered(60);
    let held = {
        let all = world.store.applications.lock().unwrap();
        all.values().filter(|a| matches!(a.status, Status::Assigned { .. })).count() as u64
    };
    let mut browser = world.login("merkez").await;
    for period in ["bas=2026-11-01&son=2026-11-30", "bas=2025-01-01&son=2025-01-31"] {
        let (headings, lines) =
            csv(&mut browser, &format!("/raporlama/is-yuku.csv?{period}&tablo=uzerinde")).await;
        let x = headings.iter().position(|heading| heading == "Sorumlu Üzerinde").unwrap();
        assert_eq!(number(&lines.last().unwrap()[x]), Some(held), "{period}");
        assert!(!headings.iter().any(|heading| heading == "Teslim Bekliyor"), "{headings:?}");
    }
}

/// The greatest sizes, in bytes, of pages with the whole country in them.
const BIRIMLER_BYTES: usize = 200_000;
const HIZMET_BIRIM_BYTES: usize = 560_000;

#[tokio::test]
async fn a_page_of_the_whole_country_is_small() {
    let world = World::new();
    let units: Vec<_> = world.app.catalog.units().cloned().collect();
    let services: Vec<_> = world.app.catalog.services().map(|it| it.slug.clone()).collect();
    for (n, unit) in (1..).zip(&units) {
        put(&world, world.application(n, ""), |application| {
            application.unit = unit.id.clone();
            application.valilik = unit.valilik;
            application.service = services[n as usize % services.len()].clone();
        });
    }
    for (n, (service, valilik, unit)) in (1 + units.len() as u64..).zip(world.app.catalog.routes()) {
        put(&world, world.application(n, ""), |application| {
            (application.unit, application.valilik, application.service) =
                (unit.clone(), valilik, service.clone());
        });
    }
    let mut browser = world.login("merkez").await;
    let page = browser.get(&format!("/raporlama/birimler?{PERIOD}")).await;
    println!("birimler: {} bytes", page.bytes.len());
    assert_eq!(page.count("#dagilim tbody .group"), 81);
    assert_eq!(page.count("#dagilim tbody tr"), 81, "the units are folded");
    assert!(page.bytes.len() < BIRIMLER_BYTES, "{}", page.bytes.len());

    let unfold = page.attribute("#dagilim tbody .group th a", "href").unwrap();
    let (address, place) = unfold.split_once('#').unwrap();
    let page = browser.get(address).await;
    assert!(page.has(&format!("#{place}")), "{place}");
    let open = page.count("#dagilim tbody tr") - 81;
    assert!((8..=13).contains(&open), "without a script one governorate is unfolded: {open}");
    assert!(!page.attribute("#dagilim tbody .group th a", "href").unwrap().contains("ac="), "folds again");

    let cross = browser.get(&format!("/raporlama/hizmet-birim?{PERIOD}")).await;
    println!("hizmet-birim: {} bytes", cross.bytes.len());
    assert_eq!(cross.count("#capraz tbody tr"), 81);
    assert!(cross.bytes.len() < HIZMET_BIRIM_BYTES, "{}", cross.bytes.len());

    let (_, lines) = csv(&mut browser, &format!("/raporlama/birimler.csv?{PERIOD}")).await;
    assert_eq!(lines.len(), units.len() + 1, "the file has every unit, and the total");
}

#[tokio::test]
async fn a_list_says_how_many_it_has_of_what_and_leads_back_to_its_report() {
    let world = World::new();
    for n in 1..=230 {
        put(&world, world.application(n, ""), |application| {
            application.status = Status::Assigned { officer: "sorumlu".parse().unwrap() };
        });
    }
    let mut browser = world.login("merkez").await;
    let path = format!("/raporlama/basvurular?{PERIOD}&rakam=assigned&sorumlu=sorumlu&birim=06-sivil-toplum");
    let from = format!("/raporlama/is-yuku?{PERIOD}&sirala=donem.-1");
    let request =
        axum::http::Request::get(&path).header("referer", format!("https://e-basvuru.example{from}"));
    let first = browser.send(request, axum::body::Body::empty()).await;
    assert!(first.shows("230 başvuru, sayfa 1 / 3"), "{}", first.text("main"));
    for words in ["Selim Sorumlu", &world.app.unit_name(&"06-sivil-toplum".parse().unwrap()), "01.11.2026"] {
        assert!(first.text("main .facts").contains(words), "{words}: {}", first.text("main .facts"));
    }
    assert_eq!(first.attribute(".crumb a", "href").as_deref(), Some(from.as_str()));
    let second = browser.get(&first.attribute(".pages a[rel=\"next\"]", "href").unwrap()).await;
    assert!(second.shows("230 başvuru, sayfa 2 / 3"), "{}", second.text("main"));
    assert_eq!(
        second.attribute(".crumb a", "href").as_deref(),
        Some(from.as_str()),
        "also from its next page"
    );
    let back = browser.get(&second.attribute(".pages a[rel=\"prev\"]", "href").unwrap()).await;
    assert!(back.shows("230 başvuru, sayfa 1 / 3"));

    for evil in
        ["https://evil.example/", "//evil.example/raporlama", "/cikis", "/\\evil.example", "javascript:1"]
    {
        let page = browser.get(&format!("{path}&geri={}", crate::view::address::percent(evil))).await;
        let back = page.attribute(".crumb a", "href").unwrap();
        assert!(back.starts_with("/raporlama?"), "{evil}: {back}");
    }
    let odd = browser.get(&format!("{path}&geri=https%3A%2F%2Fevil.example%2Fraporlama%3Fx")).await;
    assert_eq!(odd.attribute(".crumb a", "href").as_deref(), Some("/raporlama?x"), "the path alone");
}

#[tokio::test]
async fn the_system_page_offers_no_filter_that_changes_nothing() {
    let world = World::new();
    let mut browser = world.login("merkez").await;
    assert!(!browser.get("/raporlama/sistem").await.has("form.filters"));
    assert!(browser.get("/raporlama/surec").await.has("form.filters"));
}

#[tokio::test]
async fn a_number_of_an_officer_is_the_list_behind_it_and_one_of_several_has_none() {
    let world = scattered(60);
    let mut browser = world.login("merkez").await;
    for (period, table) in [("bas=2025-01-01&son=2025-01-31", "uzerinde"), (PERIOD, "donem")] {
        let page = browser.get(&format!("/raporlama/is-yuku?{period}")).await;
        let hrefs = page.attributes(&format!("#{table} td a"), "href");
        let counts = page.texts(&format!("#{table} td a"));
        assert!(hrefs.len() > 2, "{table}");
        for (count, href) in counts.iter().zip(&hrefs) {
            let list = browser.get(href).await;
            assert_eq!(list.count("th[scope=row]") as u64, number(count).unwrap(), "{table}: {href}");
            assert!(href.contains("sorumlu="), "{table}: applications that nobody held are in {href}");
            let is_of_now = list.shows("Şu an, bütün dönemler");
            assert_eq!(is_of_now, table == "uzerinde", "{}", list.text("main"));
        }
    }
}
