//! Pages of the portal.

use axum::response::Html;
use minijinja::context;
use serde::Serialize;

use super::error::PortalError;
use super::session::CitizenSession;
use crate::view;
use crate::view::environment::value;

/// Renders a page for a citizen who is signed in; its template finds `data` as `p`.
pub fn render(
    session: &CitizenSession,
    template: &str,
    title: &str,
    data: impl Serialize,
) -> Result<Html<String>, PortalError> {
    let (who, csrf) = (value(&session.citizen), session.csrf.as_str());
    Ok(Html(view::render(template, context! { title, who, csrf, p => value(data) })?))
}
