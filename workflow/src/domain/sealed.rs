//! Sealed personal data. The domain passes it on and never opens it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An AEAD ciphertext with the name of the key that opens it, as text:
/// `<key entry>.3.<base64url(nonce ‖ ciphertext)>`. The mark `3` says how; what versions before sealed has
/// `2` or none. Made and opened by `seal`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(pub Arc<str>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A sealed text with its number of characters, so that the domain knows whether it is empty or too
/// long without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedText {
    /// The text.
    pub sealed: Sealed,
    /// Its number of characters from the first visible one to the last ([`super::text::trim`]).
    pub chars: u32,
}
