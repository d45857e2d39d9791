//! How what was closed in the period ended, over time.

use ebasvuru_analytics::read::figure::part;
use ebasvuru_analytics::read::overview::{Happened, Measure};

use super::flow::by_day;
use super::{Overview, ReportRequest};
use crate::controllers::report::chart::time::Step;
use crate::controllers::report::chart::{self, Ink};
use crate::controllers::report::filter::Period;
use crate::controllers::report::table::{Cell, Column, Section, TOTAL, Table, share_cell};
use crate::view::i18n::{say, tr};
use crate::view::{labels, month};
use crate::web::problem::Problem;

/// Weeks up to half a year, then months.
const MOST_PARTS: usize = 26;

/// How an application was closed: its measure, its ink, and how many.
type End = (&'static str, Ink, fn(&Happened) -> u64);

const ENDS: [End; 4] = [
    ("positive_in_period", Ink::Good, |h| h.positive),
    ("negative_in_period", Ink::Bad, |h| h.negative),
    ("lapsed_in_period", Ink::Lapsed, |h| h.lapsed),
    ("withdrawn_in_period", Ink::Withdrawn, |h| h.withdrawn),
];

pub fn section(request: &ReportRequest<'_>, overview: &Overview) -> Result<Section, Problem> {
    // A day has too few for a share.
    let weeks = Step::Week.parts(request.period);
    let parts = if weeks.len() <= MOST_PARTS { weeks } else { Step::Month.parts(request.period) };
    let mut days = by_day(request.period, overview).into_iter();
    let wholes: Vec<(Period, Vec<u64>)> = parts
        .into_iter()
        .map(|part| {
            let days: Vec<_> = days.by_ref().take(usize::try_from(part.days()).unwrap_or(0)).collect();
            (part, ENDS.map(|(.., count)| days.iter().map(count).sum()).into())
        })
        .collect();
    let label = |key: &str| Measure::named(key).map_or("", |measure| tr(measure.label_tr));
    let behind = |part: Period, end: usize| {
        let (key, ..) = ENDS[end];
        request.params.carried().of(part).behind(key)
    };
    let whole = &overview.happenings.whole;
    let sentence = say!(
        "Dönemde sonuçlanan {closed} başvurudan olumlu cevaplanan {positive}, olumsuz cevaplanan {negative}.",
        closed = labels::thousands(whole.closed),
        positive = labels::thousands(whole.positive),
        negative = labels::thousands(whole.negative)
    );
    let title = tr("Sonuçlananların dağılımı");
    let caption = chart::Caption { id: "dagilim-grafik", title, sentence: &sentence };
    let parts = ENDS.map(|(key, ink, _)| chart::Part { name: label(key), ink });
    let columns = ENDS.iter().flat_map(|(key, ..)| {
        [Column::of(label(key)), Column::of(&say!("{label}, pay", label = label(key)))]
    });
    let cells = |period: Period, counts: &[u64]| {
        let closed = counts.iter().sum();
        let cells = counts.iter().enumerate().flat_map(|(end, count)| {
            [Cell::Count(*count, behind(period, end)), share_cell(part(*count, closed))]
        });
        cells.collect::<Vec<_>>()
    };
    let row = |(period, counts): &(Period, Vec<u64>)| {
        let name = Cell::Text(month::span(period.from, period.last));
        std::iter::once(name).chain(cells(*period, counts)).collect()
    };
    let all = ENDS.map(|(.., count)| count(whole));
    let total = std::iter::once(Cell::text(tr(TOTAL))).chain(cells(request.period, &all)).collect();
    Ok(Section {
        slug: "sonuclananlar",
        title: title.into(),
        definition: "Dönemin her haftasında (uzun dönemlerde her ayında) sonuçlananlar, ne zaman gelmiş olursa olsun; her biri o haftada sonuçlananların tümüne oranıyla.",
        chart: Some(chart::shares(&caption, &parts, &wholes, &behind)?),
        folded: true,
        table: Table {
            columns: std::iter::once(Column::of("Dönem")).chain(columns).collect(),
            rows: wholes.iter().map(row).collect(),
            total: Some(total),
            ..Table::default()
        },
    })
}
