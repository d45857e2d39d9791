//! Turkish is the language of the screens; English is a second one by a switch. A text's key
//! is the Turkish text itself, so that a screen reads the same in its template and in use.
//!
//! A text is put into the language of the request where it is written: `_("…")` in templates,
//! [`tr`] and [`say!`] in Rust. What others wrote (names, titles of the catalog,
//! citizens' words) stays as it is.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use axum::extract::{Path, Request};
use axum::http::header::{COOKIE, REFERER, SET_COOKIE};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::routes::is_local;

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

/// A text in English. Turkish needs no plural behind a number, English does: such a text is
/// chosen by its `{n}`.
#[derive(Deserialize)]
#[serde(untagged)]
enum English {
    Plain(String),
    Counted { one: String, other: String },
}

static ENGLISH: LazyLock<HashMap<String, English>> = LazyLock::new(|| {
    toml::from_str(include_str!("../locales/en.toml")).unwrap_or_else(|error| {
        tracing::error!(error.message = %error, "the English texts do not parse");
        HashMap::new()
    })
});

/// The language of the request that is being served.
#[must_use]
pub fn spoken() -> Language {
    SPOKEN.try_with(|language| *language).unwrap_or_default()
}

/// Does something in a language: what is written after the request has been served, on another
/// thread or while a download runs, must be told.
pub fn speaking<T>(language: Language, say: impl FnOnce() -> T) -> T {
    SPOKEN.sync_scope(language, say)
}

/// A Turkish text in the language of the request; itself where there is no other.
#[must_use]
pub fn tr(text: &str) -> &str {
    in_spoken(text, false)
}

fn in_spoken(text: &str, one: bool) -> &str {
    match (spoken(), ENGLISH.get(text)) {
        (Language::Turkish, _) | (_, None) => text,
        (_, Some(English::Plain(plain))) => plain,
        (_, Some(English::Counted { one: singular, .. })) if one => singular,
        (_, Some(English::Counted { other, .. })) => other,
    }
}

/// A Turkish text in the language of the request, `{name}` replaced by the value of this name.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let one = values.iter().any(|(name, value)| *name == "n" && value.to_string() == "1");
    let mut rest = in_spoken(text, one);
    let mut said = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            said.push_str(&value.to_string());
        }
        rest = after;
    }
    said + rest
}

/// [`fill`] as one writes `format!`: `say!("{n} gün kaldı", n = left)`.
macro_rules! say {
    ($text:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::fill($text, &[$((stringify!($name), &$value)),*])
    };
}
pub(crate) use say;

/// The middleware: what the request's cookie says holds while it is served.
pub async fn speak(request: Request, next: Next) -> Response {
    SPOKEN.scope(Language::of(request.headers()), next.run(request)).await
}

/// `GET /dil/{tag}`: the switch; back to the page it was on.
pub async fn switch(Path(tag): Path<String>, headers: HeaderMap) -> impl IntoResponse {
    let language = if tag == Language::English.tag() { Language::English } else { Language::Turkish };
    let cookie =
        format!("{COOKIE_NAME}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", language.tag());
    ([(SET_COOKIE, cookie)], Redirect::to(&back(&headers)))
}

/// The page that the request came from; our first one where it does not say.
fn back(headers: &HeaderMap) -> String {
    headers
        .get(REFERER)
        .and_then(|value| value.to_str().ok()?.parse::<Uri>().ok())
        .and_then(|page| page.path_and_query().map(ToString::to_string))
        .filter(|path| is_local(path))
        .unwrap_or_else(|| "/".into())
}

/// Every text with its English forms, for tests.
#[cfg(test)]
pub fn english() -> std::collections::BTreeMap<String, Vec<String>> {
    let forms = |english: &English| match english {
        English::Plain(plain) => vec![plain.clone()],
        English::Counted { one, other } => vec![one.clone(), other.clone()],
    };
    ENGLISH.iter().map(|(text, english)| (text.clone(), forms(english))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_filled_in_either_language() {
        assert_eq!(say!("{n} gün kaldı", n = 1), "1 gün kaldı");
        speaking(Language::English, || {
            assert_eq!(say!("{n} gün kaldı", n = 1), "1 day left");
            assert_eq!(say!("{n} gün kaldı", n = 12), "12 days left");
            assert_eq!(say!("Başvuru {no}", no = "{no}"), "Application {no}", "a value is no pattern");
            assert_eq!(tr("Bunun İngilizcesi yok"), "Bunun İngilizcesi yok");
        });
    }

    #[test]
    fn the_switch_leads_nowhere_but_here() {
        let back = |page: &str| back(&HeaderMap::from_iter([(REFERER, page.parse().unwrap())]));
        assert_eq!(back("https://basvuru.example/basvurular?durum=x"), "/basvurular?durum=x");
        for bad in ["https://a.example//evil.example", "https://a.example/\\evil.example", "about:blank", ""]
        {
            assert_eq!(back(bad), "/", "{bad:?}");
        }
    }
}
