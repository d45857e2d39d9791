//! `/raporlama/basvurular`: the applications behind a figure, masked as in every list; as CSV or XLSX
//! the whole list, however long.

use std::io::Seek;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ebasvuru_analytics::read::{Cursor, Edge, Figure, ReadError, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::application::StatusName;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use serde::Serialize;
use tokio_util::io::ReaderStream;

use super::conditions::{conditions, file_name};
use super::csv::Lines;
pub use super::filter::LIST_PATH as PATH;
use super::filter::Params;
use super::kind::ReportKind;
use super::show::{Format, download};
use super::table::Cell;
use super::xlsx;
use crate::view::document::{DocumentHead, Fact};
use crate::view::i18n::{current_language, tr, with_language};
use crate::view::labels::{self, last_date};
use crate::web::app::{App, AppState};
use crate::web::guard::Viewer;
use crate::web::page::{head, part_of_list, render, render_document};
use crate::web::problem::Problem;

/// The number of rows of a page.
const PAGE: u16 = 100;
/// The number of rows that are formatted at once.
const CHUNK: usize = 500;

const COLUMNS: [&str; 12] = [
    "Başvuru No",
    "Hizmet",
    "Valilik",
    "Birim",
    "Başvuru Durumu",
    "Aşama",
    "Sorumlu",
    "Başvuru tarihi",
    "Son gün",
    "Süresi geçti",
    "Sonuçlanma",
    "Cevaplanma süresi (gün)",
];

/// The widths of the columns in a file, in characters. It is written row by row, so they cannot follow
/// from what is in them.
const WIDTHS: [f64; COLUMNS.len()] = [18.0, 42.0, 20.0, 46.0, 16.0, 28.0, 26.0, 17.0, 12.0, 14.0, 17.0, 20.0];

/// The data of `report/list.html`.
#[derive(Serialize)]
struct ListPage<'a> {
    error: &'a str,
    columns: [&'static str; COLUMNS.len()],
    rows: Vec<RowView>,
    /// The address of the next page.
    next: Option<String>,
    /// The address of the previous page.
    previous: Option<String>,
    /// The definition of the figure.
    definition: &'static str,
    /// The address of the reports.
    back: String,
    /// The address of the list as CSV.
    csv: String,
    /// The address of the list as XLSX.
    xlsx: String,
    period: String,
    /// The number of rows of the page.
    shown: usize,
}

#[derive(Serialize)]
struct RowView {
    cells: [String; COLUMNS.len()],
}

/// `GET /raporlama/basvurular`, `.csv`, `.xlsx`
pub async fn show(
    format: Format,
    State(app): State<AppState>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let today = now.to_zoned(labels::istanbul()).date();
    let figure = params.figure().ok_or(Problem::NotFound)?;
    let period = match params.period(&app, today) {
        Ok(period) => period,
        Err(sentence) => return refused(&app, &viewer, figure, &sentence),
    };
    let filter = WorklistFilter {
        figure: Some((figure, params.filter(period))),
        officer: params.sorumlu.parse().ok(),
        ..WorklistFilter::default()
    };
    let mut head = head(&app, &viewer, tr(figure.label_tr), conditions(&app, &params, period));
    let name = file_name(&app, &format!("basvurular-{}", figure.key), &params, period, format.suffix());
    match format {
        Format::Csv => {
            let lines = csv_lines(AppState::clone(&app), app.read.stream(&filter, now)?)?;
            Ok(download("text/csv; charset=utf-8", &name, Body::from_stream(lines)))
        }
        Format::Xlsx => {
            let file = xlsx_file(AppState::clone(&app), head, app.read.stream(&filter, now)?).await?;
            let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
            Ok(download(xlsx::MEDIA_TYPE, &name, body))
        }
        Format::Html => {
            let filter = WorklistFilter { edge: Edge::of(&params.sonra, &params.once), ..filter };
            let page = app.read.worklist(&filter, PAGE, now).await?;
            let view = |row| RowView { cells: cells(&app, row).map(|cell| cell.display()) };
            let rows: Vec<_> = page.rows.iter().map(view).collect();
            let here = params.of(period);
            let first = here.first();
            let next = |row: Cursor| Params { sonra: row.to_string(), ..first.clone() }.address(PATH);
            let previous = |row: Cursor| Params { once: row.to_string(), ..first.clone() }.address(PATH);
            let export = |suffix: &str| first.address(&format!("{PATH}{suffix}"));
            let data = ListPage {
                error: "",
                columns: COLUMNS.map(tr),
                rows,
                next: page.next.map(next),
                previous: page.previous.map(previous),
                definition: tr(figure.definition_tr),
                back: params.carried().of(period).address(ReportKind::Overview.path()),
                csv: export(".csv"),
                xlsx: export(".xlsx"),
                period: format!("{} – {}", labels::day(period.from), labels::day(period.last)),
                shown: page.rows.len(),
            };
            if data.next.is_some() || data.previous.is_some() {
                head.conditions.push(part_of_list(data.shown));
            }
            Ok(render_document(&app, &viewer, &head, "report/list.html", data)?.into_response())
        }
    }
}

/// The page of a query that cannot be, whatever it was to be shown as.
fn refused(app: &App, viewer: &Viewer, figure: &Figure, sentence: &str) -> Result<Response, Problem> {
    let data = ListPage {
        error: sentence,
        columns: COLUMNS.map(tr),
        rows: Vec::new(),
        next: None,
        previous: None,
        definition: tr(figure.definition_tr),
        back: ReportKind::Overview.path().to_owned(),
        csv: String::new(),
        xlsx: String::new(),
        period: String::new(),
        shown: 0,
    };
    let html = render(app, viewer, tr(figure.label_tr), "report/list.html", data)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

fn cells(app: &App, row: &WorklistRow) -> [Cell; COLUMNS.len()] {
    let closed = row.closed_at.filter(|_| row.status == StatusName::Closed);
    let days = |closed: Timestamp| closed.duration_since(row.received_at).as_secs_f64().max(0.0) / 86_400.0;
    [
        Cell::text(row.no.as_str()),
        Cell::text(app.service_name(&row.service)),
        Cell::text(app.catalog.valilik_name(row.valilik)),
        Cell::text(app.unit_name(&row.unit)),
        Cell::text(labels::phase(row.pre_application)),
        Cell::text(labels::status_of(row)),
        row.officer.as_ref().map_or(Cell::None, |officer| Cell::text(app.users.full_name(officer))),
        Cell::Moment(row.received_at),
        Cell::Day(last_date(row.deadline)),
        Cell::text(tr(if row.overdue { "Evet" } else { "Hayır" })),
        closed.map_or(Cell::None, Cell::Moment),
        closed.map_or(Cell::None, |closed| Cell::Days(days(closed))),
    ]
}

type RowResult = Result<WorklistRow, ReadError>;

/// The rows as lines of CSV. An error breaks the download off, so that an incomplete file is not taken
/// for a whole one.
fn csv_lines(
    app: AppState,
    rows: impl Stream<Item = RowResult> + Send + 'static,
) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send, Problem> {
    let internal = |error: csv::Error| Problem::Internal(error.to_string());
    let language = current_language();
    let mut lines = Lines::new(COLUMNS.map(tr)).map_err(internal)?;
    let head = Bytes::from(lines.take().map_err(internal)?);
    let body = rows.ready_chunks(CHUNK).map(move |chunk| {
        for row in chunk {
            let row = row.map_err(std::io::Error::other)?;
            lines.add_cells(&with_language(language, || cells(&app, &row)))?;
        }
        Ok(Bytes::from(lines.take()?))
    });
    Ok(stream::once(async { Ok(head) }).chain(body))
}

/// The rows as sheets in an unnamed temporary file. They are written to disk one by one, so that the
/// memory does not grow with the list.
async fn xlsx_file(
    app: AppState,
    head: DocumentHead,
    rows: impl Stream<Item = RowResult> + Send + 'static,
) -> Result<std::fs::File, Problem> {
    let language = current_language();
    let headings = COLUMNS.map(tr);
    let (send, mut receive) = tokio::sync::mpsc::channel::<Vec<WorklistRow>>(4);
    let writer = tokio::task::spawn_blocking(move || -> Result<std::fs::File, XlsxError> {
        let mut book = Workbook::new();
        let (title, formats) = with_language(language, || (tr("Başvurular"), xlsx::Formats::plain()));
        let mut begin = |number| -> Result<Worksheet, XlsxError> {
            let mut sheet = book.new_worksheet_with_constant_memory()?;
            sheet.set_name(if number == 1 { title.to_owned() } else { format!("{title} {number}") })?;
            for (x, width) in (0..).zip(WIDTHS) {
                sheet.set_column_width(x, width)?;
            }
            xlsx::heading(&mut sheet, headings)?;
            Ok(sheet)
        };
        let mut sheets = vec![begin(1)?];
        let (mut y, mut count) = (0, 0);
        while let Some(chunk) = receive.blocking_recv() {
            for row in chunk {
                if y == xlsx::MAX_ROWS {
                    sheets.push(begin(sheets.len() + 1)?);
                    y = 0;
                }
                y += 1;
                count += 1;
                let Some(sheet) = sheets.last_mut() else { continue };
                for (x, cell) in (0..).zip(with_language(language, || cells(&app, &row))) {
                    xlsx::write(sheet, y, x, &cell, true, &formats)?;
                }
            }
        }
        let front = with_language(language, || {
            let mut front = xlsx::Front::new(&head, xlsx::front_name())?;
            front.fact(tr("Başvuru sayısı"), &Fact::Number(count))?;
            Ok::<_, XlsxError>(front.into_sheet())
        })?;
        book.push_worksheet(front);
        let full = sheets.len() - 1;
        for (i, mut sheet) in sheets.into_iter().enumerate() {
            let last = if i < full { xlsx::MAX_ROWS } else { y };
            with_language(language, || xlsx::end(&mut sheet, last, COLUMNS.len()))?;
            book.push_worksheet(sheet);
        }
        let mut file = tempfile::tempfile().map_err(XlsxError::IoError)?;
        book.save_to_writer(&mut file)?;
        file.rewind().map_err(XlsxError::IoError)?;
        Ok(file)
    });
    let mut chunks = std::pin::pin!(rows.try_ready_chunks(CHUNK));
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Problem::from(error.1))?;
        if send.send(chunk).await.is_err() {
            break;
        }
    }
    drop(send);
    let written = writer.await.map_err(|error| Problem::Internal(error.to_string()))?;
    written.map_err(|error| Problem::Internal(error.to_string()))
}
