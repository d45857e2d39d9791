//! "Sil": `/raporlama/zamanlanmis/{schedule}/sil` asks before it is done.

use axum::extract::{Path, State};
use axum::response::Response;
use ebasvuru_workflow::domain::schedule::Schedule;
use serde::Serialize;
use uuid::Uuid;

use super::command::find;
use super::words;
use crate::view::i18n::tr;
use crate::web::app::{App, AppState};
use crate::web::guard::Viewer;
use crate::web::page::{form_page, render};
use crate::web::problem::Problem;

/// The data of `schedule/delete.html`.
#[derive(Serialize)]
struct DeletePage<'a> {
    id: String,
    name: &'a str,
    timing: String,
    recipients: usize,
    version: u64,
    command: String,
    error: &'a str,
}

/// `GET /raporlama/zamanlanmis/{schedule}/sil`
pub async fn confirm(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let schedule = find(&app, &id)?;
    page(&app, &viewer, &schedule, "")
}

/// The question, with what was wrong with the answer to it.
pub fn page(app: &App, viewer: &Viewer, schedule: &Schedule, error: &str) -> Result<Response, Problem> {
    let data = DeletePage {
        id: schedule.id.to_string(),
        name: &schedule.terms.name,
        timing: words::timing(schedule.terms.timing),
        recipients: schedule.terms.recipients.len(),
        version: schedule.edited_version,
        command: Uuid::now_v7().to_string(),
        error,
    };
    let html = render(app, viewer, tr("Zamanlanmış raporu sil"), "schedule/delete.html", data)?;
    Ok(form_page(error, html))
}
