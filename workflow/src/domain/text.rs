//! What is visible of a text that a person gives. Whether a text is empty, where it begins and ends, and
//! how long a name is are judged by what people see: Unicode has more than 4,000 characters without a
//! shape, and some that move their neighbours (`…\u{202e}gpj.exe` looks like a picture).

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{
    BidiClass, DefaultIgnorableCodePoint, GraphemeExtend, NoncharacterCodePoint, WhiteSpace,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// What stands for the part of a text that was left out.
pub const ELLIPSIS: char = '…';

/// Whether people see the character. Bidirectional marks, joiners, fillers, soft hyphens and variation
/// selectors are `Default_Ignorable_Code_Point`; a Braille cell without dots is a symbol to Unicode and
/// blank on every screen; interlinear annotation marks are for programs only.
#[must_use]
pub fn is_visible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic();
    }
    is_latin(c)
        || !(c.is_control()
            || matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffb}')
            || CodePointSetData::new::<WhiteSpace>().contains(c)
            || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            || CodePointSetData::new::<NoncharacterCodePoint>().contains(c))
}

/// The letters with accents of Latin-1 and Latin Extended-A, and × and ÷: visible, composed, and each a
/// character of its own. Nearly every text has no others, and need not ask the tables of Unicode.
const fn is_latin(c: char) -> bool {
    matches!(c, 'À'..='ſ')
}

/// Whether the character belongs to the one before it: an accent, a variation selector.
fn extends(c: char) -> bool {
    !c.is_ascii() && !is_latin(c) && CodePointSetData::new::<GraphemeExtend>().contains(c)
}

/// Whether the character is visible by itself.
pub(super) fn is_base(c: char) -> bool {
    is_visible(c) && !extends(c)
}

/// Whether people see nothing of the text.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(is_base)
}

/// The text from its first to its last visible character, which keeps its accents and its variation
/// selector. What lies between stays as it was written.
#[must_use]
pub fn trim(text: &str) -> &str {
    let Some(start) = text.find(is_base) else { return "" };
    let last = text.rfind(is_base).unwrap_or(start);
    let mut rest = text[last..].char_indices().skip(1);
    let end = rest.find(|(_, c)| !extends(*c)).map_or(text.len(), |(at, _)| last + at);
    &text[start..end]
}

/// A name: one line of visible characters, composed (NFC), with single spaces between its words.
#[must_use]
pub fn line(text: &str) -> String {
    if is_line(text) {
        return text.to_owned();
    }
    let visible = text.chars().filter_map(|c| match c {
        c if is_visible(c) => Some(c),
        '\u{2800}' => Some(' '),
        c if c.is_whitespace() => Some(' '),
        _ => None,
    });
    let composed: String = ComposingNormalizerBorrowed::new_nfc().normalize_iter(visible).collect();
    trim(&composed).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text is such a name as it is: Latin letters with single spaces between them, as nearly all
/// are.
fn is_line(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars() {
        if !(c.is_ascii_graphic() || is_latin(c) || (c == ' ' && before != ' ')) {
            return false;
        }
        before = c;
    }
    before != ' '
}

/// The text as a value within a sentence: isolated (UAX #9) if it is written from right to left, so that
/// it does not move the words around it.
#[must_use]
pub fn isolated(text: &str) -> Cow<'_, str> {
    let class = CodePointMapData::<BidiClass>::new();
    let is_rtl = |c| matches!(class.get(c), BidiClass::RightToLeft | BidiClass::ArabicLetter);
    if text.is_ascii() || !text.chars().any(is_rtl) {
        return text.into();
    }
    format!("\u{2068}{text}\u{2069}").into()
}

/// The longest beginning of at most `bytes` bytes that takes no accent from its letter.
#[must_use]
pub fn head(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let splits = |at: usize| text[at..].chars().next().is_some_and(extends);
    let end = (0..=bytes).rev().find(|at| text.is_char_boundary(*at) && !splits(*at));
    &text[..end.unwrap_or_default()]
}

