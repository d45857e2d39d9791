//! Folding of Turkish text for searches and comparisons.

use ebasvuru_workflow::domain::turkish::lowercase;

/// The text in lower case by the Turkish rules, without the marks that a foreign keyboard lacks:
/// `sahin` finds Şahin, and `ISIK` finds Işık.
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = |c| match c {
        'ç' => 'c',
        'ğ' => 'g',
        'ı' | 'î' => 'i',
        'ö' => 'o',
        'ş' => 's',
        'ü' | 'û' => 'u',
        'â' => 'a',
        other => other,
    };
    lowercase(text).chars().map(plain).collect()
}
