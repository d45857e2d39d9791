//! The one stylesheet.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::page::STYLESHEET;

/// `GET /assets/{hash}.css`: its name changes with its content, so it may be kept for ever.
pub async fn stylesheet() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")],
        STYLESHEET,
    )
}
