//! Pages of the portal.

use axum::response::Html;
use minijinja::context;
use serde::Serialize;

use super::error::PortalError;
use super::session::CitizenSession;
use crate::view;
use crate::view::environment::value;

/// The templates under "Başvurularım"; the others are steps of "Yeni Başvuru".
const OWN: [&str; 3] = ["portal/list.html", "portal/show.html", "portal/withdraw.html"];

/// Renders a page for a citizen who is signed in; its template finds `data` as `p`.
pub fn render(
    session: &CitizenSession,
    template: &str,
    title: &str,
    data: impl Serialize,
) -> Result<Html<String>, PortalError> {
    let (who, csrf) = (value(&session.citizen), session.ticket.as_str());
    let here = if OWN.contains(&template) { "/basvurularim" } else { "/yeni-basvuru" };
    Ok(Html(view::render(template, context! { title, who, csrf, here, p => value(data) })?))
}
