//! Turkish is the language of the screens; English is a second one by a switch. A text's key
//! is the Turkish text itself, so that a screen reads the same in its template and in use.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::{Path, Request};
use axum::http::header::{COOKIE, REFERER, SET_COOKIE};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

const COOKIE_NAME: &str = "dil";

/// A language of the screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Türkçe.
    #[default]
    Turkish,
    /// English.
    English,
}

impl Language {
    /// The tag of BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Turkish => "tr",
            Self::English => "en",
        }
    }

    fn of(headers: &HeaderMap) -> Self {
        let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let chosen = cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        if chosen == Some(Self::English.tag()) { Self::English } else { Self::Turkish }
    }
}

tokio::task_local! {
    static SPOKEN: Language;
}

static ENGLISH: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    toml::from_str(include_str!("../locales/en.toml")).unwrap_or_else(|error| {
        tracing::error!(%error, "the English texts do not parse");
        HashMap::new()
    })
});

/// The language of the request that is being served.
#[must_use]
pub fn spoken() -> Language {
    SPOKEN.try_with(|language| *language).unwrap_or_default()
}

/// A Turkish text in the language of the request; itself where there is no other.
#[must_use]
pub fn tr(text: &str) -> &str {
    match spoken() {
        Language::Turkish => text,
        Language::English => ENGLISH.get(text).map_or(text, String::as_str),
    }
}

/// The middleware: what the request's cookie says holds while it is served.
pub async fn speak(request: Request, next: Next) -> Response {
    SPOKEN.scope(Language::of(request.headers()), next.run(request)).await
}

/// `GET /dil/{tag}`: the switch; back to the page it was on.
pub async fn switch(Path(tag): Path<String>, headers: HeaderMap) -> impl IntoResponse {
    let language = if tag == Language::English.tag() { Language::English } else { Language::Turkish };
    let back = headers
        .get(REFERER)
        .and_then(|value| value.to_str().ok()?.parse::<Uri>().ok())
        .and_then(|page| page.path_and_query().map(ToString::to_string))
        // `//host` would lead away from us.
        .filter(|path| path.starts_with('/') && !path.starts_with("//"))
        .unwrap_or_else(|| "/".into());
    let cookie =
        format!("{COOKIE_NAME}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", language.tag());
    ([(SET_COOKIE, cookie)], Redirect::to(&back))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_the_templates_has_its_english() {
        let missing: Vec<_> = crate::page::TEMPLATES
            .iter()
            .flat_map(|(name, source)| {
                let texts = source.split("_(\"").skip(1).filter_map(|rest| rest.split_once("\")"));
                texts.map(move |(text, _)| (name, text))
            })
            .filter(|(_, text)| !ENGLISH.contains_key(*text))
            .collect();
        assert!(missing.is_empty(), "without English: {missing:#?}");
    }
}
