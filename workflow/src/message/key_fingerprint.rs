//! Which keys this log's personal data is sealed with, on `ebasvuru.settings`.

use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::log::topic;

/// A keyed hash of one key of the ring. The first under a name counts.
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
