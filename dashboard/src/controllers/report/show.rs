//! A report as a page, as CSV, and as XLSX.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::build::{ReportRequest, build};
use super::conditions::{conditions, file_name};
use super::filter::{Params, choices};
use super::kind::ReportKind;
use super::table::{Cell, Section};
use super::{csv, xlsx};
use crate::view::Choice;
use crate::view::document::DocumentHead;
use crate::view::i18n::{current_language, say, tr, with_language};
use crate::view::labels;
use crate::web::app::{App, AppState};
use crate::web::guard::Viewer;
use crate::web::page::{head, render, render_document};
use crate::web::problem::Problem;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A page.
    Html,
    /// One table, for Excel and other programs.
    Csv,
    /// All tables, each on a sheet.
    Xlsx,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Html, Self::Csv, Self::Xlsx];

    /// The end of the path.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Html => "",
            Self::Csv => ".csv",
            Self::Xlsx => ".xlsx",
        }
    }
}

/// The data of `report/show.html`.
#[derive(Serialize)]
struct ReportPage<'a> {
    error: &'a str,
    /// The reports: address, title, and whether it is this one.
    menu: Vec<(String, &'static str, bool)>,
    path: &'static str,
    sections: Vec<SectionView>,
    /// The first day of the period.
    from: String,
    /// The last day of the period.
    last: String,
    services: Vec<Choice>,
    units: Vec<Choice>,
    valilikler: Vec<Choice>,
    /// The address of the report as XLSX.
    xlsx: String,
    period: String,
}

#[derive(Serialize)]
struct SectionView {
    slug: &'static str,
    title: String,
    definition: &'static str,
    /// The chart, as safe SVG.
    chart: Option<minijinja::Value>,
    folded: bool,
    columns: Vec<ColumnView>,
    rows: Vec<Vec<CellView>>,
    /// The row of totals, if there is one.
    total: Vec<CellView>,
    /// What is shown in place of a table without rows.
    empty: &'static str,
    /// The address of the table as CSV.
    csv: String,
}

#[derive(Serialize)]
struct ColumnView {
    label: String,
    definition: &'static str,
    /// The address that sorts by the column.
    sort: String,
    /// `ascending`, `descending`, or nothing.
    sorted: &'static str,
    number: bool,
}

#[derive(Serialize)]
struct CellView {
    words: String,
    code: String,
    /// The list behind a count; empty for none.
    href: String,
    number: bool,
}

/// `GET /raporlama…`
pub async fn show(
    kind: ReportKind,
    format: Format,
    State(app): State<AppState>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let today = now.to_zoned(labels::istanbul()).date();
    let period = match params.period(&app, today) {
        Ok(period) => period,
        Err(sentence) => return refused(kind, &app, &viewer, &params, &sentence),
    };
    let request = ReportRequest { app: &app, params: &params, period, now };
    let mut sections = build(kind, &request).await?;
    if let Some((table, by)) = params.sirala.split_once('.')
        && let Some(section) = sections.iter_mut().find(|section| section.slug == table)
    {
        section.table.sort(by);
    }
    let head = head(&app, &viewer, title(kind), conditions(&app, &params, period));
    let name = |what: &str, format: Format| file_name(&app, what, &params, period, format.suffix());
    match format {
        Format::Html => page(kind, &request, &viewer, &head, sections),
        Format::Csv => {
            let wanted = |section: &&Section| params.tablo.is_empty() || section.slug == params.tablo;
            let section = sections.iter().find(wanted).ok_or(Problem::NotFound)?;
            let bytes = csv::table(&section.table).map_err(|error| Problem::Internal(error.to_string()))?;
            let what = format!("{}-{}", slug(kind), section.slug);
            Ok(download("text/csv; charset=utf-8", &name(&what, format), bytes))
        }
        Format::Xlsx => {
            let language = current_language();
            let write = move || with_language(language, || xlsx::workbook(&head, &sections));
            let bytes = tokio::task::spawn_blocking(write)
                .await
                .map_err(|error| Problem::Internal(error.to_string()))?
                .map_err(|error| Problem::Internal(error.to_string()))?;
            Ok(download(xlsx::MEDIA_TYPE, &name(slug(kind), format), bytes))
        }
    }
}

