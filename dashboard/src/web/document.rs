//! A document as a response.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

use ebasvuru_workflow::domain::document_name::DocumentName;

use crate::files::{OpenedDocument, saved_name};
use crate::view::address::percent;

/// The policy of a document that a browser shows: no script, no form, not our origin. Chromium's
/// PDF viewer works under it.
const SANDBOX: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// The document at the place `place`, from 1 on, if it fits; else the first that fits.
pub fn at_place<T>(all: impl Iterator<Item = T>, place: &str, fits: impl Fn(&T) -> bool) -> Option<T> {
    let fitting: Vec<_> = (1..).zip(all).filter(|(_, document)| fits(document)).collect();
    let place: Option<usize> = place.parse().ok();
    let at = fitting.iter().position(|(at, _)| Some(*at) == place).unwrap_or_default();
    fitting.into_iter().nth(at).map(|(_, document)| document)
}

/// Sends a document under its sender's name, with the extension of its actual kind. What browsers
/// show themselves is shown, unless `download`; anything else is a download.
pub fn send(document: OpenedDocument, name: &DocumentName, download: bool) -> Response {
    let shown = document.kind.filter(|kind| kind.is_viewable() && !download);
    let (disposition, media_type) = match shown {
        Some(kind) => ("inline", kind.media_type()),
        None => ("attachment", "application/octet-stream"),
    };
    let name = saved_name(name, document.kind);
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_LENGTH, document.size.to_string()),
        (CONTENT_DISPOSITION, format!("{disposition}; filename*=UTF-8''{}", percent(name.as_str()))),
        (CONTENT_SECURITY_POLICY, SANDBOX.to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin".to_owned()),
    ];
    (StatusCode::OK, headers, Body::from_stream(document.chunks)).into_response()
}
