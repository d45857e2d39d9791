//! `/cikis`: a POST, so that no link of another page can log anybody out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect};

use crate::app::App;
use crate::guard::Viewer;

/// `POST /cikis`
pub async fn submit(State(app): State<App>, viewer: Viewer, headers: HeaderMap) -> impl IntoResponse {
    tracing::info!(target: "audit", { user.name = %viewer.user.name }, "logged out");
    (app.cookies(&headers).without_session().into_jar(), Redirect::to("/giris"))
}
