//! A report as a page, as CSV, as XLSX.

use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use minijinja::context;
use serde::Serialize;

use super::build::{Asked, build};
use super::filter::{Params, choices};
use super::kind::Kind;
use super::table::{Cell, Section};
use super::{csv, xlsx};
use crate::app::App;
use crate::guard::Viewer;
use crate::i18n::{say, tr};
use crate::labels;
use crate::page::{Shell, value};
use crate::problem::Problem;

/// As what a report is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page.
    Html,
    /// One table, for Excel and everything else.
    Csv,
    /// All tables, one sheet each.
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Html, Self::Csv, Self::Xlsx];

    /// What the address ends with.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Html => "",
            Self::Csv => ".csv",
            Self::Xlsx => ".xlsx",
        }
    }
}

#[derive(Serialize)]
struct SectionView {
    slug: &'static str,
    title: String,
    definition: &'static str,
    chart: Option<minijinja::Value>,
    folded: bool,
    columns: Vec<ColumnView>,
    rows: Vec<Vec<CellView>>,
    csv: String,
}

#[derive(Serialize)]
struct ColumnView {
    label: String,
    definition: &'static str,
    sort: String,
    /// `ascending`, `descending`, or nothing.
    sorted: &'static str,
    number: bool,
}

#[derive(Serialize)]
struct CellView {
    words: String,
    href: String,
    number: bool,
}

/// `GET /raporlama…`
pub async fn show(
    kind: Kind,
    format: Format,
    State(app): State<App>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let today = now.to_zoned(labels::istanbul()).date();
    let (period, error) = params.period(today);
    let asked = Asked { app: &app, params: &params, period, now };
    let mut sections = build(kind, &asked).await?;
    if let Some((table, by)) = params.sirala.split_once('.')
        && let Some(section) = sections.iter_mut().find(|section| section.slug == table)
    {
        section.table.sort(by);
    }
    match format {
        Format::Html => page(kind, &asked, &viewer, error, sections),
        Format::Csv => {
            let section = sections.iter().find(|section| section.slug == params.tablo).or(sections.first());
            let section = section.ok_or(Problem::NotFound)?;
            let bytes = csv::table(&section.table).map_err(|error| Problem::Internal(error.to_string()))?;
            let name = format!("{}-{}_{}_{}.csv", slug(kind), section.slug, period.from, period.last);
            Ok(download("text/csv; charset=utf-8", &name, bytes))
        }
        Format::Xlsx => {
            let bytes = tokio::task::spawn_blocking(move || xlsx::sections(&sections))
                .await
                .map_err(|error| Problem::Internal(error.to_string()))?
                .map_err(|error| Problem::Internal(error.to_string()))?;
            let name = format!("{}_{}_{}.xlsx", slug(kind), period.from, period.last);
            Ok(download(xlsx::MEDIA_TYPE, &name, bytes))
        }
    }
}

fn slug(kind: Kind) -> &'static str {
    kind.path().rsplit('/').next().unwrap_or_default()
}

/// A file to keep; its name is of our own making.
pub fn download(media_type: &'static str, name: &str, body: impl Into<axum::body::Body>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)], body.into()).into_response()
}

fn page(
    kind: Kind,
    asked: &Asked<'_>,
    viewer: &Viewer,
    error: &str,
    sections: Vec<Section>,
) -> Result<Response, Problem> {
    let narrow = asked.params.carried().of(asked.period);
    let menu: Vec<_> = Kind::ALL
        .into_iter()
        .map(|other| (narrow.address(other.path()), tr(other.title()), other == kind))
        .collect();
    let [services, units, valilikler] = choices(asked.app, asked.params);
    let sections: Vec<_> = sections.into_iter().map(|section| view(kind, asked, section)).collect();
    let html = Shell::new(asked.app, viewer, say!("Raporlama: {report}", report = tr(kind.title()))).page(
        "report/show.html",
        context! {
            error, menu, path => kind.path(), sections => value(sections),
            from => asked.period.from.to_string(), last => asked.period.last.to_string(),
            services => value(services), units => value(units), valilikler => value(valilikler),
            xlsx => narrow.address(&format!("{}.xlsx", kind.path())),
            period => format!("{} – {}", labels::day(asked.period.from), labels::day(asked.period.last)),
            at => format!("{} {}", labels::date(asked.now), labels::clock(asked.now)),
        },
    )?;
    Ok(html.into_response())
}

fn view(kind: Kind, asked: &Asked<'_>, section: Section) -> SectionView {
    let table = section.table;
    let sorted_by = asked.params.sirala.strip_prefix(section.slug).and_then(|by| by.strip_prefix('.'));
    let is_number = |column: usize| table.rows.iter().any(|row| row.get(column).is_some_and(Cell::is_number));
    let columns = table
        .columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let (up, down) = (i.to_string(), format!("-{i}"));
            let sorted = match sorted_by {
                Some(by) if by == up => "ascending",
                Some(by) if by == down => "descending",
                _ => "",
            };
            // Numbers are wanted largest first, words from A to Z; a second click turns it.
            let next = match (sorted, is_number(i)) {
                ("descending", _) | ("", false) => up,
                _ => down,
            };
            let sirala = format!("{}.{next}", section.slug);
            let sort = Params { sirala, ..asked.params.clone() }.address(kind.path());
            ColumnView {
                label: column.label.clone(),
                definition: column.figure.map_or("", |figure| tr(figure.definition_tr)),
                sort: format!("{sort}#{}", section.slug),
                sorted,
                number: is_number(i),
            }
        })
        .collect();
    let cell = |cell: &Cell| CellView {
        words: cell.words(),
        href: match cell {
            Cell::Count(1.., behind) => behind.clone(),
            _ => String::new(),
        },
        number: cell.is_number(),
    };
    let csv = Params { tablo: section.slug.into(), ..asked.params.carried().of(asked.period) };
    SectionView {
        slug: section.slug,
        title: section.title,
        definition: tr(section.definition),
        chart: section.chart.map(minijinja::Value::from_safe_string),
        folded: section.folded,
        rows: table.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        columns,
        csv: csv.address(&format!("{}.csv", kind.path())),
    }
}
