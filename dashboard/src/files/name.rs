//! The names of documents: the sender's name, made safe to show and to save. A name may contain marks
//! that reverse its letters (`…\u{202e}gpj.exe` looks like a picture), and an extension decides how a
//! machine opens a file. Such marks are removed, and the extension follows the content.

use super::FileKind;

/// The longest name, in bytes: file systems take 255, and programs append to it.
const MAX_BYTES: usize = 180;
/// The extension of a document of no known kind: no machine runs or shows it.
const UNKNOWN: &str = "bin";

/// The name to show on pages.
#[must_use]
pub fn shown_name(name: &str) -> String {
    let visible: String = name.chars().filter_map(safe).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let name = words.join(" ");
    // A name that begins with a dot is hidden; Windows drops a dot at the end.
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "belge".into() } else { name.to_owned() }
}

/// The name to save under, with the extension of the actual kind.
#[must_use]
pub fn saved_name(name: &str, kind: Option<FileKind>) -> String {
    let name = shown_name(name);
    let known = kind.map_or(&[UNKNOWN][..], FileKind::extensions);
    let fits = |extension: &&&str| {
        let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
        end.as_deref() == Some(**extension)
    };
    let (stem, extension) = match known.iter().find(fits) {
        Some(extension) => (&name[..name.len() - extension.len() - 1], *extension),
        None => (name.as_str(), known[0]),
    };
    let room = MAX_BYTES - extension.len() - 1;
    let mut end = stem.len().min(room);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem[..end].trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { "belge" } else { stem };
    format!("{stem}.{extension}")
}

/// The character if it is visible and does not move others; a dash for one that separates folders or
/// is not allowed in names on some system.
fn safe(c: char) -> Option<char> {
    match c {
        // White space of any kind.
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        // Soft hyphen, joiners, fillers, bidirectional marks, variation selectors, tags: Unicode's
        // Default_Ignorable_Code_Point and interlinear annotation marks.
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

    const KINDS: [Option<FileKind>; 6] = [
        None,
        Some(FileKind::Pdf),
        Some(FileKind::Jpeg),
        Some(FileKind::Tiff),
        Some(FileKind::Docx),
        Some(FileKind::Zip),
    ];

    #[test]
    fn a_saved_name_has_the_extension_of_the_content() {
        for (name, kind, saved) in [
            ("dilekçe.pdf", Some(FileKind::Pdf), "dilekçe.pdf"),
            ("DİLEKÇE.PDF", Some(FileKind::Pdf), "DİLEKÇE.pdf"),
            ("foto.jpeg", Some(FileKind::Jpeg), "foto.jpeg"),
            ("karar.udf", Some(FileKind::Zip), "karar.udf"),
            ("dilekçe.docx", Some(FileKind::Pdf), "dilekçe.docx.pdf"),
            ("ahmet.yılmaz", Some(FileKind::Pdf), "ahmet.yılmaz.pdf"),
            ("resim\u{202e}gpj.exe", None, "resimgpj.exe.bin"),
            ("resim\u{202e}gpj.exe", Some(FileKind::Jpeg), "resimgpj.exe.jpg"),
            ("sayfa.html", None, "sayfa.html.bin"),
            ("çizim.svg", None, "çizim.svg.bin"),
            ("..\\..\\etc/passwd", Some(FileKind::Pdf), "-..-etc-passwd.pdf"),
            (".htaccess", None, "htaccess.bin"),
            ("a\u{200b}\u{feff}\r\nb\u{2028}c  d .", Some(FileKind::Pdf), "a b c d.pdf"),
            ("", None, "belge.bin"),
            (".pdf", Some(FileKind::Pdf), "pdf.pdf"),
            ("\u{202e}\u{2066}", Some(FileKind::Png), "belge.png"),
        ] {
            assert_eq!(saved_name(name, kind), saved, "{name:?}");
        }
        let long = saved_name(&format!("{}.pdf", "ğ".repeat(147)), Some(FileKind::Pdf));
        assert!(long.ends_with("ğ.pdf") && long.len() <= MAX_BYTES, "{long}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_name_becomes_safe(
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
            prop_assert!(kind.map_or(&["bin"][..], FileKind::extensions).contains(&extension), "{saved:?}");
            prop_assert!(!stem.is_empty() && !saved.starts_with('.') && saved.len() <= MAX_BYTES, "{saved:?}");
            for name in [shown_name(&sent), saved.clone()] {
                prop_assert!(name.chars().all(|c| safe(c) == Some(c)), "{name:?}");
            }
            prop_assert_eq!(saved_name(&saved, kind), saved, "a safe name stays");
        }
    }
}
