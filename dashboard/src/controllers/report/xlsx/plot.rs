//! The charts of a page once more, as charts of the spreadsheet's own over the same rows.

use std::cmp::Reverse;
use std::ops::Range;

use rust_xlsxwriter::{Chart, ChartFormat, ChartLegendPosition, ChartLine, ChartSolidFill, ChartType, Color};

use crate::controllers::report::table::{Cell, Section, TOTAL, Table};
use crate::view::i18n::{say, tr};

/// A chart of names has no more rows than can be read; the page's has as many.
const MAX_BARS: usize = 12;
/// So many rows are drawn as they are in their sheet.
const ALL_BARS: usize = 20;
/// The colours of the series, those of the page.
const INKS: [u32; 4] = [0x1d_4e_89, 0xc2_6a_0a, 0xa1_15_20, 0x17_5c_34];

/// The section with the hours of the week.
const HOURS: &str = "saatler";

/// How a table is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each column of counts is a line over the days in the first column.
    Lines,
    /// The first column of counts is a bar for each name in the first column.
    Bars,
    /// The columns of outcomes are stacked for each name in the first column.
    Outcomes,
    /// Each column of counts is a part of the whole of each time in the first column.
    Shares,
}

/// How the table of a section is drawn; `None` if the page does not draw it either.
pub fn kind(section: &Section) -> Option<Kind> {
    section.chart.as_ref()?;
    Some(match section.slug {
        "akis" | "gunler" => Kind::Lines,
        "sonuclar" => Kind::Outcomes,
        "sonuclananlar" => Kind::Shares,
        // Cards and a ranking, numbers of several kinds; and a table that is coloured.
        "ozet" | "birim-sirasi" | HOURS => return None,
        _ => Kind::Bars,
    })
}

/// The columns that are coloured by their numbers, as on the page: its heat tables, and the table of the
/// hours of the week, which the page draws.
pub fn coloured(section: &Section) -> Range<usize> {
    let table = &section.table;
    let from = table.shaded_from.or_else(|| (section.slug == HOURS).then_some(1));
    let until = (1..table.columns.len()).find(|x| *x > 1 && is_sum(table, *x)).unwrap_or(table.columns.len());
    from.map_or(0..0, |from| from..until)
}

fn is_sum(table: &Table, x: usize) -> bool {
    table.columns.get(x).is_some_and(|column| column.label == tr(TOTAL))
}

impl Kind {
    /// Whether the rows are times, in their order.
    fn is_over_time(self) -> bool {
        matches!(self, Self::Lines | Self::Shares)
    }
}

/// The columns that are drawn.
pub fn columns(kind: Kind, table: &Table) -> Vec<usize> {
    let is_count = |x: &usize| table.rows.iter().all(|row| matches!(row.get(*x), Some(Cell::Count(..))));
    let is_outcome = |x: &usize| {
        let figure = table.columns.get(*x).and_then(|column| column.figure);
        figure.is_some_and(|f| matches!(f.key, "positive" | "negative" | "lapsed" | "withdrawn"))
    };
    let counts = (1..table.columns.len()).filter(is_count).filter(|x| !is_sum(table, *x));
    match kind {
        Kind::Lines | Kind::Shares => counts.collect(),
        Kind::Bars => counts.take(1).collect(),
        Kind::Outcomes => counts.filter(is_outcome).collect(),
    }
}

/// The rows with the most, if there are too many to draw them all: a table of its own.
pub fn largest(section: &Section, kind: Kind, columns: &[usize]) -> Option<(String, Table)> {
    let table = &section.table;
    if kind.is_over_time() || table.rows.len() <= ALL_BARS {
        return None;
    }
    let sum = |row: &&Vec<Cell>| {
        columns.iter().filter_map(|x| row.get(*x)?.number()).map(|n| n as u64).sum::<u64>()
    };
    let mut rows: Vec<_> = table.rows.iter().collect();
    rows.sort_by_key(|row| Reverse(sum(row)));
    let names = |row: &[Cell]| {
        let texts =
            row.iter().skip(name(table)).map_while(|cell| (!cell.is_number()).then(|| cell.display()));
        Cell::text(texts.collect::<Vec<_>>().join(", "))
    };
    let row = |row: &Vec<Cell>| {
        let drawn = columns.iter().filter_map(|x| row.get(*x).cloned());
        std::iter::once(names(row)).chain(drawn).collect()
    };
    let rows = rows.into_iter().take(MAX_BARS).map(row).collect();
    let shown = std::iter::once(name(table)).chain(columns.iter().copied());
    let columns = shown.filter_map(|x| table.columns.get(x).cloned()).collect();
    let title = say!("{report}: en yüksek on iki", report = section.title);
    Some((title, Table { columns, rows, ..Table::default() }))
}

/// The column of the names of the rows. Those of a group have the group's name before.
fn name(table: &Table) -> usize {
    usize::from(!table.groups.is_empty())
}

/// The chart of the rows of a sheet.
pub fn chart(kind: Kind, title: &str, sheet: &str, table: &Table, columns: &[usize]) -> Option<Chart> {
    let last = u32::try_from(table.rows.len()).ok().filter(|rows| *rows > 0)?;
    let mut chart = Chart::new(match kind {
        Kind::Lines => ChartType::Line,
        Kind::Bars => ChartType::Bar,
        Kind::Outcomes => ChartType::BarStacked,
        Kind::Shares => ChartType::ColumnPercentStacked,
    });
    let name = u16::try_from(name(table)).ok()?;
    for (x, ink) in columns.iter().zip(INKS.iter().cycle()) {
        let x = u16::try_from(*x).ok()?;
        let ink = Color::RGB(*ink);
        let mut look = ChartFormat::new();
        match kind {
            Kind::Lines => look.set_line(ChartLine::new().set_color(ink).set_width(2)),
            _ => look.set_solid_fill(ChartSolidFill::new().set_color(ink)),
        };
        let series = chart.add_series();
        series.set_name((sheet, 0, x)).set_categories((sheet, 1, name, last, name)).set_format(&mut look);
        series.set_values((sheet, 1, x, last, x));
    }
    chart.title().set_name(title);
    chart.set_alt_text(title);
    if columns.len() > 1 {
        chart.legend().set_position(ChartLegendPosition::Bottom);
    } else {
        chart.legend().set_hidden();
    }
    match kind {
        Kind::Lines => {
            chart.x_axis().set_date_axis(true).set_num_format("dd.mm.yyyy");
        }
        Kind::Shares => {}
        // Excel draws bars from the bottom to the top.
        Kind::Bars | Kind::Outcomes => {
            chart.x_axis().set_reverse();
        }
    }
    Some(chart)
}