/// The text if it has at most `chars` characters; else its beginning with [`ELLIPSIS`], as long as that.
#[must_use]
pub fn shortened(text: &str, chars: usize) -> Cow<'_, str> {
    if text.chars().nth(chars).is_none() {
        return text.into();
    }
    let bytes = text.char_indices().nth(chars.saturating_sub(1)).map_or(0, |(at, _)| at);
    format!("{}{ELLIPSIS}", head(text, bytes)).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Characters that show nothing.
    const INVISIBLE: &str = "\u{200b}\u{feff}\u{2060}\u{ad}\u{180e}\u{3164}\u{115f}\u{1160}\u{ffa0}\u{fe0f}\
        \u{e0100}\u{200c}\u{200d}\u{200e}\u{200f}\u{61c}\u{202a}\u{202e}\u{2066}\u{2069}\u{34f}\u{17b4}\
        \u{2800}\u{fffa}\u{ffff}\u{e0041}\u{1d173}\0\u{7f}\u{85}\u{a0}\u{3000}\u{2028}\u{202f} \t\r\n";

    #[test]
    fn a_text_of_invisible_characters_is_blank() {
        assert!(is_blank(INVISIBLE) && is_blank("") && is_blank("\u{301}\u{20dd}"));
        for c in INVISIBLE.chars() {
            assert!(is_blank(&c.to_string()), "{c:?}");
            assert_eq!(trim(&format!("{c}a{c}b")), format!("a{c}b"), "{c:?}");
            let trailing = format!("a{c}");
            assert!(trim(&trailing) == "a" || extends(c), "{c:?}");
            assert_eq!(line(&format!("{c}Ayşe{c}")), "Ayşe", "{c:?}");
        }
        for seen in [".", "ş", "9", "–", "😀", "م", "한", "\u{fffd}", "\u{fffc}"] {
            assert!(!is_blank(seen), "{seen}");
        }
    }

    #[test]
    fn latin_letters_need_no_tables() {
        let latin: Vec<char> = ('\0'..='\u{17f}').filter(|c| is_latin(*c)).collect();
        assert_eq!((latin.len(), latin[0], latin[191]), (192, 'À', 'ſ'));
        let composing = ComposingNormalizerBorrowed::new_nfc();
        for c in &latin {
            assert!(!CodePointSetData::new::<GraphemeExtend>().contains(*c), "{c}");
            assert!(!CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(*c), "{c}");
            assert!(!c.is_whitespace() && !c.is_control(), "{c}");
            for other in ('\0'..='\u{7f}').chain(latin.iter().copied()) {
                let pair = String::from_iter([*c, other]);
                assert_eq!(composing.normalize(&pair), pair);
            }
        }
    }

    #[test]
    fn what_is_written_stays_as_it_was() {
        let (persian, family) = ("می\u{200c}خواهم", "👨\u{200d}👩\u{200d}👧");
        let text = format!("Sayın yetkili,\n\n\t{persian} {family} ❤\u{fe0f}");
        assert_eq!(trim(&format!("\u{feff} \n{text}\u{200b}\n ")), text);
    }

    #[test]
    fn a_name_is_one_line_and_composed() {
        assert_eq!(line("  Ays\u{327}e\u{200b} \r\n\u{a0}Yı\u{ad}lmaz\u{202e} "), "Ayşe Yılmaz");
        assert_eq!(line("I\u{307}pek"), "İpek");
        assert_eq!(line("\u{301}Ali"), "Ali", "an accent without a letter");
    }

    #[test]
    fn a_shortened_text_says_so() {
        assert_eq!(shortened("Ayşe", 4), "Ayşe");
        assert_eq!(shortened("Ayşen", 4), "Ayş…");
        assert_eq!(shortened("Ays\u{327}en", 4), "Ay…", "no letter loses its accent");
        assert_eq!(head("şş", 3), "ş");
    }

    #[test]
    fn a_value_in_a_sentence_moves_no_other_word() {
        assert_eq!(isolated("Çağla"), "Çağla");
        assert_eq!(isolated("محمد"), "\u{2068}محمد\u{2069}");
    }

    proptest! {
        #[test]
        fn trimming_and_lines_are_stable(parts in prop::collection::vec(
            prop_oneof![
                any::<String>(),
                prop::sample::select(INVISIBLE.chars().collect::<Vec<_>>()).prop_map(String::from),
                prop::sample::select(vec!["a", "s\u{327}", "\u{301}", "I\u{307}", "❤\u{fe0f}"]).prop_map(String::from),
            ],
            0..8,
        ), most in 0_usize..20) {
            let text = parts.concat();
            prop_assert_eq!(trim(trim(&text)), trim(&text));
            prop_assert_eq!(trim(&text).is_empty(), is_blank(&text));
            let name = line(&text);
            prop_assert_eq!(line(&name), &*name, "{:?}", text);
            prop_assert!(name.chars().all(|c| is_visible(c) || c == ' '), "{:?}", name);
            prop_assert_eq!(name.is_empty(), is_blank(&text));
            prop_assert!(shortened(&text, most).chars().count() <= most.max(1));
        }
    }
}
