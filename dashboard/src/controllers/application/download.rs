//! A document of an application: what browsers show by themselves is shown, shut off from
//! our pages; all else is a download. What it is says its content alone.

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use ebasvuru_analytics::read::Access;
use ebasvuru_workflow::seal::Field;
use serde::Deserialize;

use super::load;
use crate::app::App;
use crate::files::{Opened, saved_name};
use crate::guard::Viewer;
use crate::page::percent;
use crate::problem::Problem;

/// No script, no form, no origin of ours. Chromium's viewer of PDFs works under it.
const SHUT_OFF: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Whether the document is wanted as a download in any case.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    indir: String,
}

/// `GET /basvurular/{no}/belge/{sha256}`
pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((no, sha256)): Path<(String, String)>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let application = load::application(&app, &viewer.user, &no).await?;
    let all = application.documents.iter().chain(&application.official_documents);
    let document = all.into_iter().find(|d| d.sha256 == sha256).ok_or(Problem::NotFound)?;
    let name = app
        .sealer
        .open_text(&application.id.to_string(), Field::DocumentName, &document.name)
        .map_err(|error| Problem::Internal(error.to_string()))?;
    app.read
        .log_access(&Access {
            application: application.id,
            no: application.no.clone(),
            user: viewer.user.name.clone(),
            at: app.clock.now(),
            what: "document",
            reason: String::new(),
        })
        .await?;
    Ok(hand_out(app.files.open(&sha256).await?, &name, params.indir == "1"))
}

/// A document as an answer: under its sender's name, with the extension of what it is.
pub fn hand_out(document: Opened, name: &str, download: bool) -> Response {
    let shown = document.kind.filter(|kind| kind.is_viewable() && !download);
    let (how, media_type) = match shown {
        Some(kind) => ("inline", kind.media_type()),
        None => ("attachment", "application/octet-stream"),
    };
    let name = saved_name(name, document.kind);
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_LENGTH, document.size.to_string()),
        (CONTENT_DISPOSITION, format!("{how}; filename*=UTF-8''{}", percent(&name))),
        (CONTENT_SECURITY_POLICY, SHUT_OFF.to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    (StatusCode::OK, headers, Body::from_stream(document.content)).into_response()
}
