//! Content that is kept outside the log, and must be stored before a record refers to it.

use bytes::Bytes;

/// Content that must be in the object store before the records that refer to it are committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The lower-case hex SHA-256 of the content, which is its name.
    pub sha256: String,
    /// The content.
    pub bytes: Bytes,
}

/// Where the runner stores content.
pub trait BlobStore: Send + Sync {
    /// Stores each content under its SHA-256, and returns when all are durable. Storing existing
    /// content again is no error.
    fn put(&self, blobs: &[Blob]) -> Result<(), String>;
}
