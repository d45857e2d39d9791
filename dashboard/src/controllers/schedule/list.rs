//! `/raporlama/zamanlanmis`: every scheduled report, with its next and its last sending.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::calendar::day_of;
use ebasvuru_workflow::domain::schedule::Schedule;
use ebasvuru_workflow::domain::turkish::SortKey;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::command::OFF;
use super::words::{self, OutcomeView};
use crate::controllers::report::{ReportQuery, period_of};
use crate::view::i18n::tr;
use crate::view::labels;
use crate::web::app::{App, AppState};
use crate::web::guard::Viewer;
use crate::web::page::render;
use crate::web::problem::Problem;

/// The path of the list.
pub const PATH: &str = "/raporlama/zamanlanmis";

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The act that led here.
    oldu: String,
}

/// The data of `schedule/list.html`.
#[derive(Serialize)]
struct ListPage {
    rows: Vec<Row>,
    notice: &'static str,
    /// Said if no mail server is configured.
    off: &'static str,
}

#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    active: bool,
    /// The report and its filters, and the address of its page for the next period.
    report: String,
    page: String,
    period: &'static str,
    timing: String,
    /// The next sending; empty for none.
    next: String,
    recipients: Vec<String>,
    last: Option<OutcomeView>,
}

/// `GET /raporlama/zamanlanmis`
pub async fn show(
    State(app): State<AppState>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let mut all = app.schedules.all();
    all.sort_by_cached_key(|schedule| SortKey::of(&schedule.terms.name));
    let data = ListPage {
        rows: all.iter().map(|schedule| row(&app, schedule, now)).collect(),
        notice: match params.oldu.as_str() {
            "eklendi" => tr("Rapor zamanlandı."),
            "silindi" => tr("Zamanlanmış rapor silindi."),
            _ => "",
        },
        off: if app.mailer.is_some() { "" } else { tr(OFF) },
    };
    Ok(render(&app, &viewer, tr("Zamanlanmış raporlar"), "schedule/list.html", data)?.into_response())
}

fn row(app: &App, schedule: &Schedule, now: Timestamp) -> Row {
    let terms = &schedule.terms;
    let query = ReportQuery::parse(terms.report.as_str());
    Row {
        id: schedule.id.to_string(),
        name: terms.name.clone(),
        active: schedule.active,
        report: query.as_ref().map_or_else(|| terms.report.to_string(), |query| query.words(app)),
        page: query.map(|query| query.address_of(period_of(terms.period, day_of(now)))).unwrap_or_default(),
        period: words::period(terms.period),
        timing: words::timing(terms.timing),
        next: next(app, schedule, now),
        recipients: terms.recipients.iter().map(ToString::to_string).collect(),
        last: schedule.sending.as_ref().map(|sending| words::outcome(app, sending, now)),
    }
}

/// When it is sent next; empty if it is not.
pub fn next(app: &App, schedule: &Schedule, now: Timestamp) -> String {
    let next = schedule.next_at(now).filter(|_| app.mailer.is_some());
    next.map(labels::date_time).unwrap_or_default()
}
