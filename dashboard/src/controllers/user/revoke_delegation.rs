//! `/yetkimi-paylas/geri-al`: a Yetkili takes shared authority back at once (requirement 14).

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::user::UserCommandBody;
use serde::Serialize;
use uuid::Uuid;

use super::command::execute;
use super::delegate::{self, CurrentDelegation, DelegationFields};
use crate::view::address::with_query;
use crate::view::i18n::tr;
use crate::web::app::{App, AppState};
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::page::{form_page, render};
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// The data of `user/revoke_delegation.html`.
#[derive(Serialize)]
struct RevokeDelegationPage<'a> {
    lent: CurrentDelegation,
    error: &'a str,
    version: u64,
    command: String,
}

/// `GET /yetkimi-paylas/geri-al`
pub async fn confirm(State(app): State<AppState>, viewer: Viewer) -> Result<Response, Problem> {
    page(&app, &viewer, "")
}

/// The page with a form that was not executed.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    UnsentForm { why, .. }: UnsentForm,
) -> Result<Response, Problem> {
    page(&app, &viewer, &why)
}

fn page(app: &App, viewer: &Viewer, error: &str) -> Result<Response, Problem> {
    let Some(lent) = delegate::current(app, viewer) else {
        return Ok(Redirect::to(delegate::PATH).into_response());
    };
    let (version, command) = (viewer.user.version, Uuid::now_v7().to_string());
    let data = RevokeDelegationPage { lent, error, version, command };
    let html = render(app, viewer, tr("Yetkiyi Geri Al"), "user/revoke_delegation.html", data)?;
    Ok(form_page(error, html))
}

/// `POST /yetkimi-paylas/geri-al`
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let (name, body) = (viewer.user.name.clone(), UserCommandBody::RevokeDelegation);
    match execute(&app, &viewer, &form, form.command_id(), name, body).await {
        Ok(()) => Ok(Redirect::to(&with_query(delegate::PATH, [("oldu", "geri-al")])).into_response()),
        Err(FormError::Refused(sentence)) => {
            delegate::page(&app, &viewer, &DelegationFields::proposed(app.clock.now()), "", &sentence)
        }
        Err(FormError::Problem(problem)) => Err(problem),
    }
}
