//! The best and the worst units by the rate of answers in time.

use ebasvuru_analytics::read::overview::{Happened, Measure, ON_TIME_RATE_DEFINITION_TR, ON_TIME_RATE_TR};
use ebasvuru_workflow::domain::turkish::SortKey;
use serde::Serialize;

use super::{Overview, ReportRequest};
use crate::controllers::report::filter::Params;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::table::{Cell, Column, Section, Table, share_cell};
use crate::view::environment;
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

/// A rate of fewer says little.
const AT_LEAST: u64 = 10;
/// So many at each end.
const SHOWN: usize = 5;

/// A unit in the order of its rate.
struct Ranked {
    /// Units of the same rate have the same place.
    place: usize,
    name: String,
    narrow: Params,
    happened: Happened,
    rate: f64,
}

/// A unit of `report/ranking.html`.
#[derive(Serialize)]
struct Line {
    place: usize,
    name: String,
    href: String,
    rate: String,
    on_time: u64,
    judged: u64,
    judged_href: String,
}

/// An end of the order.
#[derive(Serialize)]
struct End {
    title: &'static str,
    lines: Vec<Line>,
    /// How many more have the same rate as the last one shown.
    tied: usize,
}

pub fn section(request: &ReportRequest<'_>, overview: &Overview) -> Result<Section, Problem> {
    let narrow = request.params.carried().of(request.period);
    let units = overview.happenings.by_unit.iter().map(|(unit, happened)| {
        let narrow = Params { birim: unit.to_string(), ..narrow.clone() };
        (request.app.unit_name(unit), narrow, *happened)
    });
    let ranked = ranked(units);
    // The lists do not share a unit.
    let shown = SHOWN.min(ranked.len().div_ceil(2));
    let best = end(tr("Oranı en yüksek birimler"), ranked.iter(), shown);
    let worst = end(tr("Oranı en düşük birimler"), ranked.iter().rev(), SHOWN.min(ranked.len() - shown));
    let few =
        overview.happenings.by_unit.iter().filter(|(_, happened)| (1..AT_LEAST).contains(&happened.judged));
    let context = minijinja::context! {
        ends => environment::value([best, worst]),
        note => say!(
            "Yalnızca dönemde süresi sonuca bağlanan başvurusu en az {least} olan {units} birim sıralanır; daha az olan {few} birim sıralanmaz.",
            least = AT_LEAST,
            units = labels::thousands(ranked.len() as u64),
            few = labels::thousands(few.count() as u64)
        ),
    };
    Ok(Section {
        slug: "birim-sirasi",
        title: tr("Süresinde cevaplamada en iyi ve en kötü birimler").into(),
        definition: "Aynı orandaki birimlerin sırası aynıdır; aralarında, süresi sonuca bağlanan başvurusu çok olan öndedir.",
        chart: Some(environment::render("report/ranking.html", context)?),
        folded: true,
        table: table(&ranked),
    })
}

/// The units with enough cases, the best first; of the same rate, those with more cases first.
fn ranked(units: impl Iterator<Item = (String, Params, Happened)>) -> Vec<Ranked> {
    let enough = units.filter(|(.., happened)| happened.judged >= AT_LEAST);
    let mut ranked: Vec<Ranked> = enough
        .filter_map(|(name, narrow, happened)| {
            Some(Ranked { place: 0, name, narrow, happened, rate: happened.on_time_rate()? })
        })
        .collect();
    ranked.sort_by(|a, b| {
        let rate = b.rate.total_cmp(&a.rate);
        let cases = || b.happened.judged.cmp(&a.happened.judged);
        rate.then_with(cases).then_with(|| SortKey::of(&a.name).cmp(&SortKey::of(&b.name)))
    });
    let mut place = (0, f64::NAN);
    for (i, unit) in ranked.iter_mut().enumerate() {
        if unit.rate.total_cmp(&place.1).is_ne() {
            place = (i + 1, unit.rate);
        }
        unit.place = place.0;
    }
    ranked
}

fn end<'a>(title: &'static str, units: impl Iterator<Item = &'a Ranked> + Clone, shown: usize) -> End {
    let lines: Vec<Line> = units.clone().take(shown).map(line).collect();
    let last = units.clone().take(shown).last();
    let tied = last.map_or(0, |last| units.skip(shown).take_while(|unit| unit.place == last.place).count());
    End { title, lines, tied }
}

fn line(unit: &Ranked) -> Line {
    Line {
        place: unit.place,
        name: unit.name.clone(),
        href: unit.narrow.address(ReportKind::Overview.path()),
        rate: labels::share(unit.rate),
        on_time: unit.happened.on_time,
        judged: unit.happened.judged,
        judged_href: unit.narrow.behind("judged_in_period"),
    }
}

fn table(ranked: &[Ranked]) -> Table {
    let column = |key: &str| {
        Measure::named(key).map_or_else(|| Column::of(""), |m| Column::defined(m.label_tr, m.definition_tr))
    };
    let columns = vec![
        Column::of("Birim"),
        column("judged_in_period"),
        column("on_time_in_period"),
        Column::defined(ON_TIME_RATE_TR, ON_TIME_RATE_DEFINITION_TR),
        Column::of("Sıra"),
    ];
    let rows = ranked.iter().map(|unit| {
        vec![
            Cell::text(unit.name.as_str()),
            Cell::Count(unit.happened.judged, unit.narrow.behind("judged_in_period")),
            Cell::Count(unit.happened.on_time, unit.narrow.behind("on_time_in_period")),
            share_cell(Some(unit.rate)),
            Cell::count(unit.place as u64),
        ]
    });
    Table { columns, rows: rows.collect(), ..Table::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(counts: &[(&str, u64, u64)]) -> Vec<Ranked> {
        ranked(counts.iter().map(|(name, on_time, judged)| {
            let happened = Happened { on_time: *on_time, judged: *judged, ..Happened::default() };
            ((*name).to_owned(), Params::default(), happened)
        }))
    }

    fn places(units: &[Ranked]) -> Vec<(usize, &str)> {
        units.iter().map(|unit| (unit.place, unit.name.as_str())).collect()
    }

    #[test]
    fn units_of_the_same_rate_share_a_place_and_few_cases_have_none() {
        let found =
            units(&[("İzmir", 5, 10), ("Çorum", 10, 20), ("Ağrı", 9, 9), ("Van", 20, 20), ("Bolu", 0, 12)]);
        assert_eq!(places(&found), [(1, "Van"), (2, "Çorum"), (2, "İzmir"), (4, "Bolu")]);
    }

    #[test]
    fn ties_beyond_the_last_shown_are_told() {
        let found = units(&[("A", 10, 10), ("B", 10, 10), ("C", 10, 10), ("D", 5, 10)]);
        let best = end("", found.iter(), 2);
        assert_eq!((best.lines.len(), best.tied), (2, 1));
        let worst = end("", found.iter().rev(), 1);
        assert_eq!((worst.lines[0].name.as_str(), worst.tied), ("D", 0));
        assert_eq!(end("", [].iter(), 0).tied, 0);
    }
}
