//! The texts of the screens: Turkish, and English by a switch. The key of a text is the Turkish text
//! itself, so that templates read as the screens do.
//!
//! A text is translated where it is written: by `_("…")` in templates, by [`tr`] and [`say!`] in
//! Rust. What people wrote, and the titles of the catalog, are never translated.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use ebasvuru_workflow::domain::text::isolated;
use serde::Deserialize;

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
    /// Its BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Turkish => "tr",
            Self::English => "en",
        }
    }

    /// The language with this tag; Turkish for any other tag.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        if tag == Self::English.tag() { Self::English } else { Self::Turkish }
    }
}

tokio::task_local! {
    static SPOKEN: Language;
}

/// An English text. Unlike Turkish, English has a plural after numbers: `{n}` chooses the form.
#[derive(Deserialize)]
#[serde(untagged)]
enum English {
    Plain(String),
    Counted { one: String, other: String },
}

static ENGLISH: LazyLock<HashMap<String, English>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../locales/en.toml")).unwrap_or_else(|error| {
        tracing::error!(error.message = %error, "the English texts do not parse");
        HashMap::new()
    })
});

/// The language of the current request.
#[must_use]
pub fn current_language() -> Language {
    SPOKEN.try_with(|language| *language).unwrap_or_default()
}

/// Runs a function in a language. Work on another thread, or in a download that outlasts its
/// handler, needs it.
pub fn with_language<T>(language: Language, say: impl FnOnce() -> T) -> T {
    SPOKEN.sync_scope(language, say)
}

/// A text in the language of the request; the Turkish text where there is no translation.
#[must_use]
pub fn tr(text: &str) -> &str {
    in_spoken(text, false)
}

fn in_spoken(text: &str, one: bool) -> &str {
    match (current_language(), ENGLISH.get(text)) {
        (Language::Turkish, _) | (_, None) => text,
        (_, Some(English::Plain(plain))) => plain,
        (_, Some(English::Counted { one: singular, .. })) if one => singular,
        (_, Some(English::Counted { other, .. })) => other,
    }
}

/// A text in the language of the request, with each `{name}` replaced by the value of that name.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let one = values.iter().any(|(name, value)| *name == "n" && value.to_string() == "1");
    let mut rest = in_spoken(text, one);
    let mut out = String::with_capacity(rest.len());
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            out.push_str(&isolated(&value.to_string()));
        }
        rest = after;
    }
    out + rest
}

/// [`fill`] in the style of `format!`: `say!("{n} gün kaldı", n = left)`.
macro_rules! say {
    ($text:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::view::i18n::fill($text, &[$((stringify!($name), &$value)),*])
    };
}
pub(crate) use say;

/// Runs a future, such as the rest of a request, in a language.
pub fn scope<F: Future>(language: Language, work: F) -> impl Future<Output = F::Output> {
    SPOKEN.scope(language, work)
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
    fn texts_are_filled_in_both_languages() {
        assert_eq!(say!("{n} gün kaldı", n = 1), "1 gün kaldı");
        with_language(Language::English, || {
            assert_eq!(say!("{n} gün kaldı", n = 1), "1 day left");
            assert_eq!(say!("{n} gün kaldı", n = 12), "12 days left");
            assert_eq!(say!("Başvuru {no}", no = "{no}"), "Application {no}", "a value is no pattern");
            assert_eq!(tr("Bunun İngilizcesi yok"), "Bunun İngilizcesi yok");
        });
    }
}
