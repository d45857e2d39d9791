//! `/basvurular/{no}`: everything about one application, and every action on it.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_analytics::read::Edge;
use ebasvuru_workflow::domain::application::{Action, Application};
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::domain::search_term::SearchTerm;
use ebasvuru_workflow::message::Opened;
use serde::{Deserialize, Serialize};

use super::actions::form::{self, ActionForm, Confirmation, Kept, RefusedForm};
use super::actions::table;
use super::detail::{self, Detail};
use super::others::{Others, others};
use super::{list, load};
use crate::view::address::with_query;
use crate::view::i18n::say;
use crate::web::app::{App, AppState};
use crate::web::guard::Viewer;
use crate::web::page::render;
use crate::web::problem::Problem;

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The slug of the action that led here.
    oldu: String,
    /// The address of the list that led here.
    liste: String,
    /// The row of "Vatandaşın Diğer Başvuruları" after which its page begins.
    sonra: String,
    /// The row before which it ends.
    once: String,
}

/// `GET /basvurular/{no}`
pub async fn show(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(no): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    // A number that was typed or pasted into the address in another form.
    if let (Err(_), Some(found)) = (no.parse::<ApplicationNo>(), SearchTerm::number_in(&no)) {
        let to = with_query(&format!("{}/{found}", list::PATH), [("liste", params.liste.as_str())]);
        return Ok(Redirect::to(&to).into_response());
    }
    let application = load::application(&app, &viewer.user, &no).await?;
    let notice = table::done_on(&params.oldu, &application);
    let others = Edge::of(&params.sonra, &params.once);
    let feedback = Feedback { notice, list: params.liste, others, ..Feedback::default() };
    page(&app, &viewer, &application, &feedback).await
}

/// What the page says about the last request.
#[derive(Debug, Default)]
pub struct Feedback {
    /// What was done.
    pub notice: &'static str,
    /// The form that was refused.
    pub refused: Option<RefusedForm>,
    /// The action that cannot be undone and is asked about first.
    pub confirm: Option<Action>,
    /// Whether somebody else changed the application first (decision n).
    pub conflict: bool,
    /// The address of the list that led here; empty for the whole list.
    pub list: String,
    /// The page of the applicant's other applications; without it, the first.
    pub others: Option<Edge>,
}

impl Feedback {
    const fn status(&self) -> StatusCode {
        match (&self.refused, self.conflict) {
            (_, true) => StatusCode::CONFLICT,
            (Some(_), false) => StatusCode::UNPROCESSABLE_ENTITY,
            (None, false) => StatusCode::OK,
        }
    }

    /// The list to go back to; empty unless it is the worklist with a query.
    fn list(&self) -> &str {
        if list::is_address(&self.list) && self.list != list::PATH { &self.list } else { "" }
    }
}

/// The data of `application/show.html`.
#[derive(Serialize)]
struct ShowPage<'a> {
    /// The list to go back to.
    list: &'a str,
    /// The application.
    a: Detail,
    others: Others,
    actions: Vec<ActionForm>,
    /// Whether documents of the checklist may be ticked.
    checking: bool,
    notice: &'static str,
    /// Why the last form was refused, if no form of the page says so.
    error: &'a str,
    /// What became of what the last form held.
    kept: Option<Kept>,
    conflict: bool,
    /// The current status, for a conflict.
    state: String,
    confirm: Option<Confirmation>,
}

/// The page. It is sent once the log has that the application was opened.
pub async fn page(
    app: &App,
    viewer: &Viewer,
    application: &Application,
    feedback: &Feedback,
) -> Result<Response, Problem> {
    let user = &viewer.user;
    let now = app.clock.now();
    let scope = load::scope(app, user).ok_or(Problem::Forbidden)?;
    let opened = [Opened::Detail, Opened::Others];
    let recorded = async { Ok(app.audit.record(&user.name, application, &opened).await?) };
    let others = others(app, &scope, application, feedback.others, feedback.list(), now);
    let ((), others) = tokio::try_join!(recorded, others)?;
    let infos = detail::document_infos(app, application).await;

    let actions = form::actions(app, user, application, feedback.refused.as_ref(), now);
    let kept = feedback.refused.as_ref().map(|refused| form::kept(refused, &actions));
    // A form of the page shows its own error.
    let error = feedback.refused.as_ref().filter(|_| !form::shows_error(&actions));
    let error = error.map_or("", |refused| refused.error.as_str());
    let data = ShowPage {
        list: feedback.list(),
        a: detail::detail(app, user, application, &infos, now)?,
        others,
        checking: actions.iter().any(|a| a.slug == Action::CheckDocument.slug() && a.allowed),
        actions,
        notice: feedback.notice,
        error,
        kept,
        conflict: feedback.conflict,
        state: detail::status_line(app, application),
        confirm: feedback.confirm.map(|action| form::confirmation(app, application, action)),
    };
    let title = say!("Başvuru {no}", no = application.no);
    let html = render(app, viewer, title, "application/show.html", data)?;
    Ok((feedback.status(), html).into_response())
}
