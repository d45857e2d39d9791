//! The mask of a name.

use icu_normalizer::ComposingNormalizer;

use super::fold::{is_joint, is_mark, is_symbol, shown};
use super::uppercase;

/// What stands for the letters that are not shown: always three, so that the length is hidden.
const STARS: &str = "***";

/// A name with everything but the first letter of each word masked, in upper case by the Turkish rules.
/// A name without letters is only stars. Both halves of a hyphenated word are one word.
#[must_use]
pub fn mask_name(full_name: &str) -> String {
    // Before normalisation: some symbols become letters (™), some apostrophes a space (´).
    let separate = |c| match c {
        c if is_joint(c) => '-',
        c if is_symbol(c) => ' ',
        c => c,
    };
    let text: String = shown(full_name).chars().map(separate).collect();
    let text = ComposingNormalizer::new_nfkc().normalize(&text);
    let separates = |c: char| !(c.is_alphanumeric() || is_joint(c) || is_mark(c));
    let initials: Vec<String> = text
        .split(separates)
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic() && !is_joint(*c)))
        .map(|initial| uppercase(&initial.to_string()) + STARS)
        .collect();
    if initials.is_empty() { STARS.to_owned() } else { initials.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_first_letter_of_each_word() {
        for (name, mask) in [
            ("ibrahim  Ak", "İ*** A***"),
            ("ışıl", "I***"),
            ("S\u{327}ule O\u{308}ztu\u{308}rkmenog\u{306}lu", "Ş*** Ö***"),
            ("i\u{307}brahim Ak", "İ*** A***"),
            ("\u{200b}Çınar Çınarçık\u{202e} 😀", "Ç*** Ç***"),
            ("S\u{200b}\u{327}ule", "Ş***"),
            ("\0'Ayşe' \u{2067}(Fatma) 2.", "A*** F***"),
            ("Fatma Yıldız-Öztürk", "F*** Y***"),
            ("Soyad,Ad", "S*** A***"),
            ("Kâzım Âdem", "K*** Â***"),
            ("ｉpek ™", "İ***"),
            ("O´Brien", "O***"),
            ("x\u{30c}y", "X***"),
        ] {
            assert_eq!(mask_name(name), mask, "{name:?}");
        }
    }

    #[test]
    fn a_mask_is_never_empty_and_never_an_invisible_character() {
        for name in ["", " ", "😀", "12345", "\u{200b}\u{202e}", "-'", "\u{301}"] {
            assert_eq!(mask_name(name), "***", "{name:?}");
        }
    }
}
