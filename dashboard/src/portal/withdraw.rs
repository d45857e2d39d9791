//! "Vazgeç": withdraws an open application.

use std::collections::BTreeMap;

use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use ebasvuru_workflow::budget::MIDDLE_CHARS;
use serde_json::json;

use super::contract;
use super::error::PortalError;
use super::page::render;
use super::records::SubmissionRecord;
use super::session::CitizenSession;
use super::state::{PortalApp, PortalState};
use super::track::{find, is_open, summary};
use crate::view::labels::too_long;
use crate::web::form_body::AcceptedBody;

/// `GET /basvurularim/{no}/vazgec`: asks first.
pub async fn form(
    State(app): State<PortalState>,
    session: CitizenSession,
    Path(no): Path<String>,
) -> Result<Html<String>, PortalError> {
    let record = find(&app, &session, &no)?;
    page(&app, &session, &record, "", None)
}

/// The page with what was typed, and what is wrong with it.
fn page(
    app: &PortalApp,
    session: &CitizenSession,
    record: &SubmissionRecord,
    typed: &str,
    error: Option<String>,
) -> Result<Html<String>, PortalError> {
    let mut data = summary(app, record);
    data["typed"] = typed.into();
    data["errors"] = json!(error.map(|error| ("neden", error)).into_iter().collect::<BTreeMap<_, _>>());
    render(session, "portal/withdraw.html", "Vazgeç", data)
}

/// `POST /basvurularim/{no}/vazgec`: publishes the withdrawal, if the application is open.
pub async fn submit(
    State(app): State<PortalState>,
    session: CitizenSession,
    Path(no): Path<String>,
    request: Request,
) -> Result<Response, PortalError> {
    let form = session.form(&app, request, AcceptedBody::Form).await?;
    let record = find(&app, &session, &no)?;
    let reason = form.text("neden");
    if let Some(error) = too_long("Neden", &reason, MIDDLE_CHARS) {
        return Ok(page(&app, &session, &record, &reason, Some(error))?.into_response());
    }
    if is_open(&record) {
        let message = contract::withdrawal(record.id, &reason, app.clock.now());
        app.publish(record.id.to_string(), &message).await?;
    }
    Ok(Redirect::to(&format!("/basvurularim/{}", record.id)).into_response())
}
