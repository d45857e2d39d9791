//! Pages for a user who is logged in.

use axum::response::Html;
use serde::Serialize;

use super::app::App;
use super::guard::Viewer;
use super::problem::Problem;
use super::ticket;
use crate::view::i18n::tr;
use crate::view::shell::{Shell, acting, menu};

/// The frame around a page of this viewer.
#[must_use]
pub fn shell(app: &App, viewer: &Viewer, title: impl Into<String>) -> Shell {
    let profile = &viewer.user.profile;
    let now = app.clock.now();
    Shell {
        title: title.into(),
        full_name: profile.full_name.clone(),
        role: tr(profile.role.label_tr()),
        unit: profile.unit.as_ref().map(|unit| app.unit_name(unit)).unwrap_or_default(),
        csrf: ticket::issue(&app.key, &viewer.session.csrf, &viewer.user.name, now),
        path: viewer.path.clone(),
        menu: menu(profile.role, &viewer.path),
        acting: app.users.read(|users| acting(users, &viewer.user, now)),
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
    Ok(shell(app, viewer, title).render(template, data)?)
}
