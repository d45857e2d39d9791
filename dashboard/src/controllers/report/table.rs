//! The tables of reports.

use std::cmp::Ordering;

use ebasvuru_analytics::read::figure::{ON_TIME_RATE_DEFINITION_TR, ON_TIME_RATE_TR, days, part};
use ebasvuru_analytics::read::{Figure, Figures};
use ebasvuru_workflow::domain::turkish;
use jiff::Timestamp;
use jiff::civil::Date;

use super::chart::Bar;
use super::filter::Params;
use crate::view::i18n::{say, tr};
use crate::view::labels;

/// The name of the row of totals.
pub const TOTAL: &str = "Toplam";

/// A row of figures: its names, the query that narrows to it, and its figures.
pub type Line = (Vec<String>, Params, Figures);

/// Makes the cells of a row from its filters and figures.
type Cells<'a> = Box<dyn Fn(&Params, &Figures) -> Vec<Cell> + 'a>;

/// What is shown of figures: columns, and a cell for each.
pub struct Shown<'a> {
    /// The columns.
    pub columns: Box<dyn Fn() -> Vec<Column> + 'a>,
    /// The cells of figures, to which the query is narrowed.
    pub cells: Cells<'a>,
}

impl<'a> Shown<'a> {
    /// The figures with these keys, each with its definition and the list behind it. One key is no
    /// figure: [`ON_TIME_RATE`].
    pub fn figures(keys: &'a [&'a str]) -> Self {
        let column = |key: &&str| match Figure::named(key) {
            Some(figure) => Column::figure(figure),
            None => Column::defined(ON_TIME_RATE_TR, ON_TIME_RATE_DEFINITION_TR),
        };
        let cell = |key: &str, params: &Params, values: &Figures| match Figure::named(key) {
            Some(figure) => figure_cell(figure, params, values),
            None => share_cell(values.on_time_rate()),
        };
        Self {
            columns: Box::new(move || keys.iter().map(column).collect()),
            cells: Box::new(move |params, values| keys.iter().map(|key| cell(key, params, values)).collect()),
        }
    }
}

/// A group of such rows.
pub struct LineGroup {
    /// Its name in addresses.
    pub key: String,
    /// Its subtotal.
    pub subtotal: Line,
    /// Its rows; the first of their names is the group's.
    pub lines: Vec<Line>,
}

/// A section of a report.
pub struct Section {
    /// Its name in addresses.
    pub slug: &'static str,
    /// Its heading.
    pub title: String,
    /// A definition in Turkish for "Bu sayılar nasıl hesaplanır?", beside those of the figures.
    pub definition: &'static str,
    /// The chart, as SVG.
    pub chart: Option<String>,
    /// Whether the table is folded behind "Tablo olarak göster", because the chart shows it all.
    pub folded: bool,
    /// The table.
    pub table: Table,
}

/// A table.
#[derive(Default)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; those of a group stand together.
    pub rows: Vec<Vec<Cell>>,
    /// The groups of rows, in their order; none in a table without groups. The page shows their
    /// subtotals and folds their rows; a file has the rows alone, with the group as their first cell.
    pub groups: Vec<RowGroup>,
    /// The first column that the page shades, darker where a number is higher; `None` shades nothing.
    pub shaded_from: Option<usize>,
    /// The row "Toplam", where the rows count each application once. It stays last however the rows are
    /// sorted, and files mark it, so that a program can leave it out.
    pub total: Option<Vec<Cell>>,
}

/// Rows of a table that belong together.
pub struct RowGroup {
    /// Its name in addresses.
    pub key: String,
    /// The subtotal, with the group's name in the first cell.
    pub subtotal: Vec<Cell>,
    /// How many rows it has.
    pub len: usize,
}

/// A column.
#[derive(Clone)]
pub struct Column {
    /// The heading.
    pub label: String,
    /// Where the heading leads; empty for a heading that sorts.
    pub href: String,
    /// The figure in the column.
    pub figure: Option<&'static Figure>,
    /// What its numbers are, in Turkish; empty where the heading says it.
    pub definition: &'static str,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A text.
    Text(String),
    /// A text, and the code that it is the words of.
    Coded(String, String),
    /// A day.
    Day(Date),
    /// A time.
    Moment(Timestamp),
    /// A count, and the address of the list behind it.
    Count(u64, String),
    /// A duration in milliseconds.
    Time(u64),
    /// A duration in days.
    Days(f64),
    /// A part of a whole, from 0 to 1.
    Share(f64),
    /// Any other cell, and the address of what is behind it.
    Linked(Box<Self>, String),
    /// No value.
    None,
}

