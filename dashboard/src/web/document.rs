//! A document as a response.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::files::{OpenedDocument, saved_name};
use crate::view::address::percent;

/// The policy of a document that a browser shows: no script, no form, not our origin. Chromium's
/// PDF viewer works under it.
const SANDBOX: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// Sends a document under its sender's name, with the extension of its actual kind. What browsers
/// show themselves is shown, unless `download`; anything else is a download.
pub fn send(document: OpenedDocument, name: &str, download: bool) -> Response {
    let shown = document.kind.filter(|kind| kind.is_viewable() && !download);
    let (disposition, media_type) = match shown {
        Some(kind) => ("inline", kind.media_type()),
        None => ("attachment", "application/octet-stream"),
    };
    let name = saved_name(name, document.kind);
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_LENGTH, document.size.to_string()),
        (CONTENT_DISPOSITION, format!("{disposition}; filename*=UTF-8''{}", percent(&name))),
        (CONTENT_SECURITY_POLICY, SANDBOX.to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    (StatusCode::OK, headers, Body::from_stream(document.chunks)).into_response()
}
