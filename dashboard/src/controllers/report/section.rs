//! A section of a report, as its page shows it.

use serde::Serialize;

use super::build::ReportRequest;
use super::filter::Params;
use super::kind::ReportKind;
use super::refresh::{KnownParts, tag};
use super::shade::Shades;
use super::table::{Cell, RowGroup, Section, Table};
use crate::view::i18n::tr;
use crate::web::problem::Problem;

/// A table with groups shows all its rows up to this many; beyond, the rows of one group at a time.
const UNFOLDED_ROWS: usize = 40;

/// A section, for `report/show.html`.
#[derive(Serialize)]
pub struct SectionView {
    slug: &'static str,
    /// Its entity tag.
    tag: String,
    /// Whether the page that asks has it as it is now; then it is left out.
    is_known: bool,
    title: String,
    definition: &'static str,
    /// The chart, as safe SVG.
    chart: Option<minijinja::Value>,
    folded: bool,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
    /// The row of totals, if there is one.
    total: Vec<CellView>,
    /// The classes of the shading with their numbers.
    legend: Vec<(usize, String)>,
    /// Whether a column is chosen to sort by: then it is shown unfolded.
    is_sorted: bool,
    /// Whether it has its own height, with a heading that stays.
    is_long: bool,
    /// What is shown in place of a table without rows.
    empty: &'static str,
    /// The address of the table as CSV.
    csv: String,
}

#[derive(Serialize)]
struct ColumnView {
    label: String,
    definition: &'static str,
    /// Where the heading leads; empty for one that sorts.
    href: String,
    /// The address that sorts by the column.
    sort: String,
    /// `ascending`, `descending`, or nothing.
    sorted: &'static str,
    number: bool,
}

#[derive(Serialize)]
struct RowView {
    cells: Vec<CellView>,
    /// The group whose subtotal it is.
    group: Option<GroupView>,
}

#[derive(Serialize)]
struct GroupView {
    key: String,
    /// The address that unfolds its rows, or folds them; empty where all are shown.
    href: String,
    is_open: bool,
}

#[derive(Serialize)]
struct CellView {
    words: String,
    code: String,
    /// What is behind it, escaped; empty for nothing.
    href: minijinja::Value,
    number: bool,
    /// How dark it is; 0 for not shaded.
    shade: usize,
}

impl SectionView {
    /// Its entity tag.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether it is left out.
    pub const fn is_known(&self) -> bool {
        self.is_known
    }

    /// Leaves it out if the page that asks has it.
    pub fn leave_out(&mut self, known: &KnownParts) {
        self.is_known = known.has(&self.tag);
    }
}

/// The view of a section.
///
/// # Errors
/// It cannot be hashed.
pub fn view(kind: ReportKind, request: &ReportRequest<'_>, section: Section) -> Result<SectionView, Problem> {
    let table = &section.table;
    let csv = Params { tablo: section.slug.into(), ..request.params.of_report().of(request.period) };
    let shades = Shades::of(table);
    let rows = rows(kind, request, &section, shades.as_ref());
    let total = table.total.iter().map(|row| cells(row, !table.groups.is_empty(), 1, None));
    let columns = columns(kind, request, section.slug, table);
    let mut view = SectionView {
        slug: section.slug,
        tag: String::new(),
        is_known: false,
        definition: tr(section.definition),
        is_sorted: columns.iter().any(|column| !column.sorted.is_empty()),
        columns,
        is_long: rows.len() > UNFOLDED_ROWS / 2,
        rows,
        total: total.flatten().collect(),
        legend: shades.map(|shades| shades.legend()).unwrap_or_default(),
        empty: tr(match kind {
            ReportKind::Pipeline => "Kabul edilmeyen ileti yok.",
            ReportKind::Overdue => "Dönemde gelenlerden süresi geçmiş başvuru yok.",
            _ => "Dönemde başvuru yok.",
        }),
        csv: csv.address(&format!("{}.csv", kind.path())),
        title: section.title,
        chart: section.chart.map(minijinja::Value::from_safe_string),
        folded: section.folded,
    };
    view.tag = tag(&view)?;
    Ok(view)
}

