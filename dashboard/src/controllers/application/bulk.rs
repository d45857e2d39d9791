//! `POST /basvurular/teslim-et`: what is ticked in the list is given to one Sorumlu, each
//! application by a command of its own.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Command, CommandBody};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::message::{ApplicationCommand, Decision};
use futures_util::future::join_all;
use minijinja::context;
use serde::Serialize;
use uuid::Uuid;

use super::{list, load};
use crate::app::{App, AppState};
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::page::{Shell, value};
use crate::problem::Problem;
use crate::routes::is_local;

/// No page shows as many rows.
const AT_ONCE: usize = 100;

/// One application that was ticked, and what became of it.
#[derive(Debug, Serialize)]
struct Outcome {
    no: String,
    version: String,
    /// Why it was not given; empty when it was.
    refused: String,
}

/// `POST /basvurular/teslim-et`
pub async fn submit(State(app): State<App>, viewer: Viewer, form: Submitted) -> Result<Response, Problem> {
    let ticked: Vec<(String, String)> = form
        .all("secim")
        .take(AT_ONCE)
        .filter_map(|tick| tick.split_once(':').map(|(no, version)| (no.to_owned(), version.to_owned())))
        .collect();
    let officer = form.text("sorumlu").parse::<UserName>();
    let (Ok(officer), false) = (officer, ticked.is_empty()) else {
        let error =
            tr(if ticked.is_empty() { "En az bir başvuru seçiniz." } else { "Bir Sorumlu seçiniz." });
        let waiting = |(no, version)| Outcome { no, version, refused: String::new() };
        let rest = ticked.into_iter().map(waiting).collect();
        return page(&app, &viewer, &form, error, 0, rest);
    };
    let form_id = form.text("komut");
    let given = ticked.into_iter().map(|(no, version)| give(&app, &viewer, &officer, &form_id, no, version));
    let outcomes: Vec<Outcome> = join_all(given).await.into_iter().collect::<Result<_, _>>()?;
    let (done, rest): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|outcome| outcome.refused.is_empty());
    if rest.is_empty() {
        let back = back(&form);
        let mark = if back.contains('?') { '&' } else { '?' };
        let to = format!("{back}{mark}oldu=teslim-et&adet={}", done.len());
        return Ok(Redirect::to(&to).into_response());
    }
    page(&app, &viewer, &form, "", done.len(), rest)
}

async fn give(
    app: &AppState,
    viewer: &Viewer,
    officer: &UserName,
    form_id: &str,
    no: String,
    version: String,
) -> Result<Outcome, Problem> {
    let application = match load::application(app, &viewer.user, &no).await {
        Ok(application) => application,
        Err(Problem::NotFound) => {
            return Ok(Outcome { no, version, refused: tr("Başvuru bulunamadı.").into() });
        }
        Err(problem) => return Err(problem),
    };
    // The same form sent again asks for the same commands.
    let id =
        if form_id.is_empty() { CommandId(Uuid::now_v7()) } else { CommandId::deterministic(form_id, &no) };
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
    let reply = app.gateway.ask(&command).await?;
    Ok(match reply.decision {
        Decision::Accepted { .. } => Outcome { no, version, refused: String::new() },
        Decision::Refused { text_tr, .. } => {
            let now_is = reply.application.map_or(version, |application| application.version.to_string());
            Outcome { no, version: now_is, refused: tr(&text_tr).into() }
        }
    })
}

/// What could not be given, with the form to try again.
fn page(
    app: &AppState,
    viewer: &Viewer,
    form: &Submitted,
    error: &str,
    done: usize,
    rest: Vec<Outcome>,
) -> Result<Response, Problem> {
    let officers = list::assignees(app, viewer.user.profile.unit.as_ref(), &form.text("sorumlu"));
    let html = Shell::new(app, viewer, tr("Teslim Et")).page(
        "application/bulk.html",
        context! {
            error, done, rest => value(rest), officers => value(officers), back => back(form),
            command => Uuid::now_v7().to_string(),
        },
    )?;
    Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

/// The list it came from; never an address elsewhere.
fn back(form: &Submitted) -> String {
    let back = form.text("donus");
    let list = back == "/basvurular" || back.starts_with("/basvurular?");
    if list && is_local(&back) { back } else { "/basvurular".into() }
}
