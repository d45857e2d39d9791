//! `ebasvuru.settings`: the fingerprints of the keys that seal the personal data of this log.

use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::log::topic;

/// A keyed hash of one key of the ring. The first one under a name is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFingerprint {
    /// The entry's name, or `index`.
    pub name: String,
    /// The fingerprint (see [`crate::seal::KeyRing::fingerprints`]).
    pub print: String,
}

impl Message for KeyFingerprint {
    const TYPE: &'static str = "ebasvuru.key-fingerprint.v1";
    const TOPIC: &'static str = topic::SETTINGS;
    fn key(&self) -> String {
        format!("key/{}", self.name)
    }
}
