//! What documents are called: the name that their sender gave, made harmless to look at and to
//! save. A name may hold marks that turn its letters around (`…\u{202e}gpj.exe` looks like a
//! picture), and an extension says how a machine opens a file; both are ours to say, not the
//! sender's.

use super::Kind;

/// The longest name, in bytes: file systems take 255, and programs add to it.
const LONGEST: usize = 180;
/// The extension of what we know no kind of: no machine runs it or shows it.
const UNKNOWN: &str = "bin";

/// The name as pages show it.
#[must_use]
pub fn shown_name(name: &str) -> String {
    let visible: String = name.chars().filter_map(harmless).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let name = words.join(" ");
    // A name that begins with a dot is hidden; one that ends with it loses it on Windows.
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "belge".into() } else { name.to_owned() }
}

/// The name under which it is saved: it ends with the extension of what it is by its content.
#[must_use]
pub fn saved_name(name: &str, kind: Option<Kind>) -> String {
    let name = shown_name(name);
    let known = kind.map_or(&[UNKNOWN][..], Kind::extensions);
    let fits = |extension: &&&str| {
        let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        end.as_deref() == Some(**extension)
    };
    let (stem, extension) = match known.iter().find(fits) {
        Some(extension) => (&name[..name.len() - extension.len() - 1], *extension),
        None => (name.as_str(), known[0]),
    };
    let room = LONGEST - extension.len() - 1;
    let mut end = stem.len().min(room);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem[..end].trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { "belge" } else { stem };
    format!("{stem}.{extension}")
}

/// A character that can be seen and stands where it is written; what separates folders or cannot
/// be in a name on some system becomes a dash.
fn harmless(c: char) -> Option<char> {
    match c {
        // White space of any kind and length.
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        // Soft hyphen, joiners, fillers, bidirectional marks, variation selectors, tags: Unicode's
        // Default_Ignorable_Code_Point, with the marks of interlinear notes.
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffd}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => None,
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => Some('-'),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: [Option<Kind>; 6] =
        [None, Some(Kind::Pdf), Some(Kind::Jpeg), Some(Kind::Tiff), Some(Kind::Docx), Some(Kind::Zip)];

    #[test]
    fn a_name_says_what_the_content_is() {
        for (name, kind, saved) in [
            ("dilekçe.pdf", Some(Kind::Pdf), "dilekçe.pdf"),
            ("DİLEKÇE.PDF", Some(Kind::Pdf), "DİLEKÇE.pdf"),
            ("foto.jpeg", Some(Kind::Jpeg), "foto.jpeg"),
            ("karar.udf", Some(Kind::Zip), "karar.udf"),
            ("dilekçe.docx", Some(Kind::Pdf), "dilekçe.docx.pdf"),
            ("ahmet.yılmaz", Some(Kind::Pdf), "ahmet.yılmaz.pdf"),
            ("resim\u{202e}gpj.exe", None, "resimgpj.exe.bin"),
            ("resim\u{202e}gpj.exe", Some(Kind::Jpeg), "resimgpj.exe.jpg"),
            ("sayfa.html", None, "sayfa.html.bin"),
            ("çizim.svg", None, "çizim.svg.bin"),
            ("..\\..\\etc/passwd", Some(Kind::Pdf), "-..-etc-passwd.pdf"),
            (".htaccess", None, "htaccess.bin"),
            ("a\u{200b}\u{feff}\r\nb\u{2028}c  d .", Some(Kind::Pdf), "a b c d.pdf"),
            ("", None, "belge.bin"),
            (".pdf", Some(Kind::Pdf), "pdf.pdf"),
            ("\u{202e}\u{2066}", Some(Kind::Png), "belge.png"),
        ] {
            assert_eq!(saved_name(name, kind), saved, "{name:?}");
        }
        let long = saved_name(&format!("{}.pdf", "ğ".repeat(147)), Some(Kind::Pdf));
        assert!(long.ends_with("ğ.pdf") && long.len() <= LONGEST, "{long}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_was_sent_the_name_is_harmless(
            parts in prop::collection::vec(
                prop_oneof![
                    any::<String>(),
                    "[a-zğüşıöç .]{0,60}",
                    prop::sample::select(vec!["\u{202e}gpj.exe", ".html", ".svg", "\u{200f}", "\u{2069}", "/", "\u{e0041}", ".pdf"]).prop_map(String::from),
                ],
                0..6,
            ),
            kind in prop::sample::select(KINDS.to_vec()),
        ) {
            let sent = parts.concat();
            let saved = saved_name(&sent, kind);
            let (stem, extension) = saved.rsplit_once('.').unwrap();
            prop_assert!(kind.map_or(&["bin"][..], Kind::extensions).contains(&extension), "{saved:?}");
            prop_assert!(!stem.is_empty() && !saved.starts_with('.') && saved.len() <= LONGEST, "{saved:?}");
            for name in [shown_name(&sent), saved.clone()] {
                prop_assert!(name.chars().all(|c| harmless(c) == Some(c)), "{name:?}");
            }
            prop_assert_eq!(saved_name(&saved, kind), saved, "a harmless name stays");
        }
    }
}
