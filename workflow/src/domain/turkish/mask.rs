//! The mask of a name.

use icu_normalizer::ComposingNormalizer;

use super::fold::{is_joint, is_mark, is_symbol, shown, turkish_letter};
use super::uppercase;

/// What stands for the letters that are not shown: always three, so that the length is hidden.
const STARS: &str = "***";

/// A name with everything but the first letter of each word masked, in upper case by the Turkish rules.
/// A name without letters is only stars. Both halves of a hyphenated word are one word.
#[must_use]
pub fn mask_name(full_name: &str) -> String {
    let initials = turkish_initials(full_name).unwrap_or_else(|| initials_of_any_script(full_name));
    if initials.is_empty() {
        return STARS.to_owned();
    }
    let mut masked = String::with_capacity(initials.len() * (STARS.len() + 3));
    for initial in &initials {
        masked.extend([if masked.is_empty() { "" } else { " " }, initial, STARS]);
    }
    masked
}

/// The initials of a name in the letters of Turkish, as nearly every name is: without the tables of
/// Unicode, which take ten times as long.
fn turkish_initials(full_name: &str) -> Option<Vec<String>> {
    if !full_name.chars().all(|c| c == ' ' || turkish_letter(c).is_some()) {
        return None;
    }
    let initials = full_name.split(' ').filter_map(|word| word.chars().next());
    Some(initials.map(|c| if c == 'i' { "İ".to_owned() } else { c.to_uppercase().collect() }).collect())
}

fn initials_of_any_script(full_name: &str) -> Vec<String> {
    // Before normalisation: some symbols become letters (™), some apostrophes a space (´).
    let separate = |c| match c {
        c if is_joint(c) => '-',
        c if is_symbol(c) => ' ',
        c => c,
    };
    let text: String = shown(full_name).chars().map(separate).collect();
    let text = ComposingNormalizer::new_nfkc().normalize(&text);
    let separates = |c: char| !(c.is_alphanumeric() || is_joint(c) || is_mark(c));
    text.split(separates)
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic() && !is_joint(*c)))
        .map(|initial| uppercase(&initial.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn the_initials_of_turkish_letters_agree_with_unicode(name in "[a-zA-ZâÂçÇğĞıİîÎöÖşŞüÜûÛ ]{0,24}") {
            prop_assert_eq!(turkish_initials(&name), Some(initials_of_any_script(&name)));
        }
    }
}
