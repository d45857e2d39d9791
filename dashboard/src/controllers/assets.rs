//! The stylesheet, the scripts and the icon.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::view::assets::{ICON, SCRIPT, STYLESHEET, UPLOAD_SCRIPT};

/// Their paths change with their content, so they are cached for a year.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// `GET /assets/{hash}.css`
pub async fn stylesheet() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, IMMUTABLE)], STYLESHEET)
}

/// `GET /assets/{hash}.js`: the script that refreshes figures
pub async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, IMMUTABLE)], SCRIPT)
}

/// `GET /assets/{hash}.js`: the script of forms with a file
pub async fn upload_script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, IMMUTABLE)], UPLOAD_SCRIPT)
}

/// `GET /assets/{hash}.svg`
pub async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, IMMUTABLE)], ICON)
}
