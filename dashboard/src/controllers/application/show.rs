//! `/basvurular/{no}`: everything about one application, and every action on it.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ebasvuru_analytics::read::Access;
use ebasvuru_workflow::domain::application::{Action, Application};
use minijinja::context;
use serde::Deserialize;

use super::offer::{self, Typed};
use super::{action, load, view};
use crate::app::{App, AppState};
use crate::guard::Viewer;
use crate::i18n::say;
use crate::page::{Shell, value};
use crate::problem::Problem;

/// What was done just now, and from which list the way led here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    oldu: String,
    liste: String,
}

/// `GET /basvurular/{no}`
pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(no): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let application = load::application(&app, &viewer.user, &no).await?;
    let notice = action::done(&params.oldu);
    page(&app, &viewer, &application, &Said { notice, list: params.liste, ..Said::default() }).await
}

/// What the page says beside the application.
#[derive(Debug, Default)]
pub struct Said {
    /// What was done.
    pub notice: &'static str,
    /// Why it was not done: an action, the sentence, and what was typed.
    pub refused: Option<(Action, String, Typed)>,
    /// What cannot be undone is asked about once more.
    pub confirm: Option<Action>,
    /// Somebody else was faster (decision n).
    pub conflict: bool,
    /// The address of the list that the way led from; empty: the whole list.
    pub list: String,
}

impl Said {
    const fn status(&self) -> StatusCode {
        match (&self.refused, self.conflict) {
            (_, true) => StatusCode::CONFLICT,
            (Some(_), false) => StatusCode::UNPROCESSABLE_ENTITY,
            (None, false) => StatusCode::OK,
        }
    }

    /// The list to go back to: none but our own.
    fn list(&self) -> &str {
        if self.list.starts_with("/basvurular?") { &self.list } else { "" }
    }
}

/// The page. Opening it is written to the access log before anything is opened.
pub async fn page(
    app: &AppState,
    viewer: &Viewer,
    application: &Application,
    said: &Said,
) -> Result<Response, Problem> {
    let user = &viewer.user;
    let now = app.clock.now();
    let scope = load::scope(app, user).ok_or(Problem::Forbidden)?;
    let log = |what| Access {
        application: application.id,
        no: application.no.clone(),
        user: user.name.clone(),
        at: now,
        what,
        reason: String::new(),
    };
    let (detail, others) = (log("detail"), log("others"));
    tokio::try_join!(app.read.log_access(&detail), app.read.log_access(&others))?;
    let others = app.read.others_of(&application.applicant.tckn_index, application.id).await?;

    let looks = view::looks(app, application).await;

    let detail = view::detail(app, user, &scope, application, &others, &looks, now)?;
    let actions = offer::actions(app, user, application, said.refused.as_ref(), now);
    let checking = actions.iter().any(|a| a.slug == Action::CheckDocument.slug() && a.allowed);
    let title = say!("Başvuru {no}", no = application.no);
    let state = view::state(app, application);
    let error = said.refused.as_ref().map(|(_, sentence, _)| sentence.as_str()).unwrap_or_default();
    let html = Shell::new(app, viewer, title).page(
        "application/show.html",
        context! { list => said.list(), a => value(detail), actions => value(actions), checking, notice => said.notice, error, conflict => said.conflict, state, confirm => value(said.confirm.map(|action| offer::confirmation(app, application, action))) },
    )?;
    Ok((said.status(), html).into_response())
}
