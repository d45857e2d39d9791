//! "Vazgeç": withdraws an open application.

use axum::extract::{Path, Request, State};
use axum::response::{Html, Redirect};

use super::contract;
use super::error::PortalError;
use super::page::render;
use super::session::CitizenSession;
use super::state::PortalState;
use super::track::{find, is_open, summary};
use crate::web::form::AcceptedBody;

/// `GET /basvurularim/{no}/vazgec`: asks first.
pub async fn form(
    State(app): State<PortalState>,
    session: CitizenSession,
    Path(no): Path<String>,
) -> Result<Html<String>, PortalError> {
    let record = find(&app, &session, &no)?;
    render(&session, "portal/withdraw.html", "Vazgeç", summary(&app, &record))
}

/// `POST /basvurularim/{no}/vazgec`: publishes the withdrawal, if the application is open.
pub async fn submit(
    State(app): State<PortalState>,
    session: CitizenSession,
    Path(no): Path<String>,
    request: Request,
) -> Result<Redirect, PortalError> {
    let form = session.form(&app, request, AcceptedBody::Form).await?;
    let record = find(&app, &session, &no)?;
    if is_open(&record) {
        let message = contract::withdrawal(record.id, &form.text("neden"), app.clock.now());
        app.publish(record.id.to_string(), &message).await?;
    }
    Ok(Redirect::to(&format!("/basvurularim/{}", record.id)))
}
