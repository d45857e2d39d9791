//! Blind indexes: keyed hashes by which equal values are found without being readable.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;

use crate::domain::turkish::{index_words, joined_words, lowercase, words};

use super::Sealer;
use super::key_ring::Index;

/// The prefix of the hashes of names as they are folded now; base64url has no dot. A new fold gets a new
/// prefix and a new key.
pub const CURRENT: &str = "2.";

/// Whether the index of a name was made by this version. The empty one, of a name without letters, is made
/// again each time, which costs next to nothing.
pub(super) fn is_current(index: &[String]) -> bool {
    index.first().is_some_and(|hash| hash.starts_with(CURRENT))
}

impl Sealer {
    /// The index of a T.C. Kimlik No.
    #[must_use]
    pub fn tckn_index(&self, tckn: &str) -> String {
        self.index(Index::Tckn, tckn.as_bytes())
    }

    /// The index of a name: of each of its folded words, each once, and of the words whose parts a hyphen
    /// or an apostrophe joins.
    #[must_use]
    pub fn name_index(&self, full_name: &str) -> Vec<String> {
        index_words(full_name).iter().map(|word| self.name_hash(word)).collect()
    }

    /// What finds a person by words of their name: an application is found if its index has all hashes
    /// of one of these lists; an empty list finds nothing. The last list is for the indexes of the version
    /// before, which could not be renewed, or not yet ([`Sealer::renewed_applicant`]).
    #[must_use]
    pub fn name_search(&self, typed: &str) -> [Vec<String>; 3] {
        let hashes = |words: Vec<String>| words.iter().map(|word| self.name_hash(word)).collect();
        [hashes(words(typed)), hashes(joined_words(typed)), self.former_name_index(typed)]
    }

    fn name_hash(&self, word: &str) -> String {
        [CURRENT, &self.index(Index::Name, word.as_bytes())].concat()
    }

    /// The index as versions before [`CURRENT`] made it: of each word between white space, in lower case
    /// by the Turkish rules.
    fn former_name_index(&self, full_name: &str) -> Vec<String> {
        let hash = |word: &str| self.index(Index::FormerName, lowercase(word).as_bytes());
        full_name.split_whitespace().map(hash).collect()
    }

    /// The hash by which a repeated submission is told from another one with the same id: of its content
    /// in canonical form.
    #[must_use]
    pub fn content_hash(&self, canonical: &[u8]) -> String {
        self.index(Index::Content, canonical)
    }

    /// 128 bits of HMAC-SHA256 as 22 characters: enough for equality, and short in every row.
    fn index(&self, index: Index, what: &[u8]) -> String {
        let mut mac = self.ring.index(index);
        mac.update(what);
        URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
    }
}
