//! Pages for a user who is logged in.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::app::App;
use super::guard::Viewer;
use super::problem::Problem;
use super::ticket;
use crate::view::document::DocumentHead;
use crate::view::i18n::{say, tr};
use crate::view::shell::{Shell, acting, menu};

/// What a page or file for this viewer says of itself. `conditions`: which part of all data it is of.
#[must_use]
pub fn head(
    app: &App,
    viewer: &Viewer,
    title: impl Into<String>,
    conditions: Vec<(&'static str, String)>,
) -> DocumentHead {
    let profile = &viewer.user.profile;
    let role = tr(profile.role.label_tr());
    DocumentHead {
        title: title.into(),
        conditions,
        data: viewer.data,
        made_at: app.clock.now(),
        made_for: format!("{} ({role})", profile.full_name),
    }
}

/// Of a list that has more pages: that this one, with so many rows, is not all of it.
#[must_use]
pub fn part_of_list(rows: usize) -> (&'static str, String) {
    (tr("Kapsam"), say!("listenin bir sayfası, {n} satır", n = rows))
}

/// The frame around a page of this viewer.
#[must_use]
pub fn shell(app: &App, viewer: &Viewer, head: &DocumentHead) -> Shell {
    let profile = &viewer.user.profile;
    let now = app.clock.now();
    Shell {
        full_name: profile.full_name.clone(),
        role: tr(profile.role.label_tr()),
        unit: profile.unit.as_ref().map(|unit| app.unit_name(unit)).unwrap_or_default(),
        csrf: ticket::issue(&app.key, &viewer.session.csrf, &viewer.user.name, now),
        path: viewer.path.clone(),
        menu: menu(profile.role, &viewer.path),
        acting: app.users.read(|users| acting(users, &viewer.user, now)),
        document: head.into(),
    }
}

/// Renders a page for this viewer; its template finds `data` as `p`.
pub fn render(
    app: &App,
    viewer: &Viewer,
    title: impl Into<String>,
    template: &str,
    data: impl Serialize,
) -> Result<Html<String>, Problem> {
    render_document(app, viewer, &head(app, viewer, title, Vec::new()), template, data)
}

/// Renders a page that says which part of all data it is of.
pub fn render_document(
    app: &App,
    viewer: &Viewer,
    head: &DocumentHead,
    template: &str,
    data: impl Serialize,
) -> Result<Html<String>, Problem> {
    Ok(shell(app, viewer, head).render(template, data)?)
}

/// A page with a form as a response. `error` is what was wrong with the form that was sent; empty if
/// none was sent.
pub fn form_page(error: &str, html: Html<String>) -> Response {
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, html).into_response()
}
