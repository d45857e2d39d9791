//! The one stylesheet, the scripts and the icon.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::page::{ICON, SCRIPT, STYLESHEET, UPLOAD_SCRIPT};

/// Their names change with their content, so they may be kept for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `GET /assets/{hash}.css`
pub async fn stylesheet() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, FOR_EVER)], STYLESHEET)
}

/// `GET /assets/{hash}.js`
pub async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, FOR_EVER)], SCRIPT)
}

/// `GET /assets/{hash}.js`, of pages with a file in their form
pub async fn upload_script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, FOR_EVER)], UPLOAD_SCRIPT)
}

/// `GET /assets/{hash}.svg`
pub async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, FOR_EVER)], ICON)
}