fn title(kind: ReportKind) -> String {
    say!("Raporlama: {report}", report = tr(kind.title()))
}

fn slug(kind: ReportKind) -> &'static str {
    kind.path().rsplit('/').next().unwrap_or_default()
}

/// A download. The name must not need escaping.
pub fn download(media_type: &'static str, name: &str, body: impl Into<axum::body::Body>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)], body.into()).into_response()
}

fn page(
    kind: ReportKind,
    request: &ReportRequest<'_>,
    viewer: &Viewer,
    head: &DocumentHead,
    sections: Vec<Section>,
) -> Result<Response, Problem> {
    let narrow = request.params.carried().of(request.period);
    let [services, units, valilikler] = choices(request.app, request.params);
    let sections: Vec<_> = sections.into_iter().map(|section| view(kind, request, section)).collect();
    let period = request.period;
    let data = ReportPage {
        error: "",
        menu: menu(kind, &narrow),
        path: kind.path(),
        sections,
        from: period.from.to_string(),
        last: period.last.to_string(),
        services,
        units,
        valilikler,
        xlsx: narrow.address(&format!("{}.xlsx", kind.path())),
        period: format!("{} – {}", labels::day(period.from), labels::day(period.last)),
    };
    Ok(render_document(request.app, viewer, head, "report/show.html", data)?.into_response())
}

/// The page of a query that cannot be, whatever it was to be shown as: the form as it was sent, and no
/// numbers.
fn refused(
    kind: ReportKind,
    app: &App,
    viewer: &Viewer,
    params: &Params,
    sentence: &str,
) -> Result<Response, Problem> {
    let [services, units, valilikler] = choices(app, params);
    let data = ReportPage {
        error: sentence,
        menu: menu(kind, &Params::default()),
        path: kind.path(),
        sections: Vec::new(),
        from: params.bas.clone(),
        last: params.son.clone(),
        services,
        units,
        valilikler,
        xlsx: String::new(),
        period: String::new(),
    };
    let html = render(app, viewer, title(kind), "report/show.html", data)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

/// The reports, with these filters: address, title, and whether it is this one.
fn menu(kind: ReportKind, narrow: &Params) -> Vec<(String, &'static str, bool)> {
    let entry = |other: ReportKind| (narrow.address(other.path()), tr(other.title()), other == kind);
    ReportKind::ALL.map(entry).into()
}

fn view(kind: ReportKind, request: &ReportRequest<'_>, section: Section) -> SectionView {
    let table = section.table;
    let sorted_by = request.params.sirala.strip_prefix(section.slug).and_then(|by| by.strip_prefix('.'));
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
            // The first click sorts numbers in descending and texts in ascending order, the second
            // click the other way round.
            let next = match (sorted, is_number(i)) {
                ("descending", _) | ("", false) => up,
                _ => down,
            };
            let sirala = format!("{}.{next}", section.slug);
            let sort = Params { sirala, ..request.params.clone() }.address(kind.path());
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
        words: match cell {
            Cell::Coded(words, _) => words.clone(),
            cell => cell.display(),
        },
        code: match cell {
            Cell::Coded(_, code) => code.clone(),
            _ => String::new(),
        },
        href: match cell {
            Cell::Count(1.., behind) => behind.clone(),
            _ => String::new(),
        },
        number: cell.is_number(),
    };
    let csv = Params { tablo: section.slug.into(), ..request.params.carried().of(request.period) };
    SectionView {
        slug: section.slug,
        title: section.title,
        definition: tr(section.definition),
        chart: section.chart.map(minijinja::Value::from_safe_string),
        folded: section.folded,
        rows: table.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        total: table.total.iter().flatten().map(cell).collect(),
        columns,
        empty: tr(match kind {
            ReportKind::Pipeline => "Kabul edilmeyen ileti yok.",
            _ => "Dönemde başvuru yok.",
        }),
        csv: csv.address(&format!("{}.csv", kind.path())),
    }
}