impl Column {
    /// A column without a figure.
    pub fn of(label: &str) -> Self {
        Self::defined(label, "")
    }

    /// A column without a figure, with what its numbers are.
    pub fn defined(label: &str, definition: &'static str) -> Self {
        Self { label: tr(label).to_owned(), href: String::new(), figure: None, definition }
    }

    fn figure(figure: &'static Figure) -> Self {
        Self { figure: Some(figure), ..Self::defined(figure.label_tr, figure.definition_tr) }
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

    /// With the address of what is behind it.
    pub fn linked(self, href: String) -> Self {
        Self::Linked(Box::new(self), href)
    }

    /// The same cell with nothing behind it.
    pub fn without_list(self) -> Self {
        match self {
            Self::Count(count, _) => Self::count(count),
            Self::Linked(inner, _) => *inner,
            cell => cell,
        }
    }

    /// The address of what is behind it; empty where nothing is.
    pub fn href(&self) -> &str {
        match self {
            Self::Count(1.., href) => href,
            Self::Linked(inner, href) if **inner != Self::None => href,
            _ => "",
        }
    }

    /// The same cell without a link.
    fn unlinked(&self) -> &Self {
        if let Self::Linked(inner, _) = self { inner } else { self }
    }

    /// Whether it is a count.
    pub fn is_count(&self) -> bool {
        matches!(self.unlinked(), Self::Count(..))
    }

    /// Whether it is aligned to the right.
    pub fn is_number(&self) -> bool {
        !matches!(self.unlinked(), Self::Text(_) | Self::Coded(..) | Self::Day(_) | Self::Moment(_))
    }

    /// As text for people.
    pub fn display(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Coded(text, code) => format!("{text} ({code})"),
            Self::Day(day) => labels::day(*day),
            Self::Moment(at) => labels::date_time(*at),
            Self::Count(count, _) => labels::thousands(*count),
            Self::Time(ms) => labels::duration(i64::try_from(*ms).unwrap_or(i64::MAX)),
            Self::Days(days) => say!("{days} gün", days = labels::decimal(*days, 1)),
            Self::Share(share) => labels::share(*share),
            Self::Linked(inner, _) => inner.display(),
            Self::None => "–".into(),
        }
    }

    /// As a number for calculations: durations in days, shares between 0 and 1.
    pub fn number(&self) -> Option<f64> {
        // No count comes near 2^53.
        match self {
            Self::Count(count, _) => Some(*count as f64),
            Self::Time(ms) => Some(days(*ms)),
            Self::Days(days) => Some(*days),
            Self::Share(share) => Some(*share),
            Self::Linked(inner, _) => inner.number(),
            Self::Text(_) | Self::Coded(..) | Self::Day(_) | Self::Moment(_) | Self::None => None,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.unlinked(), other.unlinked()) {
            (Self::Text(a) | Self::Coded(a, _), Self::Text(b) | Self::Coded(b, _)) => turkish::compare(a, b),
            (Self::Day(a), Self::Day(b)) => a.cmp(b),
            (Self::Moment(a), Self::Moment(b)) => a.cmp(b),
            (a, b) => a.number().unwrap_or(-1.0).total_cmp(&b.number().unwrap_or(-1.0)),
        }
    }
}

impl Table {
    /// The numbers of a bar chart, each with the part of the whole that it is, and the whole, with the
    /// address of the list behind it.
    pub fn of_shares(
        columns: [&str; 3],
        groups: impl IntoIterator<Item = Bar>,
        (whole, behind): (u64, String),
    ) -> Self {
        let line = |name, count: Cell, n| vec![Cell::Text(name), count, share_cell(part(n, whole))];
        let row = |bar: Bar| line(bar.name, Cell::Count(bar.count, bar.href), bar.count);
        Self {
            columns: columns.map(Column::of).into(),
            total: Some(line(tr(TOTAL).to_owned(), Cell::Count(whole, behind), whole)),
            rows: groups.into_iter().map(row).collect(),
            ..Self::default()
        }
    }

