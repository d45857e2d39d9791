//! The one fold of people's names, numbers and logins: what two spellings must share to be the same for
//! a search.
//!
//! The blind indexes of names are hashes of these words. A change of the fold is therefore a change of
//! stored data, like a new format of a message (decision 0052).

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizer;
use icu_properties::props::{
    Dash, ExtendedPictographic, GeneralCategory, GeneralCategoryGroup, QuotationMark,
};
use icu_properties::{CodePointMapData, CodePointSetData};

use crate::domain::text::is_visible;

/// Joins the parts of one word: a hyphen or an apostrophe, whichever it was.
const JOINT: char = '-';

/// The text in lower-case letters of the ASCII keyboard, as far as it has any: `Işık`, `IŞIK`, `isik` and
/// their decomposed forms are the same, and so are `Kâzım` and `Kazim`. Other scripts keep their letters
/// without marks. Spaces and punctuation stay.
#[must_use]
pub fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizer::new_nfkd();
    let text = shown(text);
    let text = decomposed.normalize(&text);
    let text = CaseMapper::new().fold_string(&text);
    let mut folded = String::with_capacity(text.len());
    for c in decomposed.normalize(&text).chars().filter(|c| !is_mark(*c) && !is_ignored(*c)) {
        push_plain(&mut folded, c);
    }
    folded
}

/// The folded words of a name or a search, in order. White space, punctuation and symbols separate words,
/// and so do hyphens and apostrophes: `Soyad, Ad` has two words, `Yılmaz-Öztürk` too. Emoji are no words.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    compounds(text).flat_map(|word| parts(&word).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The folded words, where hyphens and apostrophes do not separate: `Yılmaz-Öztürk` is `yilmazozturk`,
/// `O'Brien` is `obrien`.
#[must_use]
pub fn joined_words(text: &str) -> Vec<String> {
    compounds(text).map(|word| parts(&word).collect()).collect()
}

/// What a name is found by, each once: its [`words`] and its [`joined_words`].
#[must_use]
pub fn index_words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for word in compounds(text) {
        let joined = word.contains(JOINT).then(|| parts(&word).collect());
        for form in parts(&word).map(str::to_owned).chain(joined) {
            if !all.contains(&form) {
                all.push(form);
            }
        }
    }
    all
}

/// The folded words with [`JOINT`] between their parts; each has at least one part.
fn compounds(text: &str) -> impl Iterator<Item = String> {
    turkish_words(text).unwrap_or_else(|| words_of_any_script(text)).into_iter()
}

/// The words of a name in the letters of Turkish and single spaces, as nearly every name is: by a table,
/// where those of Unicode would take ten times as long.
fn turkish_words(text: &str) -> Option<Vec<String>> {
    let word = |word: &str| word.chars().map(turkish_letter).collect();
    text.split(' ').filter(|it| !it.is_empty()).map(word).collect()
}

/// The folded letter, if it is one of the Turkish alphabet, of English, or one with a circumflex.
pub(super) const fn turkish_letter(c: char) -> Option<char> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => c.to_ascii_lowercase(),
        'â' | 'Â' => 'a',
        'ç' | 'Ç' => 'c',
        'ğ' | 'Ğ' => 'g',
        'ı' | 'İ' | 'î' | 'Î' => 'i',
        'ö' | 'Ö' => 'o',
        'ş' | 'Ş' => 's',
        'ü' | 'Ü' | 'û' | 'Û' => 'u',
        _ => return None,
    })
}

fn words_of_any_script(text: &str) -> Vec<String> {
    // Symbols are replaced first: some decompose into letters (™), ´ into a space.
    let separate = |c| match c {
        '´' | '`' => JOINT,
        c if CodePointSetData::new::<Dash>().contains(c) => JOINT,
        c if is_symbol(c) => ' ',
        c => c,
    };
    let folded = fold(&text.chars().map(separate).collect::<String>());
    let separate = |c| match c {
        c if is_joint(c) => JOINT,
        c if c.is_alphanumeric() => c,
        _ => ' ',
    };
    let separated: String = folded.chars().map(separate).collect();
    separated.split(' ').filter(|word| parts(word).next().is_some()).map(str::to_owned).collect()
}

fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split(JOINT).filter(|part| !part.is_empty())
}

fn is(c: char, group: GeneralCategoryGroup) -> bool {
    group.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// The text without the characters that show nothing; what separates words stays.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !is_ignored(*c)).collect()
}

/// Whether the character shows nothing and separates nothing.
fn is_ignored(c: char) -> bool {
    !is_visible(c) && !c.is_whitespace() && c != '\u{2800}'
}

pub(super) fn is_mark(c: char) -> bool {
    c >= '\u{300}' && is(c, GeneralCategoryGroup::Mark)
}

/// A symbol or an emoji.
pub(super) fn is_symbol(c: char) -> bool {
    is(c, GeneralCategoryGroup::Symbol) || CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

/// A hyphen, a dash or an apostrophe of any kind. Keyboards and transliterations use some that Unicode
/// calls letters or symbols.
pub(super) fn is_joint(c: char) -> bool {
    CodePointSetData::new::<Dash>().contains(c)
        || CodePointSetData::new::<QuotationMark>().contains(c)
        || matches!(c, '`' | '´' | '′' | '‵' | 'ʹ' | 'ʻ'..='ʿ' | 'ˈ' | 'Ꞌ' | 'ꞌ')
}

/// Adds a folded character. The letters here have no decomposition in Unicode, and the digits are those
/// that Arabic and Persian keyboards have.
fn push_plain(folded: &mut String, c: char) {
    let plain = match c {
        'ı' => "i",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ə' => "e",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        '٠'..='٩' | '۰'..='۹' => {
            // Both rows begin with their zero at a multiple of 16.
            let digit = u32::from(c) % 16;
            folded.extend(char::from_digit(digit, 10));
            return;
        }
        other => {
            folded.push(other);
            return;
        }
    };
    folded.push_str(plain);
}

