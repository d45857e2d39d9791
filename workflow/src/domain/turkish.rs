//! Turkish letters: İ/i and I/ı are two pairs, which no locale-blind lower-casing knows.

use icu_casemap::CaseMapper;
use icu_locale_core::langid;

/// The tokens of a person's name as they are compared: lower-case by the Turkish rules,
/// one for each word, in the order of the name.
#[must_use]
pub fn fold_name(full_name: &str) -> Vec<String> {
    let mapper = CaseMapper::new();
    full_name
        .split_whitespace()
        .map(|token| mapper.lowercase_to_string(token, &langid!("tr")).into_owned())
        .collect()
}
