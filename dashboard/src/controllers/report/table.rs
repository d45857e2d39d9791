//! The table that every report is made of.

use std::cmp::Ordering;

use ebasvuru_analytics::read::figure::days;
use ebasvuru_analytics::read::{Figure, Figures};
use ebasvuru_workflow::domain::turkish;
use jiff::civil::Date;

use super::filter::Params;
use crate::i18n::{say, tr};
use crate::labels;

/// A part of a report.
pub struct Section {
    /// Its name in addresses.
    pub slug: &'static str,
    /// Its heading.
    pub title: String,
    /// "Bu sayı nasıl hesaplanır?", beside the definitions of the columns' figures: a key.
    pub definition: &'static str,
    /// The drawing: SVG.
    pub chart: Option<String>,
    /// Whether the table is behind "tablo olarak göster": the drawing says it all.
    pub folded: bool,
    /// The numbers.
    pub table: Table,
}

/// Columns and rows.
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
pub struct Column {
    /// The heading.
    pub label: String,
    /// The figure it shows, for its definition.
    pub figure: Option<&'static Figure>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A day.
    Day(Date),
    /// How many, and the list behind the number.
    Count(u64, String),
    /// A time in milliseconds.
    Time(u64),
    /// A number of days, with fractions.
    Days(f64),
    /// A part of a whole, from 0 to 1.
    Share(f64),
    /// There is no number: nothing to measure.
    None,
}

impl Column {
    /// A column of words or of numbers that are no figure, under this heading.
    pub fn of(label: &str) -> Self {
        Self { label: tr(label).to_owned(), figure: None }
    }

    fn figure(figure: &'static Figure) -> Self {
        Self { label: tr(figure.label_tr).to_owned(), figure: Some(figure) }
    }
}

impl Cell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count without a list behind it.
    pub const fn count(count: u64) -> Self {
        Self::Count(count, String::new())
    }

    /// Whether it stands to the right.
    pub const fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_) | Self::Day(_))
    }

    /// As people read it.
    pub fn words(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Day(day) => labels::day(*day),
            Self::Count(count, _) => labels::thousands(*count),
            Self::Time(ms) => labels::duration(i64::try_from(*ms).unwrap_or(i64::MAX)),
            Self::Days(days) => say!("{days} gün", days = labels::decimal(*days, 1)),
            Self::Share(share) => labels::share(*share),
            Self::None => "–".into(),
        }
    }

    /// As a number for calculations: times in days, shares as they are.
    pub fn number(&self) -> Option<f64> {
        // No count comes near 2^53.
        match self {
            Self::Count(count, _) => Some(*count as f64),
            Self::Time(ms) => Some(days(*ms)),
            Self::Days(days) => Some(*days),
            Self::Share(share) => Some(*share),
            Self::Text(_) | Self::Day(_) | Self::None => None,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => turkish::compare(a, b),
            (Self::Day(a), Self::Day(b)) => a.cmp(b),
            (a, b) => a.number().unwrap_or(-1.0).total_cmp(&b.number().unwrap_or(-1.0)),
        }
    }
}

impl Table {
    /// The figures of several groups: `label` heads the first column; each row has its name,
    /// the address that narrows to it, and its figures.
    pub fn of_figures(label: &str, keys: &[&str], rows: Vec<(Vec<String>, Params, Figures)>) -> Self {
        let shown: Vec<&'static Figure> = keys.iter().filter_map(|key| Figure::named(key)).collect();
        let names = label.split('|').map(Column::of);
        let columns = names.chain(shown.iter().copied().map(Column::figure)).collect();
        let rows = rows
            .into_iter()
            .map(|(names, params, figures)| {
                let figures = shown.iter().map(|figure| figure_cell(figure, &params, &figures));
                names.into_iter().map(Cell::Text).chain(figures).collect()
            })
            .collect();
        Self { columns, rows }
    }

    /// Sorted as an address asks (`column`, or `-column` for the largest first).
    pub fn sort(&mut self, by: &str) {
        let (descending, by) = by.strip_prefix('-').map_or((false, by), |by| (true, by));
        let Some(column) = by.parse::<usize>().ok().filter(|column| *column < self.columns.len()) else {
            return;
        };
        self.rows.sort_by(|a, b| {
            let order = match (a.get(column), b.get(column)) {
                (Some(a), Some(b)) => a.compare(b),
                _ => Ordering::Equal,
            };
            if descending { order.reverse() } else { order }
        });
    }
}

/// One figure, with the list behind it.
pub fn figure_cell(figure: &Figure, params: &Params, figures: &Figures) -> Cell {
    let value = figures.get(figure.key);
    if figure.key.ends_with("_ms") {
        return if figures.answered == 0 { Cell::None } else { Cell::Time(value) };
    }
    Cell::Count(value, params.behind(figure.key))
}

/// The columns of every breakdown.
pub const BREAKDOWN: [&str; 13] = [
    "total",
    "open",
    "unassigned",
    "assigned",
    "awaiting_approval",
    "positive",
    "negative",
    "lapsed",
    "withdrawn",
    "overdue_open",
    "overdue_closed",
    "response_median_ms",
    "response_p90_ms",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_calculated_in_days() {
        assert_eq!(Cell::Time(3 * 86_400_000).number(), Some(3.0));
    }

    #[test]
    fn rows_are_sorted_by_number_and_in_turkish() {
        let row = |name: &str, n| vec![Cell::text(name), Cell::count(n)];
        let mut table = Table {
            columns: vec![Column::of("a"), Column::of("n")],
            rows: vec![row("İzmir", 2), row("Çorum", 30), row("Iğdır", 1), row("Zonguldak", 4)],
        };
        let names = |table: &Table| table.rows.iter().map(|row| row[0].words()).collect::<Vec<_>>();
        table.sort("0");
        assert_eq!(names(&table), ["Çorum", "Iğdır", "İzmir", "Zonguldak"]);
        table.sort("-1");
        assert_eq!(names(&table), ["Çorum", "Zonguldak", "İzmir", "Iğdır"]);
        table.sort("7");
        assert_eq!(names(&table), ["Çorum", "Zonguldak", "İzmir", "Iğdır"], "no such column");
    }
}
