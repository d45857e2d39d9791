//! The figures by unit, by service, or by valilik.

use std::collections::HashMap;

use ebasvuru_analytics::read::{GroupRow, Totals, Wanted};
use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::domain::text::isolated;
use ebasvuru_workflow::domain::turkish::SortKey;

use super::{ReportRequest, by_home};
use crate::controllers::report::filter::Params;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::table::{BREAKDOWN, Line, Section, Shown, Table};
use crate::controllers::report::{chart, map};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

pub async fn build(kind: ReportKind, request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let filter = request.params.filter(request.period);
    let read = &request.app.read;
    let narrow = request.params.carried().of(request.period);
    let (table, drawing, definition) = match kind {
        ReportKind::Services => {
            let groups = read.totals(Totals::Service, Wanted::All, &filter, request.now).await?;
            let whole = GroupRow::total(&groups);
            let lines = in_order(groups.iter().filter_map(|row| service(request, &narrow, row)));
            let drawing = largest(kind, &lines)?;
            (Table::of_figures("Hizmet", &BREAKDOWN, lines, Some((narrow, whole))), Some(drawing), "")
        }
        ReportKind::Valilikler => {
            let groups = read.totals(Totals::Valilik, Wanted::All, &filter, request.now).await?;
            let whole = GroupRow::total(&groups);
            let lines = in_order(every_valilik(request, &narrow, &groups));
            let table = Table::of_figures("Valilik", &BREAKDOWN, lines, Some((narrow, whole)));
            if request.params.has_map() {
                (table, Some(country(request, &groups)?), map::COLOURS)
            } else {
                (table, None, "")
            }
        }
        _ => {
            let rows = read.totals(Totals::UnitInHome, Wanted::All, &filter, request.now).await?;
            let size = |n| say!("{n} birim", n = n);
            let line = |narrow: &Params, row: &GroupRow| unit(request, narrow, row);
            // The name of a unit begins with its governorate.
            let bar = |(names, params, figures): Line| (names.into_iter().skip(1).collect(), params, figures);
            let lines: Vec<_> = rows.iter().filter_map(|row| unit(request, &narrow, row)).map(bar).collect();
            let table =
                by_home::table(request, "Valilik|Birim", &Shown::figures(&BREAKDOWN), &rows, line, size);
            (table, Some(largest(kind, &lines)?), by_home::DEFINITION)
        }
    };
    Ok(vec![Section {
        slug: "dagilim",
        title: tr(kind.title()).into(),
        definition,
        chart: drawing,
        folded: false,
        table,
    }])
}

/// In the Turkish order of their names.
fn in_order(lines: impl IntoIterator<Item = Line>) -> Vec<Line> {
    let mut lines: Vec<_> = lines.into_iter().collect();
    lines.sort_by_cached_key(|(names, ..)| names.iter().map(|name| SortKey::of(name)).collect::<Vec<_>>());
    lines
}

/// The line of a unit, after its governorate.
pub fn unit(request: &ReportRequest<'_>, narrow: &Params, row: &GroupRow) -> Option<Line> {
    let unit = row.unit.as_ref()?;
    let params = Params { birim: unit.to_string(), ..narrow.clone() };
    let home = request.app.catalog.valilik_name(row.valilik?);
    Some((vec![home.to_owned(), request.app.unit_name(unit)], params, row.figures))
}

fn service(request: &ReportRequest<'_>, narrow: &Params, row: &GroupRow) -> Option<Line> {
    let service = row.service.as_ref()?;
    let params = Params { hizmet: service.to_string(), ..narrow.clone() };
    Some((vec![request.app.service_name(service)], params, row.figures))
}

/// All 81 valilikler, also those without an application.
fn every_valilik(request: &ReportRequest<'_>, narrow: &Params, groups: &[GroupRow]) -> Vec<Line> {
    let by: HashMap<_, _> = groups.iter().filter_map(|row| Some((row.valilik?, row.figures))).collect();
    let line = |(valilik, name): (Valilik, &str)| {
        let params = Params { valilik: valilik.plate().to_string(), ..narrow.clone() };
        (vec![name.to_owned()], params, by.get(&valilik).copied().unwrap_or_default())
    };
    let chosen = request.params.valilik.parse::<u8>().ok();
    let all = request.app.catalog.valilikler();
    all.filter(|(valilik, _)| chosen.is_none_or(|plate| valilik.plate() == plate)).map(line).collect()
}

/// The map of the country, with a tile for each valilik.
fn country(request: &ReportRequest<'_>, groups: &[GroupRow]) -> Result<String, Problem> {
    let by: HashMap<_, _> = groups.iter().filter_map(|row| Some((row.valilik?, row.figures.total))).collect();
    let narrow = request.params.carried().of(request.period);
    let place = |(valilik, name): (Valilik, _)| {
        let there = Params { valilik: valilik.plate().to_string(), ..narrow.clone() };
        let count = by.get(&valilik).copied().unwrap_or(0);
        map::Place { valilik, name, value: Some(count as f64), href: there.behind("total") }
    };
    let places: Vec<_> = request.app.catalog.valilikler().map(place).collect();
    let shown = map::Shown {
        label: tr("Valiliklere göre başvuru sayısı"),
        unit: "",
        // No count comes near 2^53.
        words: &|count| labels::thousands(count as u64),
        is_count: true,
        choices: Vec::new(),
    };
    map::render(&shown, &places)
}

/// The twelve rows with the most applications.
fn largest(kind: ReportKind, lines: &[Line]) -> Result<String, Problem> {
    let label = |names: &[String]| names.iter().map(|name| isolated(name)).collect::<Vec<_>>().join(", ");
    let bar = |(names, params, figures): &Line| {
        chart::Bar::new(label(names), figures.total, params.behind("total"))
    };
    let mut bars: Vec<_> = lines.iter().map(bar).collect();
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.count));
    bars.truncate(12);
    let sentence = bars.first().map_or_else(
        || tr("Dönemde başvuru yok.").into(),
        |bar| say!("En çok başvuru: {name}, {count}.", name = bar.name, count = labels::thousands(bar.count)),
    );
    let title = say!("{report}: başvuru sayısı en yüksek on iki", report = tr(kind.title()));
    chart::bars(&chart::Caption { id: "dagilim-grafik", title: &title, sentence: &sentence }, &bars)
}
