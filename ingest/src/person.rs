//! What may be known in clear of a person, and whether a T.C. Kimlik No is one.

/// Whether a text is a T.C. Kimlik No (REQUIREMENTS, m): 11 digits, the first not 0,
/// d10 = (7·(d1+d3+d5+d7+d9) − (d2+d4+d6+d8)) mod 10, d11 = Σ d1..d10 mod 10.
#[must_use]
pub fn is_tckn(text: &str) -> bool {
    let Ok(digits) = <[u8; 11]>::try_from(text.as_bytes()) else { return false };
    digits.iter().all(u8::is_ascii_digit) && digits[0] != b'0' && {
        let first = std::array::from_fn(|i| digits[i] - b'0');
        check_digits(first) == [digits[9] - b'0', digits[10] - b'0']
    }
}

/// The two check digits that follow nine digits.
#[must_use]
pub fn check_digits(first: [u8; 9]) -> [u8; 2] {
    let sum = |from: usize| -> u8 { first.iter().skip(from).step_by(2).sum() };
    let (odd, even) = (u16::from(sum(0)), u16::from(sum(1)));
    // Four nines at most are taken off: 40 keeps it above zero.
    let tenth = ((7 * odd + 40 - even) % 10) as u8;
    let eleventh = ((odd + even + u16::from(tenth)) % 10) as u8;
    [tenth, eleventh]
}

/// The name with all but the initials masked; how long it is does not show.
#[must_use]
pub fn mask_name(full_name: &str) -> String {
    full_name.split_whitespace().filter_map(|token| token.chars().next()).fold(
        String::new(),
        |masked, initial| {
            let between = if masked.is_empty() { "" } else { " " };
            format!("{masked}{between}{initial}***")
        },
    )
}

/// A T.C. Kimlik No with all but the last two digits masked.
#[must_use]
pub fn mask_tckn(tckn: &str) -> String {
    format!("*********{}", tckn.get(9..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digits_are_those_of_the_rule() {
        for good in ["10000000146", "11111111110", "19191919190"] {
            assert!(is_tckn(good), "{good}");
        }
        for bad in
            ["", "10000000147", "10000000156", "00000000000", "1000000014", "1000000014a", "100000001460"]
        {
            assert!(!is_tckn(bad), "{bad}");
        }
    }

    #[test]
    fn masks_show_initials_and_two_digits() {
        assert_eq!(mask_name(" İpek  Naz Öztürk"), "İ*** N*** Ö***");
        assert_eq!(mask_name(" "), "");
        assert_eq!(mask_tckn("10000000146"), "*********46");
    }
}
