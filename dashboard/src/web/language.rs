//! The language of a request, chosen by a cookie.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::middleware::Next;
use axum::response::Response;

use crate::view::i18n::{self, Language};

const COOKIE_NAME: &str = "dil";

/// The middleware: serves the request in the language of its cookie.
pub async fn set_language(request: Request, next: Next) -> Response {
    i18n::scope(of(request.headers()), next.run(request)).await
}

/// The `Set-Cookie` value that chooses a language for a year.
#[must_use]
pub fn cookie(language: Language) -> String {
    format!("{COOKIE_NAME}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", language.tag())
}

fn of(headers: &HeaderMap) -> Language {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let chosen = cookies
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
    chosen.map(Language::of_tag).unwrap_or_default()
}
