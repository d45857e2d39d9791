//! Turkish text and names: casing, order, masking, T.C. Kimlik No.
//!
//! İ/i and I/ı are two pairs, which lower-casing without a locale does not know.

use std::cmp::Ordering;
use std::fmt;

use icu_casemap::CaseMapper;
use icu_locale_core::langid;

/// Lower case by the Turkish rules.
#[must_use]
pub fn lowercase(text: &str) -> String {
    CaseMapper::new().lowercase_to_string(text, &langid!("tr")).into_owned()
}

/// Upper case by the Turkish rules.
#[must_use]
pub fn uppercase(text: &str) -> String {
    CaseMapper::new().uppercase_to_string(text, &langid!("tr")).into_owned()
}

/// The words of a person's name as they are compared: lower-case by the Turkish rules, in the order of
/// the name.
#[must_use]
pub fn fold_name(full_name: &str) -> Vec<String> {
    full_name.split_whitespace().map(lowercase).collect()
}

/// The Turkish alphabet in its order, with q, w and x where Turkish dictionaries have them.
const ALPHABET: &str = "abcçdefgğhıijklmnoöpqrsştuüvwxyz";

/// The Turkish alphabetical order: case is ignored, ç after c, ı before i, and so on.
/// Letters outside the alphabet come after it.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    SortKey::of(a).cmp(&SortKey::of(b))
}

/// The sort key of [`compare`], for lists that keep it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortKey(Vec<(usize, char)>);

impl SortKey {
    /// The key of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let letters = lowercase(text);
        let place = |c: char| match ALPHABET.chars().position(|letter| letter == c) {
            Some(place) => (place + 1, c),
            None if c.is_alphabetic() => (usize::MAX, c),
            None => (0, c),
        };
        Self(letters.chars().map(place).collect())
    }
}

/// A name with everything but the initials masked. Always three stars, so that the length is hidden.
#[must_use]
pub fn mask_name(full_name: &str) -> String {
    let masked: Vec<String> = full_name
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .map(|initial| format!("{}***", uppercase(&initial.to_string())))
        .collect();
    masked.join(" ")
}

/// A T.C. Kimlik No: 11 digits with two check digits (decision m).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tckn(String);

/// The text is not a T.C. Kimlik No.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a T.C. Kimlik No")]
pub struct BadTckn;

impl Tckn {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// With all but the last two digits masked.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("*********{}", &self.0[9..])
    }

    /// The number with these first nine digits; `None` if the first is 0.
    #[must_use]
    pub fn from_first_nine(first: [u8; 9]) -> Option<Self> {
        if first[0] == 0 || first.iter().any(|d| *d > 9) {
            return None;
        }
        let (tenth, eleventh) = check_digits(&first.map(u32::from));
        let text = first.iter().map(|d| u32::from(*d)).chain([tenth, eleventh]);
        Some(Self(text.filter_map(|d| char::from_digit(d, 10)).collect()))
    }
}

/// The two check digits of the first nine digits.
fn check_digits(d: &[u32; 9]) -> (u32, u32) {
    let odd = d[0] + d[2] + d[4] + d[6] + d[8];
    let even = d[1] + d[3] + d[5] + d[7];
    // 40 ≡ 0 (mod 10) keeps the difference positive.
    let tenth = (7 * odd + 40 - even) % 10;
    (tenth, (d.iter().sum::<u32>() + tenth) % 10)
}

impl std::str::FromStr for Tckn {
    type Err = BadTckn;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bytes: &[u8; 11] = s.as_bytes().try_into().map_err(|_| BadTckn)?;
        if bytes[0] == b'0' || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(BadTckn);
        }
        let digit = |i: usize| u32::from(bytes[i] - b'0');
        let (tenth, eleventh) = check_digits(&std::array::from_fn(digit));
        if tenth == digit(9) && eleventh == digit(10) { Ok(Self(s.to_owned())) } else { Err(BadTckn) }
    }
}

impl fmt::Debug for Tckn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tckn({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dotted_and_dotless_i_are_two_letters() {
        assert_eq!(fold_name("IŞIK İpek"), ["ışık", "ipek"]);
        assert_eq!(fold_name("AYŞE  Yılmaz"), fold_name("ayşe YILMAZ"));
        assert_ne!(fold_name("Işıl"), fold_name("İşil"));
    }

    #[test]
    fn the_order_is_that_of_turkish_dictionaries() {
        let mut names = [
            "Zonguldak",
            "İzmir",
            "Iğdır",
            "Çorum",
            "Ceyhan",
            "Şırnak",
            "Sivas",
            "Ünye",
            "Uşak",
            "Öz",
            "Ordu",
        ];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            [
                "Ceyhan",
                "Çorum",
                "Iğdır",
                "İzmir",
                "Ordu",
                "Öz",
                "Sivas",
                "Şırnak",
                "Uşak",
                "Ünye",
                "Zonguldak"
            ]
        );
    }

    #[test]
    fn masks_show_only_initials_and_two_digits() {
        assert_eq!(mask_name("ibrahim  Ak"), "İ*** A***");
        let tckn: Tckn = "10000000146".parse().unwrap();
        assert_eq!(tckn.masked(), "*********46");
        assert_eq!(format!("{tckn:?}"), "Tckn(*********46)");
    }

    proptest! {
        /// A number made by the rule is accepted; a number with one wrong digit is not.
        #[test]
        fn one_wrong_digit_is_found(first in proptest::array::uniform9(0_u8..10), place in 0_usize..11, add in 1_u8..10) {
            prop_assume!(first[0] != 0);
            let good = Tckn::from_first_nine(first).unwrap();
            prop_assert_eq!(good.as_str().parse::<Tckn>(), Ok(good.clone()));
            let mut digits = good.as_str().as_bytes().to_vec();
            digits[place] = (digits[place] - b'0' + add) % 10 + b'0';
            let bad = String::from_utf8(digits).unwrap();
            prop_assert!(bad.parse::<Tckn>().is_err());
        }
    }
}
