//! `POST /basvurular/teslim-et`: "Teslim Et" for the applications ticked in the list. Each is
//! assigned to the chosen Sorumlu by a command of its own.

use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Action, Command, CommandBody};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::message::{ApplicationCommand, Decision};
use futures_util::future::join_all;
use serde::Serialize;
use uuid::Uuid;

use super::filter::Params;
use super::list::RefusedBulk;
use super::officers::assignees;
use super::{list, load};
use crate::view::Choice;
use crate::view::address::{is_local, with_query};
use crate::view::i18n::tr;
use crate::web::app::{App, AppState};
use crate::web::form::SubmittedForm;
use crate::web::guard::Viewer;
use crate::web::page::render;
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// The most applications of one form; no page shows as many rows.
const MAX_SELECTED: usize = 100;

/// A ticked application with the result of its command.
#[derive(Debug, Serialize)]
struct BulkResult {
    no: String,
    version: String,
    /// Why it was not assigned; empty if it was.
    refused: String,
}

/// The data of `application/assign_selected.html`.
#[derive(Serialize)]
struct AssignSelectedPage<'a> {
    error: &'a str,
    /// How many were assigned.
    done: usize,
    /// Those that were not.
    rest: Vec<BulkResult>,
    officers: Vec<Choice>,
    /// The list to go back to.
    back: String,
    command: String,
}

/// `POST /basvurular/teslim-et`
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let ticked = ticked(&form);
    let officer = form.text("sorumlu").parse::<UserName>();
    let (Ok(officer), false) = (officer, ticked.is_empty()) else {
        let error =
            tr(if ticked.is_empty() { "En az bir başvuru seçiniz." } else { "Bir Sorumlu seçiniz." });
        // The list stays, with what was ticked and chosen.
        let ticked = ticked.into_iter().map(|(no, _)| no).collect();
        let refused = RefusedBulk { error, ticked, officer: form.text("sorumlu") };
        return list::page(&app, &viewer, params(&back(&form)), &refused).await;
    };
    let form_id = form.text("komut");
    let assigned =
        ticked.into_iter().map(|(no, version)| assign(&app, &viewer, &officer, &form_id, no, version));
    let results: Vec<BulkResult> = join_all(assigned).await.into_iter().collect::<Result<_, _>>()?;
    let (done, rest): (Vec<_>, Vec<_>) = results.into_iter().partition(|result| result.refused.is_empty());
    if rest.is_empty() {
        let count = done.len().to_string();
        let parameters = [("oldu", Action::Assign.slug()), ("adet", &count)];
        return Ok(Redirect::to(&with_query(&back(&form), parameters)).into_response());
    }
    page(&app, &viewer, &form, "", done.len(), rest)
}

/// The page with a form that was not executed: its ticks, wherever the list has them by now.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    let unchanged = |(no, version)| BulkResult { no, version, refused: String::new() };
    page(&app, &viewer, &form, &why, 0, ticked(&form).into_iter().map(unchanged).collect())
}

/// The numbers and versions that were ticked.
fn ticked(form: &SubmittedForm) -> Vec<(String, String)> {
    let ticks = form.all("secim").take(MAX_SELECTED).filter_map(|tick| tick.split_once(':'));
    ticks.map(|(no, version)| (no.to_owned(), version.to_owned())).collect()
}

async fn assign(
    app: &App,
    viewer: &Viewer,
    officer: &UserName,
    form_id: &str,
    no: String,
    version: String,
) -> Result<BulkResult, Problem> {
    let application = match load::application(app, &viewer.user, &no).await {
        Ok(application) => application,
        Err(Problem::NotFound) => {
            return Ok(BulkResult { no, version, refused: tr("Başvuru bulunamadı.").into() });
        }
        Err(problem) => return Err(problem),
    };
    // The same form sent again gives the same commands; with another Sorumlu it is another form.
    let id = match form_id {
        "" => CommandId(Uuid::now_v7()),
        _ => CommandId::deterministic(&format!("{form_id} {officer}"), &no),
    };
    let command = ApplicationCommand {
        application: application.id,
        command: Command {
            id,
            actor: Actor::Staff(viewer.user.name.clone()),
            expected_version: version.parse().ok(),
            at: app.clock.now(),
            body: CommandBody::Assign { officer: officer.clone() },
        },
    };
    let (decision, current) = app.execute(&command, &application.no).await?;
    Ok(match decision {
        Decision::Accepted { .. } => BulkResult { no, version, refused: String::new() },
        Decision::Refused { text_tr, .. } => {
            let version = current.map_or(version, |application| application.version.to_string());
            BulkResult { no, version, refused: tr(&text_tr).into() }
        }
    })
}

/// The applications that were not assigned, with the form to try again.
fn page(
    app: &App,
    viewer: &Viewer,
    form: &SubmittedForm,
    error: &str,
    done: usize,
    rest: Vec<BulkResult>,
) -> Result<Response, Problem> {
    let data = AssignSelectedPage {
        error,
        done,
        rest,
        officers: assignees(app, viewer.user.profile.unit.as_ref(), &form.text("sorumlu")),
        back: back(form),
        command: Uuid::now_v7().to_string(),
    };
    let html = render(app, viewer, tr("Teslim Et"), "application/assign_selected.html", data)?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

/// The view of the list at this address.
fn params(address: &str) -> Params {
    let query = address.parse().ok().and_then(|uri: Uri| Query::<Params>::try_from_uri(&uri).ok());
    query.map(|Query(params)| params).unwrap_or_default()
}

/// The address of the list that the form came from; the whole list if it is no such address.
fn back(form: &SubmittedForm) -> String {
    let back = form.text("donus");
    if list::is_address(&back) && is_local(&back) { back } else { list::PATH.into() }
}
