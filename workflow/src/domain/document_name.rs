//! The name of a document: the sender's name, made safe to show and to save. It has no invisible or
//! bidirectional characters and no separators of folders, and a name that is too long is shortened
//! before its extension, which decides how a machine opens the file.

use std::fmt;

use super::text::{self, ELLIPSIS};
use crate::budget;

/// The longest name that is saved, in bytes: file systems take 255, and a browser adds to it while it
/// downloads (`.crdownload`) or if there is such a file (` (1)`).
pub const SAVED_BYTES: usize = 240;
/// The longest end of a name that counts as its extension, in bytes.
const EXTENSION_BYTES: usize = 10;
/// What a document without a name is called.
const UNNAMED: &str = "belge";

/// The name of a document, with at most [`budget::NAME_CHARS`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentName(String);

impl DocumentName {
    /// The name that somebody gave it.
    #[must_use]
    pub fn of(given: &str) -> Self {
        let line = text::line(given);
        let name = if line.contains(is_forbidden) { line.replace(is_forbidden, "-") } else { line };
        // A name that begins with a dot is hidden; Windows drops a dot at the end.
        let name = name.trim_start_matches(|c| c == '.' || !text::is_base(c)).trim_end_matches(['.', ' ']);
        let name = if name.is_empty() { UNNAMED } else { name };
        let (stem, extension) = split(name);
        let room = budget::NAME_CHARS - (name.len() - stem.len());
        Self(joined(&text::shortened(stem, room), extension))
    }

    /// The name to save it under: with one of these extensions, the first if it has none of them, and at
    /// most [`SAVED_BYTES`] bytes long.
    #[must_use]
    pub fn saved(&self, extensions: &[&str]) -> Self {
        let (stem, own) = split(&self.0);
        let kept = extensions.iter().find(|extension| own.eq_ignore_ascii_case(extension));
        let (stem, extension) = match (kept, extensions.first()) {
            (Some(kept), _) => (stem, *kept),
            (None, Some(first)) => (self.0.as_str(), *first),
            (None, None) => (stem, own),
        };
        let room = SAVED_BYTES - extension.len() - 1;
        if stem.len() <= room {
            return Self(joined(stem, extension));
        }
        let stem = text::head(stem, room - ELLIPSIS.len_utf8()).trim_end_matches(['.', ' ', ELLIPSIS]);
        Self(joined(&format!("{stem}{ELLIPSIS}"), extension))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Stem and extension; without the dot, and empty if there is none.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, end))
            if !stem.is_empty()
                && (1..=EXTENSION_BYTES).contains(&end.len())
                && end.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (stem, end)
        }
        _ => (name, ""),
    }
}

fn joined(stem: &str, extension: &str) -> String {
    if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") }
}

/// Separates folders, or is not allowed in names on some system.
const fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PDF: &[&str] = &["pdf"];
    const JPEG: &[&str] = &["jpg", "jpeg"];
    const BIN: &[&str] = &["bin"];

    #[test]
    fn a_saved_name_has_the_extension_of_the_content() {
        for (name, extensions, saved) in [
            ("dilekçe.pdf", PDF, "dilekçe.pdf"),
            ("DİLEKÇE.PDF", PDF, "DİLEKÇE.pdf"),
            ("dilekc\u{327}e.pdf", PDF, "dilekçe.pdf"),
            ("foto.jpeg", JPEG, "foto.jpeg"),
            ("dilekçe.docx", PDF, "dilekçe.docx.pdf"),
            ("ahmet.yılmaz", PDF, "ahmet.yılmaz.pdf"),
            ("resim\u{202e}gpj.exe", BIN, "resimgpj.exe.bin"),
            ("resim\u{202e}gpj.exe", JPEG, "resimgpj.exe.jpg"),
            ("sayfa.html", BIN, "sayfa.html.bin"),
            ("..\\..\\etc/passwd", PDF, "-..-etc-passwd.pdf"),
            (".htaccess", BIN, "htaccess.bin"),
            ("a\u{200b}\u{feff}\r\nb\u{2028}c  d .", PDF, "a b c d.pdf"),
            ("", BIN, "belge.bin"),
            (".pdf", PDF, "pdf.pdf"),
            ("\u{202e}\u{2066}", PDF, "belge.pdf"),
        ] {
            assert_eq!(DocumentName::of(name).saved(extensions).as_str(), saved, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_is_shortened_before_its_extension() {
        let given = "2026 yılı Ankara Valiliği İl Sivil Toplumla İlişkiler Müdürlüğü dernek tüzük \
                     değişikliği başvurusuna ilişkin olur yazısı ve ekleri imzalı nüsha.pdf";
        assert_eq!(DocumentName::of(given).as_str(), given);
        assert_eq!(DocumentName::of(given).saved(PDF).as_str(), given, "147 characters fit");
        for letter in ["a", "ğ", "s\u{323}", "😀", "字"] {
            let given = format!("{}.PDF", letter.repeat(5000));
            let name = DocumentName::of(&given);
            assert!(name.as_str().ends_with("….PDF"), "{name}");
            assert!(name.as_str().chars().count() <= budget::NAME_CHARS, "{name}");
            let saved = name.saved(PDF);
            assert!(saved.as_str().ends_with("….pdf"), "{saved}");
            assert!((SAVED_BYTES - 8..=SAVED_BYTES).contains(&saved.as_str().len()), "{saved}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_name_becomes_safe(
            parts in prop::collection::vec(
                prop_oneof![
                    any::<String>(),
                    "[a-zğüşıöç .]{0,60}",
                    prop::sample::select(vec!["\u{202e}gpj.exe", ".html", "\u{200f}", "\u{301}", "/", ".\u{301}", "\u{e0041}", ".pdf", "…"]).prop_map(String::from),
                    Just("ğ".repeat(300)),
                ],
                0..6,
            ),
            extensions in prop::sample::select(vec![PDF, JPEG, BIN]),
        ) {
            let name = DocumentName::of(&parts.concat());
            let saved = name.saved(extensions);
            let (stem, extension) = saved.as_str().rsplit_once('.').unwrap();
            prop_assert!(extensions.contains(&extension), "{saved:?}");
            prop_assert!(!stem.is_empty() && !saved.as_str().starts_with('.'), "{saved:?}");
            prop_assert!(saved.as_str().len() <= SAVED_BYTES, "{saved:?}");
            prop_assert!(name.as_str().chars().count() <= budget::NAME_CHARS, "{name:?}");
            for name in [&name, &saved] {
                let safe = |c| (text::is_visible(c) || c == ' ') && !is_forbidden(c);
                prop_assert!(name.as_str().chars().all(safe), "{name:?}");
                prop_assert_eq!(&DocumentName::of(name.as_str()), name, "a safe name stays");
            }
            prop_assert_eq!(saved.saved(extensions), saved, "a saved name stays");
        }
    }
}
