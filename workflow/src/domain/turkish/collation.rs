//! The Turkish alphabetical order, by the Unicode Collation Algorithm with CLDR's rules for Turkish.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;

#[expect(clippy::expect_used, reason = "the data of every locale is compiled in")]
static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    Collator::try_new(locale!("tr").into(), CollatorOptions::default()).expect("data of the locale tr")
});

/// The Turkish alphabetical order: ç after c, ı before i, and so on. Marks that are no letters of the
/// alphabet (â) and case decide only between texts of the same letters.
#[must_use]
pub fn compare(a: &str, b: &str) -> Ordering {
    COLLATOR.compare(a, b)
}

/// The sort key of [`compare`], for lists that keep it. It differs between versions of Unicode, so it is
/// never stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortKey(Vec<u8>);

impl SortKey {
    /// The key of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut key = Vec::new();
        let written: Result<(), Infallible> = COLLATOR.write_sort_key_to(text, &mut key);
        let Ok(()) = written;
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_order(expected: &[&str]) {
        let mut by_comparison = expected.to_vec();
        by_comparison.sort_by(|a, b| b.cmp(a));
        let mut by_key = by_comparison.clone();
        by_comparison.sort_by(|a, b| compare(a, b));
        by_key.sort_by_key(|text| SortKey::of(text));
        assert_eq!(by_comparison, expected);
        assert_eq!(by_key, expected);
    }

    #[test]
    fn the_order_is_that_of_turkish_dictionaries() {
        assert_order(&[
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
            "Van",
            "Wan",
            "Zonguldak",
        ]);
    }

    #[test]
    fn a_circumflex_decides_after_all_letters() {
        assert_order(&[
            "Âdem Zorlu",
            "Adil Ak",
            "Kâzım Arı",
            "Kazım Bal",
            "Kazım Can",
            "Kâzım Can",
            "Zeynep Ak",
        ]);
    }

    #[test]
    fn decomposed_letters_and_invisible_marks_do_not_change_the_order() {
        assert_eq!(compare("S\u{327}ule", "Şule"), Ordering::Equal);
        assert_eq!(compare("Ay\u{200b}şe", "Ayşe"), Ordering::Equal);
    }
}