#[cfg(test)]
mod tests {
    use icu_normalizer::ComposingNormalizer;
    use proptest::prelude::*;

    use super::super::{lowercase, uppercase};
    use super::*;

    fn nfd(text: &str) -> String {
        DecomposingNormalizer::new_nfd().normalize(text).into_owned()
    }

    #[test]
    fn every_spelling_of_a_name_has_the_same_words() {
        for (name, spellings) in [
            (
                "Şule Öztürkmenoğlu",
                &[
                    "S\u{327}ule O\u{308}ztu\u{308}rkmenog\u{306}lu",
                    "SULE OZTURKMENOGLU",
                    "şule  öztürkmenoğlu",
                ][..],
            ),
            ("Kâzım Âdemoğluzade", &["Kazım Ademoğluzade", "KAZIM ADEMOĞLUZADE", "kazim ademogluzade"]),
            (
                "İbrahim Çınarçık",
                &[
                    "i\u{307}brahim cinarcik",
                    "İBRAHİM ÇINARÇIK",
                    "IBRAHIM CINARCIK",
                    "ｉｂｒａｈｉｍ çınarçık",
                ],
            ),
            (
                "Ay\u{200b}şe \u{202e}Ak\u{0}",
                &["Ayşe Ak", "\u{feff}AYSE\u{a0}AK", "Ayşe 😀 Ak", "Ayşe™ (Ak)"],
            ),
            ("Jørgen Đorđević", &["Jorgen Dordevic", "JØRGEN ĐORĐEVIĆ"]),
            ("O’Brien", &["O'Brien", "O´Brien", "O`BRIEN", "o ʼbrien"]),
            (
                "Yıldız-Öztürk",
                &["yildiz ozturk", "Yıldız‑Öztürk", "Yıldız – Öztürk", "yıldız−öztürk", "Yıldız,Öztürk"],
            ),
        ] {
            for spelling in spellings {
                assert_eq!(words(spelling), words(name), "{spelling:?}");
            }
        }
        assert_eq!(words("Balıkçıoğullarından, Nazlıhan"), ["balikciogullarindan", "nazlihan"]);
        assert_eq!(joined_words("Fatma Yıldız-Öztürk"), ["fatma", "yildizozturk"]);
        assert_eq!(index_words("Ali Yıldız-Öztürk Ali"), ["ali", "yildiz", "ozturk", "yildizozturk"]);
        assert_eq!(joined_words("O' Brien D’Angelo"), ["o", "brien", "dangelo"]);
        for nothing in ["", " ", "😀", "👩‍👩‍👧 🇹🇷 ™ ℹ️ Ⓜ️", "\u{200b}\u{202e}\0", "- ' , .", "\u{301}"]
        {
            assert!(words(nothing).is_empty() && joined_words(nothing).is_empty(), "{nothing:?}");
        }
        assert_eq!(words("محمد ٢٦"), ["محمد", "26"]);
    }

    /// Letters of names, and what stands between them.
    fn name() -> impl Strategy<Value = String> {
        let letters = "[a-zA-ZçğıöşüâîûÇĞİÖŞÜÂÎÛéßøłđæÉØŁĐÆəΣσёЁ]{1,8}";
        let between = prop::sample::select(vec![" ", "  ", "-", "‑", ", ", "'", "\u{a0}", " – "]);
        prop::collection::vec((letters, between), 1..4)
            .prop_map(|parts| parts.into_iter().flat_map(|(a, b)| [a, b.to_owned()]).collect())
    }

    proptest! {
        #[test]
        fn the_table_of_turkish_letters_agrees_with_unicode(name in "[a-zA-ZâÂçÇğĞıİîÎöÖşŞüÜûÛ ]{0,24}") {
            prop_assert_eq!(turkish_words(&name), Some(words_of_any_script(&name)));
        }

        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            let words = words(&text);
            prop_assert_eq!(super::words(&words.join(" ")), words);
        }

        #[test]
        fn form_case_and_invisible_characters_do_not_change_the_words(
            name in name(),
            hidden in prop::sample::select(vec!['\u{200b}', '\u{200d}', '\u{ad}', '\u{202e}', '\u{2068}', '\u{feff}', '\0', '\u{7f}', '\u{fe0f}']),
            at in any::<prop::sample::Index>(),
        ) {
            let expected = words(&name);
            let mut with_hidden: Vec<char> = nfd(&name).chars().collect();
            with_hidden.insert(at.index(with_hidden.len()), hidden);
            let nfkc = ComposingNormalizer::new_nfkc().normalize(&name).into_owned();
            let hidden: String = with_hidden.into_iter().collect();
            for spelling in [nfd(&name), nfkc, uppercase(&name), lowercase(&name), name.to_uppercase(), name.to_lowercase(), hidden] {
                prop_assert_eq!(words(&spelling), expected.clone(), "{:?}", spelling);
            }
        }

        #[test]
        fn the_order_of_words_does_not_change_their_set(names in prop::collection::vec("[a-zçğıöşüA-ZÇĞİÖŞÜ]{1,8}", 1..5)) {
            let mut forward = words(&names.join(" "));
            let mut back = words(&names.iter().rev().cloned().collect::<Vec<_>>().join(", "));
            forward.sort();
            back.sort();
            prop_assert_eq!(forward, back);
        }
    }
}
