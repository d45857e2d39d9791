//! `/raporlama/basvurular`: the applications behind a figure, masked as in every list; as CSV or XLSX
//! the whole list, however long.

use std::io::Seek;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header::REFERER;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use ebasvuru_analytics::read::overview::Measure;
use ebasvuru_analytics::read::{Cursor, Edge, ReadError, Sort, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::calendar::day_of;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use serde::Serialize;
use tokio_util::io::ReaderStream;

use super::bucket::Bucket;
use super::conditions::{conditions, file_name};
use super::csv::Lines;
pub use super::filter::LIST_PATH as PATH;
use super::filter::Params;
use super::kind::ReportKind;
use super::show::{Format, download};
use super::table::Cell;
use super::xlsx;
use crate::view::document::{DocumentHead, Fact};
use crate::view::i18n::{current_language, say, tr, with_language};
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
    /// The definition of the measure.
    definition: &'static str,
    /// The order of the rows.
    order: &'static str,
    /// The report that one came from: its address, and its title.
    back: (String, String),
    /// The number of rows of all pages.
    count: u64,
    /// The number of this page, and how many there are.
    place: (u64, u64),
    /// What it is of: label and value.
    scope: Vec<(&'static str, String)>,
    /// The address of the list as CSV.
    csv: String,
    /// The address of the list as XLSX.
    xlsx: String,
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
    headers: HeaderMap,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let today = day_of(now);
    let figure = params.measure().ok_or(Problem::NotFound)?;
    let period = match params.period(&app, today) {
        Ok(period) => period,
        Err(sentence) => return refused(&app, &viewer, &figure, &sentence),
    };
    // Of those that are late and open, the latest first.
    let (sort, order) = if ["overdue_now", "overdue_open"].contains(&figure.key) {
        (Sort::Deadline, "Son günü en eski olan en üstte.")
    } else {
        (Sort::Newest, "En yeni başvuru en üstte.")
    };
    let filter = WorklistFilter {
        figure: figure.of(params.filter(period)),
        officer: params.sorumlu.parse().ok(),
        bucket: Bucket::named(&params.dilim).map(|bucket| bucket.of(app.catalog.calendar(), period)),
        sort,
        ..WorklistFilter::default()
    };
    let mut head = head(&app, &viewer, tr(figure.label_tr), conditions(&app, &params, period));
    if figure.is_of_now() {
        head.conditions.retain(|(label, _)| *label != tr("Dönem"));
        head.conditions.insert(0, (tr("Dönem"), tr("Şu an, bütün dönemler").to_owned()));
    }
    let stated = Some(period).filter(|_| !figure.is_of_now());
    let name = file_name(&app, &format!("basvurular-{}", figure.key), &params, stated, format.suffix());
    match format {
        Format::Csv => {
            let lines = csv_lines(AppState::clone(&app), app.read.stream(&filter, now).await?, now)?;
            Ok(download("text/csv; charset=utf-8", &name, Body::from_stream(lines)))
        }
        Format::Xlsx => {
            let rows = app.read.stream(&filter, now).await?;
            let file = xlsx_file(AppState::clone(&app), head, rows, now).await?;
            let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
            Ok(download(xlsx::MEDIA_TYPE, &name, body))
        }
        Format::Html => {
            let edge = Edge::of(&params.sonra, &params.once);
            if edge.is_none() && !(params.sonra.is_empty() && params.once.is_empty()) {
                return refused(&app, &viewer, &figure, tr("Listenin bu sayfası yok."));
            }
            let filter = WorklistFilter { edge, ..filter };
            let (page, count) =
                tokio::try_join!(app.read.worklist(&filter, PAGE, now), app.read.count(&filter, now))?;
            let view = |row| RowView { cells: cells(&app, row, now).map(|cell| cell.display()) };
            let rows: Vec<_> = page.rows.iter().map(view).collect();
            let (kind, back) = came_from(&params, &headers)
                .unwrap_or_else(|| (ReportKind::Overview, params.carried().of(period).address("/raporlama")));
            let pages = count.div_ceil(PAGE.into()).max(1);
            // Where it is known, it is not what the address says.
            let place = match (&page.previous, &page.next) {
                (None, _) => 1,
                (_, None) => pages,
                _ => params.sayfa.parse().unwrap_or(1).clamp(1, pages),
            };
            let here = params.of(period);
            let at = |sonra: String, once: String, sayfa: u64| {
                let geri = back.clone();
                Params { sonra, once, sayfa: sayfa.to_string(), geri, ..here.clone() }.address(PATH)
            };
            let next = |row: Cursor| at(row.to_string(), String::new(), place + 1);
            let previous = |row: Cursor| at(String::new(), row.to_string(), place.saturating_sub(1));
            let files = Params { geri: String::new(), ..here.first() };
            let export = |suffix: &str| files.address(&format!("{PATH}{suffix}"));
            let data = ListPage {
                error: "",
                columns: COLUMNS.map(tr),
                rows,
                next: page.next.map(next),
                previous: page.previous.map(previous),
                definition: tr(figure.definition_tr),
                order: tr(order),
                back: (back.clone(), say!("Raporlama: {report}", report = tr(kind.title()))),
                count,
                place: (place, pages),
                scope: head.conditions.clone(),
                csv: export(".csv"),
                xlsx: export(".xlsx"),
            };
            if data.next.is_some() || data.previous.is_some() {
                head.conditions.push(part_of_list(data.rows.len()));
            }
            Ok(render_document(&app, &viewer, &head, "report/list.html", data)?.into_response())
        }
    }
}

/// The report that one came from, and its address: as the page before says, or the browser. Only an
/// address of a report leads back.
fn came_from(params: &Params, headers: &HeaderMap) -> Option<(ReportKind, String)> {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let uri: Uri = Some(params.geri.as_str()).filter(|geri| !geri.is_empty()).or(referer)?.parse().ok()?;
    let kind = ReportKind::ALL.into_iter().find(|kind| kind.path() == uri.path())?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some((kind, format!("{}{query}", kind.path())))
}

/// The page of a query that cannot be, whatever it was to be shown as.
fn refused(app: &App, viewer: &Viewer, figure: &Measure, sentence: &str) -> Result<Response, Problem> {
    let data = ListPage {
        error: sentence,
        columns: COLUMNS.map(tr),
        rows: Vec::new(),
        next: None,
        previous: None,
        definition: tr(figure.definition_tr),
        order: "",
        back: (ReportKind::Overview.path().to_owned(), tr("Raporlama").to_owned()),
        count: 0,
        place: (1, 1),
        scope: Vec::new(),
        csv: String::new(),
        xlsx: String::new(),
    };
    let html = render(app, viewer, tr(figure.label_tr), "report/list.html", data)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

fn cells(app: &App, row: &WorklistRow, now: Timestamp) -> [Cell; COLUMNS.len()] {
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
        Cell::text(tr(if row.is_overdue(now) { "Evet" } else { "Hayır" })),
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
    now: Timestamp,
) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send, Problem> {
    let internal = |error: csv::Error| Problem::Internal(error.to_string());
    let language = current_language();
    let mut lines = Lines::new(COLUMNS.map(tr)).map_err(internal)?;
    let head = Bytes::from(lines.take().map_err(internal)?);
    let body = rows.ready_chunks(CHUNK).map(move |chunk| {
        for row in chunk {
            let row = row.map_err(std::io::Error::other)?;
            lines.add_cells(&with_language(language, || cells(&app, &row, now)))?;
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
    now: Timestamp,
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
                for (x, cell) in (0..).zip(with_language(language, || cells(&app, &row, now))) {
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