    /// A table of figures for several groups. `label` is the heading of the names, with `|` between
    /// several; each row has its names, the query that narrows to it, and its figures. `total` has the
    /// figures of all rows together, as they were read: a median is no sum of medians.
    pub fn of_figures(label: &str, keys: &[&str], rows: Vec<Line>, total: Option<(Params, Figures)>) -> Self {
        Self::of_lines(label, &Shown::figures(keys), rows, total)
    }

    fn of_lines(label: &str, shown: &Shown<'_>, rows: Vec<Line>, total: Option<(Params, Figures)>) -> Self {
        let row = |(names, params, figures): Line| {
            names.into_iter().map(Cell::Text).chain((shown.cells)(&params, &figures)).collect()
        };
        let names = label.split('|').enumerate();
        let names = names.map(|(i, _)| if i == 0 { tr(TOTAL).to_owned() } else { String::new() }).collect();
        let total = total.map(|(params, figures)| row((names, params, figures)));
        let columns = label.split('|').map(Column::of).chain((shown.columns)()).collect();
        Self { columns, rows: rows.into_iter().map(row).collect(), total, ..Self::default() }
    }

    /// A table whose rows are grouped. The subtotal of a group is a line of its own, with the group's
    /// name first. `size` says how many rows a group has.
    pub fn of_groups(
        label: &str,
        shown: &Shown<'_>,
        groups: Vec<LineGroup>,
        total: (Params, Figures),
        size: fn(usize) -> String,
    ) -> Self {
        let (mut subtotals, mut lines, mut folds) = (Vec::new(), Vec::new(), Vec::new());
        for group in groups {
            folds.push((group.key, group.lines.len()));
            subtotals.push(group.subtotal);
            lines.extend(group.lines);
        }
        let subtotals = Self::of_lines(label, shown, subtotals, None).rows;
        let group = |((key, len), mut subtotal): ((String, usize), Vec<Cell>)| {
            if let Some(name) = subtotal.first_mut() {
                *name = Cell::Coded(name.display(), size(len));
            }
            RowGroup { key, subtotal, len }
        };
        let groups = folds.into_iter().zip(subtotals).map(group).collect();
        // Of nothing there is no total.
        let total = (!lines.is_empty()).then_some(total);
        Self { groups, ..Self::of_lines(label, shown, lines, total) }
    }

    /// The table with a row "Toplam" in which each column of counts is added up.
    pub fn summed(self) -> Self {
        let sum = |column: usize| {
            let mut cells = self.rows.iter().filter_map(|row| row.get(column));
            let add = |sum, cell: &Cell| if let Cell::Count(n, _) = cell { Some(sum + n) } else { None };
            cells.try_fold(0, add).map_or(Cell::text(""), Cell::count)
        };
        let sums = (1..self.columns.len()).map(sum);
        let total = std::iter::once(Cell::text(tr(TOTAL))).chain(sums).collect();
        Self { total: Some(total), ..self }
    }

    /// Whether a column has durations only, so that its heading can have their unit.
    pub fn is_days(&self, column: usize) -> bool {
        if self.columns.get(column).and_then(|column| column.figure).is_some_and(is_duration) {
            return true;
        }
        let cells = self.rows.iter().filter_map(|row| row.get(column)).map(Cell::unlinked);
        let mut cells = cells.filter(|cell| **cell != Cell::None);
        let is_days = |cell: &Cell| matches!(cell, Cell::Time(_) | Cell::Days(_));
        cells.clone().any(is_days) && cells.all(is_days)
    }

    /// The heading of a column in a file, where a duration is a number of days.
    pub fn file_label(&self, column: usize) -> String {
        let label = self.columns.get(column).map_or("", |column| column.label.as_str());
        if self.is_days(column) { say!("{label} (gün)", label = label) } else { label.to_owned() }
    }

    /// Sorts by `column`, or by `-column` for descending. Anything else is ignored. Groups are sorted by
    /// their subtotals, and rows within their group.
    pub fn sort(&mut self, by: &str) {
        let (descending, by) = by.strip_prefix('-').map_or((false, by), |by| (true, by));
        let Some(column) = by.parse::<usize>().ok().filter(|column| *column < self.columns.len()) else {
            return;
        };
        let order = |a: &[Cell], b: &[Cell]| {
            let order = match (a.get(column), b.get(column)) {
                (Some(a), Some(b)) => a.compare(b),
                _ => Ordering::Equal,
            };
            if descending { order.reverse() } else { order }
        };
        if self.groups.is_empty() {
            self.rows.sort_by(|a, b| order(a, b));
            return;
        }
        let mut rows = std::mem::take(&mut self.rows).into_iter();
        let groups = std::mem::take(&mut self.groups).into_iter();
        let mut groups: Vec<_> = groups
            .map(|group| {
                let mut rows: Vec<_> = rows.by_ref().take(group.len).collect();
                rows.sort_by(|a, b| order(a, b));
                (group, rows)
            })
            .collect();
        groups.sort_by(|(a, _), (b, _)| order(&a.subtotal, &b.subtotal));
        for (group, rows) in groups {
            self.groups.push(group);
            self.rows.extend(rows);
        }
    }
}

