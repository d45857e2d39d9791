//! Documents in the object store: named by the SHA-256 of their content, so that the same
//! file twice is one object and no name of a person reaches the store.

use std::sync::Arc;

use bytes::Bytes;
use ebasvuru_workflow::domain::document::object_path;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::page::sha256_hex;

/// The object store.
#[derive(Clone, Debug)]
pub struct Files(Arc<dyn ObjectStore>);

/// The object store does not answer, or does not have it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No such object.
    #[error("no object sha256/{0}")]
    Missing(String),
    /// What was read is not what was stored.
    #[error("the object sha256/{0} has another content")]
    Corrupt(String),
    /// Anything else.
    #[error("the object store: {0}")]
    Store(#[from] object_store::Error),
}

/// What files may be, by their first bytes: what a browser claims is not believed.
const KINDS: [(&[u8], &str); 6] = [
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
];

/// The media type of a content, if it is one that is accepted. A zip is an office document
/// (docx, xlsx, odt, udf); it is only ever offered as a download.
#[must_use]
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    KINDS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

impl Files {
    /// Files in this store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self(store)
    }

    /// Keeps a content; returns its name when it is kept.
    pub async fn put(&self, bytes: Bytes) -> Result<String, FileError> {
        let sha256 = sha256_hex(&bytes);
        self.0.put(&path(&sha256), bytes.into()).await?;
        Ok(sha256)
    }

    /// Reads a content back, checked against its name.
    pub async fn get(&self, sha256: &str) -> Result<Bytes, FileError> {
        let bytes = match self.0.get(&path(sha256)).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Err(FileError::Missing(sha256.into())),
            Err(error) => return Err(error.into()),
        };
        if sha256_hex(&bytes) == sha256 { Ok(bytes) } else { Err(FileError::Corrupt(sha256.into())) }
    }
}

fn path(sha256: &str) -> Path {
    Path::from(object_path(sha256))
}
