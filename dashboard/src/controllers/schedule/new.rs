//! `/raporlama/zamanlanmis/yeni`: "Zamanla", from the page of a report with its filters.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::ScheduleId;
use ebasvuru_workflow::domain::schedule::ScheduleCommandBody;
use serde::Deserialize;

use super::command::execute;
use super::form::{ScheduleFields, page};
use super::list;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::{Params as ReportParams, ReportQuery};
use crate::view::address::with_query;
use crate::web::app::{App, AppState};
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// The path of the page.
const PATH: &str = "/raporlama/zamanlanmis/yeni";

/// The query.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The address of the report's page.
    rapor: String,
}

impl Default for Params {
    fn default() -> Self {
        Self { rapor: ReportKind::Overview.path().into() }
    }
}

/// The address of the page for a report with these filters.
pub fn address(kind: ReportKind, params: &ReportParams) -> String {
    with_query(PATH, [("rapor", &*params.address(kind.path()))])
}

/// `GET /raporlama/zamanlanmis/yeni`
pub async fn form(
    State(app): State<AppState>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let query = ReportQuery::parse(&params.rapor).ok_or(Problem::NotFound)?;
    let report = query.address().ok_or(Problem::NotFound)?;
    page(&app, &viewer, None, &ScheduleFields::proposed(report.as_str()), "", "")
}

/// `POST /raporlama/zamanlanmis/yeni`
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let fields = ScheduleFields::typed(&form);
    match define(&app, &viewer, &form, &fields).await {
        Ok(()) => Ok(Redirect::to(&with_query(list::PATH, [("oldu", "eklendi")])).into_response()),
        Err(FormError::Refused(sentence)) => page(&app, &viewer, None, &fields, "", &sentence),
        Err(FormError::Problem(problem)) => Err(problem),
    }
}

/// The page with a form that was not executed.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    page(&app, &viewer, None, &ScheduleFields::typed(&form), "", &why)
}

async fn define(
    app: &App,
    viewer: &Viewer,
    form: &SubmittedForm,
    fields: &ScheduleFields,
) -> Result<(), FormError> {
    let terms = fields.terms(app)?;
    let id = form.command_id();
    let body = ScheduleCommandBody::DefineSchedule { terms };
    execute(app, viewer, form, id, ScheduleId(id.0), body).await
}
