//! Turkish text and names: casing, folding, order, masking, T.C. Kimlik No.
//!
//! İ/i and I/ı are two pairs, which lower-casing without a locale does not know.

mod collation;
mod fold;
mod mask;
mod tckn;

use icu_casemap::CaseMapper;
use icu_locale_core::langid;

pub use collation::{SortKey, compare};
pub use fold::{fold, index_words, joined_words, words};
pub use mask::mask_name;
pub use tckn::{BadTckn, Tckn};

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
