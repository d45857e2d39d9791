//! Personal data as it travels: sealed. The domain carries it and never looks inside.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An AEAD ciphertext with the name of the key that opens it, as text that travels in
/// JSON: `<key entry>.2.<base64url(nonce ‖ ciphertext)>`, without `2.` in what was sealed before
/// the field was bound. Made and opened by `seal`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub Arc<str>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A person's words, sealed, with how many characters they had (trimmed): the domain must
/// know whether anything was written without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedText {
    /// The words.
    pub sealed: Sealed,
    /// How many characters, after trimming.
    pub chars: u32,
}