fn is_duration(figure: &Figure) -> bool {
    figure.key.ends_with("_ms")
}

/// The cell of a figure, with the list behind it.
pub fn figure_cell(figure: &Figure, params: &Params, figures: &Figures) -> Cell {
    let value = figures.get(figure.key);
    if is_duration(figure) {
        return if figures.answered == 0 { Cell::None } else { Cell::Time(value) };
    }
    Cell::Count(value, params.behind(figure.key))
}

/// The cell of a part of a whole.
pub fn share_cell(share: Option<f64>) -> Cell {
    share.map_or(Cell::None, Cell::Share)
}

/// The key of the column of [`Figures::on_time_rate`].
pub const ON_TIME_RATE: &str = "on_time_rate";

/// The figures of every breakdown.
pub const BREAKDOWN: [&str; 14] = [
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
    ON_TIME_RATE,
    "response_median_ms",
    "response_p90_ms",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_sorted_by_their_subtotals_and_rows_within_their_group() {
        let row = |name: &str, n| vec![Cell::text(name), Cell::count(n)];
        let group = |name: &str, n, len| RowGroup { key: String::new(), subtotal: row(name, n), len };
        let mut table = Table {
            columns: vec![Column::of("a"), Column::of("n")],
            rows: vec![row("a", 1), row("a", 9), row("b", 5), row("b", 6), row("b", 7)],
            groups: vec![group("a", 10, 2), group("b", 18, 3)],
            ..Table::default()
        };
        let numbers = |table: &Table| table.rows.iter().filter_map(|row| row[1].number()).collect::<Vec<_>>();
        table.sort("-1");
        assert_eq!(numbers(&table), [7.0, 6.0, 5.0, 9.0, 1.0]);
        assert_eq!(table.groups.iter().map(|group| group.len).collect::<Vec<_>>(), [3, 2]);
        table.sort("0");
        assert_eq!(numbers(&table), [9.0, 1.0, 7.0, 6.0, 5.0], "by the names of the groups");
    }

    #[test]
    fn durations_are_calculated_in_days() {
        assert_eq!(Cell::Time(3 * 86_400_000).number(), Some(3.0));
    }

    #[test]
    fn rows_are_sorted_by_number_or_in_turkish_order() {
        let row = |name: &str, n| vec![Cell::text(name), Cell::count(n)];
        let mut table = Table {
            columns: vec![Column::of("a"), Column::of("n")],
            rows: vec![row("İzmir", 2), row("Çorum", 30), row("Iğdır", 1), row("Zonguldak", 4)],
            ..Table::default()
        }
        .summed();
        let names = |table: &Table| table.rows.iter().map(|row| row[0].display()).collect::<Vec<_>>();
        table.sort("0");
        assert_eq!(names(&table), ["Çorum", "Iğdır", "İzmir", "Zonguldak"]);
        table.sort("-1");
        assert_eq!(names(&table), ["Çorum", "Zonguldak", "İzmir", "Iğdır"]);
        table.sort("7");
        assert_eq!(names(&table), ["Çorum", "Zonguldak", "İzmir", "Iğdır"], "no such column");
        assert_eq!(table.total, Some(row("Toplam", 37)), "the total is no row to sort");
    }

    #[test]
    fn only_columns_of_counts_are_added_up() {
        let row = |n, share| vec![Cell::text("x"), Cell::count(n), Cell::Share(share), Cell::Time(n)];
        let columns = ["a", "n", "pay", "süre"].map(Column::of).into();
        let table = Table { columns, rows: vec![row(2, 0.5), row(3, 0.5)], ..Table::default() }.summed();
        assert_eq!(
            table.total,
            Some(vec![Cell::text("Toplam"), Cell::count(5), Cell::text(""), Cell::text("")])
        );
    }
}