fn columns(kind: ReportKind, request: &ReportRequest<'_>, slug: &str, table: &Table) -> Vec<ColumnView> {
    let sorted_by = request.params.sirala.strip_prefix(slug).and_then(|by| by.strip_prefix('.'));
    let is_number = |column: usize| table.rows.iter().any(|row| row.get(column).is_some_and(Cell::is_number));
    let view = |(i, column): (usize, &super::table::Column)| {
        let (up, down) = (i.to_string(), format!("-{i}"));
        let sorted = match sorted_by {
            Some(by) if by == up => "ascending",
            Some(by) if by == down => "descending",
            _ => "",
        };
        // The first click sorts numbers in descending and texts in ascending order, the second
        // click the other way round.
        let next = match (sorted, is_number(i)) {
            ("descending", _) | ("", false) => up,
            _ => down,
        };
        let sirala = format!("{slug}.{next}");
        let sort = Params { sirala, ..request.params.clone() }.address(kind.path());
        ColumnView {
            label: column.label.clone(),
            definition: tr(column.definition),
            href: column.href.clone(),
            sort: format!("{sort}#{slug}"),
            sorted,
            number: is_number(i),
        }
    };
    // The group's name stands in the row of its subtotal, over the names of its rows.
    let skipped = usize::from(!table.groups.is_empty());
    table.columns.iter().enumerate().skip(skipped).map(view).collect()
}

fn rows(
    kind: ReportKind,
    request: &ReportRequest<'_>,
    section: &Section,
    shades: Option<&Shades<'_>>,
) -> Vec<RowView> {
    let table = &section.table;
    if table.groups.is_empty() {
        return table
            .rows
            .iter()
            .map(|row| RowView { cells: cells(row, false, 0, shades), group: None })
            .collect();
    }
    let folds = table.rows.len() > UNFOLDED_ROWS && table.groups.len() > 1;
    let mut rest = table.rows.as_slice();
    let mut views = Vec::new();
    for group in &table.groups {
        let (own, others) = rest.split_at(group.len.min(rest.len()));
        rest = others;
        let is_open = !folds || request.params.ac == group.key;
        let href = if folds { fold(kind, request, section.slug, group, is_open) } else { String::new() };
        let head = GroupView { key: group.key.clone(), href, is_open };
        views.push(RowView { cells: cells(&group.subtotal, true, 1, shades), group: Some(head) });
        if is_open {
            views.extend(own.iter().map(|row| RowView { cells: cells(row, true, 0, shades), group: None }));
        }
    }
    views
}

/// The address that unfolds a group alone, or folds it again.
fn fold(
    kind: ReportKind,
    request: &ReportRequest<'_>,
    slug: &str,
    group: &RowGroup,
    is_open: bool,
) -> String {
    let ac = if is_open { String::new() } else { group.key.clone() };
    let address = Params { ac, ..request.params.clone() }.address(kind.path());
    format!("{address}#{slug}-{}", group.key)
}

/// The cells of a row; in a table with groups without the cell `left_out`, which says nothing there.
fn cells(row: &[Cell], is_grouped: bool, left_out: usize, shades: Option<&Shades<'_>>) -> Vec<CellView> {
    let shown = row.iter().enumerate().filter(|(i, _)| !is_grouped || *i != left_out);
    shown
        .map(|(i, cell)| CellView {
            words: match cell {
                Cell::Coded(words, _) => words.clone(),
                cell => cell.display(),
            },
            code: match cell {
                Cell::Coded(_, code) => code.clone(),
                _ => String::new(),
            },
            // Our addresses have no other character to escape. There may be thousands on a page.
            href: minijinja::Value::from_safe_string(cell.href().replace('&', "&amp;")),
            number: cell.is_number(),
            shade: shades.map_or(0, |shades| shades.class(i, cell)),
        })
        .collect()
}
