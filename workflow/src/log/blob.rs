//! Content that lies outside of the log, and must be kept before a record refers to it.

use bytes::Bytes;

/// Bytes that must be in the object store before the records that refer to them count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Lower-case hex SHA-256 of the content: its name.
    pub sha256: String,
    /// The content.
    pub bytes: Bytes,
}

/// Keeps content before the records that refer to it count.
pub trait BlobStore: Send + Sync {
    /// Stores each content under its SHA-256, and returns when all are kept. Storing what is
    /// there already is no error.
    fn put(&self, blobs: &[Blob]) -> Result<(), String>;
}
