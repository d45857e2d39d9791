//! `/raporlama/zamanlanmis/{schedule}`: a scheduled report with what can be done with it.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::schedule::{Schedule, ScheduleCommandBody};
use serde::Deserialize;

use super::command::{OFF, execute, find};
use super::form::{ScheduleFields, page};
use super::{delete, list};
use crate::view::address::with_query;
use crate::view::i18n::tr;
use crate::web::app::{App, AppState};
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The act that led here.
    oldu: String,
}

/// The path of a scheduled report.
pub fn path(schedule: &Schedule) -> String {
    format!("{}/{}", list::PATH, schedule.id)
}

/// `GET /raporlama/zamanlanmis/{schedule}`
pub async fn form(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let schedule = find(&app, &id)?;
    let notice = match params.oldu.as_str() {
        "kaydet" => tr("Zamanlanmış rapor kaydedildi."),
        "duraklat" => tr("Rapor duraklatıldı; siz sürdürene kadar kendiliğinden gönderilmez."),
        "surdur" => tr("Rapor bundan sonra zamanı gelince gönderilir."),
        "gonder" => tr("Rapor gönderiliyor; sonucu bu sayfada görünür."),
        _ => "",
    };
    page(&app, &viewer, Some(&schedule), &ScheduleFields::of(&schedule), notice, "")
}

/// `POST /raporlama/zamanlanmis/{schedule}`: the act is in the field `islem`.
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(id): Path<String>,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let schedule = find(&app, &id)?;
    let act = form.text("islem");
    match act_on(&app, &viewer, &schedule, &form, &act).await {
        Ok(()) if act == "sil" => {
            Ok(Redirect::to(&with_query(list::PATH, [("oldu", "silindi")])).into_response())
        }
        Ok(()) => Ok(Redirect::to(&with_query(&path(&schedule), [("oldu", &*act)])).into_response()),
        Err(FormError::Refused(sentence)) => refused(&app, &viewer, &schedule, &form, &sentence),
        Err(FormError::Problem(problem)) => Err(problem),
    }
}

/// The page with a form that was not executed.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(id): Path<String>,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    let schedule = find(&app, &id)?;
    refused(&app, &viewer, &schedule, &form, &why)
}

async fn act_on(
    app: &App,
    viewer: &Viewer,
    schedule: &Schedule,
    form: &SubmittedForm,
    act: &str,
) -> Result<(), FormError> {
    let body = match act {
        "kaydet" => ScheduleCommandBody::ChangeSchedule { terms: ScheduleFields::typed(form).terms(app)? },
        "duraklat" => ScheduleCommandBody::SetScheduleActive { active: false },
        "surdur" => ScheduleCommandBody::SetScheduleActive { active: true },
        "sil" => ScheduleCommandBody::DeleteSchedule,
        "gonder" => {
            let mailer = app.mailer.as_ref().ok_or_else(|| FormError::refused(OFF))?;
            ScheduleCommandBody::StartSending { sender: mailer.sender, occurrence: None }
        }
        _ => return Err(Problem::BadRequest.into()),
    };
    execute(app, viewer, form, form.command_id(), schedule.id, body).await
}

/// The page that the form came from, with what was typed in it.
fn refused(
    app: &App,
    viewer: &Viewer,
    schedule: &Schedule,
    form: &SubmittedForm,
    sentence: &str,
) -> Result<Response, Problem> {
    match form.text("islem").as_str() {
        "sil" => delete::page(app, viewer, schedule, sentence),
        "kaydet" => page(app, viewer, Some(schedule), &ScheduleFields::typed(form), "", sentence),
        _ => page(app, viewer, Some(schedule), &ScheduleFields::of(schedule), "", sentence),
    }
}
