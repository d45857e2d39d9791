//! `/raporlama/basvurular`: the applications behind a number. Masked, as every list; whole as
//! CSV or XLSX, however long.

use std::io::Seek;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use ebasvuru_analytics::read::{Edge, Figure, ReadError, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::application::StatusName;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use minijinja::context;
use rust_xlsxwriter::{Workbook, XlsxError};
use serde::Serialize;
use tokio_util::io::ReaderStream;

use super::csv::Lines;
use super::filter::Params;
use super::show::{Format, download};
use super::xlsx;
use crate::app::{App, AppState};
use crate::guard::Viewer;
use crate::i18n::{Language, speaking, spoken, tr};
use crate::labels;
use crate::page::{Shell, value};
use crate::problem::Problem;

/// Its page.
pub const PATH: &str = "/raporlama/basvurular";
/// Rows of a page.
const PAGE: u16 = 100;
/// Rows that are made into text at once.
const CHUNK: usize = 500;

const COLUMNS: [&str; 12] = [
    "Başvuru No",
    "Hizmet",
    "Valilik",
    "Birim",
    "Başvuru Durumu",
    "Aşama",
    "Sorumlu",
    "Geliş",
    "Son gün",
    "Süresi geçti",
    "Sonuçlanma",
    "Cevap süresi (gün)",
];

/// The columns of days and numbers.
const AS_IN_TURKEY: [usize; 4] = [7, 8, 10, 11];

#[derive(Serialize)]
struct RowView {
    cells: [String; COLUMNS.len()],
}

/// `GET /raporlama/basvurular`, `.csv`, `.xlsx`
pub async fn show(
    format: Format,
    State(app): State<App>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let today = now.to_zoned(labels::istanbul()).date();
    let (period, error) = params.period(today);
    let figure = Figure::named(&params.rakam).or_else(|| Figure::named("total")).ok_or(Problem::NotFound)?;
    let filter = WorklistFilter {
        figure: Some((figure, params.filter(period))),
        officer: params.sorumlu.parse().ok(),
        edge: Edge::of(&params.sonra, &params.once),
        ..WorklistFilter::default()
    };
    let name = format!("basvurular-{}_{}_{}", figure.key, period.from, period.last);
    match format {
        Format::Csv => {
            let lines = csv_lines(App::clone(&app), app.read.stream(&filter, now)?)?;
            Ok(download("text/csv; charset=utf-8", &format!("{name}.csv"), Body::from_stream(lines)))
        }
        Format::Xlsx => {
            let file = xlsx_file(App::clone(&app), app.read.stream(&filter, now)?).await?;
            let body = Body::from_stream(ReaderStream::new(tokio::fs::File::from_std(file)));
            Ok(download(xlsx::MEDIA_TYPE, &format!("{name}.xlsx"), body))
        }
        Format::Html => {
            let page = app.read.worklist(&filter, PAGE, now).await?;
            let rows: Vec<_> = page.rows.iter().map(|row| RowView { cells: cells(&app, row) }).collect();
            let here = params.of(period);
            let first = here.first();
            let to = |sonra: Option<String>, once: Option<String>| {
                let page = Params {
                    sonra: sonra.unwrap_or_default(),
                    once: once.unwrap_or_default(),
                    ..first.clone()
                };
                page.address(PATH)
            };
            let next = page.next.map(|row| to(Some(row.to_string()), None));
            let previous = page.previous.map(|row| to(None, Some(row.to_string())));
            let export = |suffix: &str| first.address(&format!("{PATH}{suffix}"));
            let html = Shell::new(&app, &viewer, tr(figure.label_tr)).page(
                "report/list.html",
                context! {
                    error, columns => COLUMNS.map(tr), rows => value(rows), next, previous,
                    definition => tr(figure.definition_tr),
                    back => params.carried().of(period).address("/raporlama"),
                    csv => export(".csv"), xlsx => export(".xlsx"),
                    period => format!("{} – {}", labels::day(period.from), labels::day(period.last)),
                    shown => page.rows.len(),
                },
            )?;
            Ok(html.into_response())
        }
    }
}

fn cells(app: &AppState, row: &WorklistRow) -> [String; COLUMNS.len()] {
    let took = row.closed_at.map(|closed| closed.duration_since(row.received_at).as_secs_f64() / 86_400.0);
    [
        row.no.to_string(),
        app.service_name(&row.service),
        app.catalog.valilik_name(row.valilik).to_owned(),
        app.unit_name(&row.unit),
        labels::phase(row.pre_application).to_owned(),
        labels::status(row.status, row.outcome).to_owned(),
        row.officer.as_ref().map(|officer| app.gateway.full_name(officer)).unwrap_or_default(),
        labels::date(row.received_at),
        labels::last_day(row.deadline),
        tr(if row.overdue { "Evet" } else { "Hayır" }).to_owned(),
        row.closed_at.filter(|_| row.status == StatusName::Closed).map(labels::date).unwrap_or_default(),
        took.map(|days| labels::decimal(days, 2)).unwrap_or_default(),
    ]
}

/// The cells in a file: words in the language that was spoken when it was asked for, days and
/// numbers as Excel in Turkey reads them.
fn file_cells(app: &AppState, row: &WorklistRow, language: Language) -> [String; COLUMNS.len()] {
    let mut all = speaking(Language::Turkish, || cells(app, row));
    if language != Language::Turkish {
        let spoken = speaking(language, || cells(app, row));
        for (column, cell) in
            spoken.into_iter().enumerate().filter(|(column, _)| !AS_IN_TURKEY.contains(column))
        {
            all[column] = cell;
        }
    }
    all
}

type Rows = Result<WorklistRow, ReadError>;

/// The rows as lines, a few hundred at a time; an error on the way breaks the download off, so
/// that half a file is not taken for a whole one.
fn csv_lines(
    app: App,
    rows: impl Stream<Item = Rows> + Send + 'static,
) -> Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send, Problem> {
    let internal = |error: csv::Error| Problem::Internal(error.to_string());
    let language = spoken();
    let mut lines = Lines::new(COLUMNS.map(tr)).map_err(internal)?;
    let head = Bytes::from(lines.take().map_err(internal)?);
    let body = rows.ready_chunks(CHUNK).map(move |chunk| {
        for row in chunk {
            let row = row.map_err(std::io::Error::other)?;
            lines.add(file_cells(&app, &row, language).iter().map(String::as_str))?;
        }
        Ok(Bytes::from(lines.take()?))
    });
    Ok(stream::once(async { Ok(head) }).chain(body))
}

/// The rows as sheets in a temporary file, which is gone once it is sent. Row after row goes
/// to disk: memory does not grow with the list.
async fn xlsx_file(
    app: App,
    rows: impl Stream<Item = Rows> + Send + 'static,
) -> Result<std::fs::File, Problem> {
    let language = spoken();
    let headings = COLUMNS.map(tr);
    let (send, mut receive) = tokio::sync::mpsc::channel::<Vec<WorklistRow>>(4);
    let writer = tokio::task::spawn_blocking(move || -> Result<std::fs::File, XlsxError> {
        let mut book = Workbook::new();
        let mut sheet = book.new_worksheet_with_constant_memory()?;
        xlsx::heading(&mut sheet, &headings)?;
        let mut y = 0;
        while let Some(chunk) = receive.blocking_recv() {
            for row in chunk {
                if y == xlsx::ROWS_OF_A_SHEET {
                    book.push_worksheet(sheet);
                    sheet = book.new_worksheet_with_constant_memory()?;
                    xlsx::heading(&mut sheet, &headings)?;
                    y = 0;
                }
                y += 1;
                for (x, cell) in (0..).zip(file_cells(&app, &row, language)) {
                    sheet.write_string(y, x, cell)?;
                }
            }
        }
        book.push_worksheet(sheet);
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
