//! The T.C. Kimlik No.

use std::fmt;

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
    fn a_masked_number_shows_two_digits() {
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
