//! Documents by reference: the content is in the object store under its SHA-256.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sealed::Sealed;

/// A document as events and snapshots carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name as uploaded, sealed, because file names may contain names of people.
    pub name: Sealed,
    /// The media type, such as `application/pdf`.
    pub media_type: String,
    /// The size in bytes.
    pub size: u64,
    /// Lower-case hex SHA-256 of the content.
    pub sha256: String,
    /// Where the content is: `store://sha256/…`.
    pub uri: String,
}

/// The lower-case hex SHA-256 of content.
#[must_use]
pub fn sha256_hex(content: &[u8]) -> String {
    hex_digest(Sha256::digest(content))
}

/// A SHA-256 that was computed piece by piece, in lower-case hex.
#[must_use]
pub fn hex_digest(digest: impl Into<[u8; 32]>) -> String {
    hex::encode(digest.into())
}

/// The prefix of a reference to content; its lower-case hex SHA-256 follows.
pub const STORE: &str = "store://sha256/";

/// The reference to the content with this lower-case hex SHA-256.
#[must_use]
pub fn store_uri(sha256: &str) -> String {
    [STORE, sha256].concat()
}

/// The path in the object store of the content with this lower-case hex SHA-256. Two levels of folders,
/// because some file systems slow down with millions of files in one folder.
#[must_use]
pub fn object_path(sha256: &str) -> String {
    below("sha256", sha256)
}

/// The path of the virus scanner's verdict on that content.
#[must_use]
pub fn scan_path(sha256: &str) -> String {
    below("scan", sha256)
}

fn below(folder: &str, sha256: &str) -> String {
    let level = |at: usize| sha256.get(at..at + 2).unwrap_or("_");
    format!("{folder}/{}/{}/{sha256}", level(0), level(2))
}
