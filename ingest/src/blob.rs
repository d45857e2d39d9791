//! The object store, in which documents lie under their SHA-256.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ebasvuru_workflow::domain::document::object_path;
use ebasvuru_workflow::log::Blob;
use ebasvuru_workflow::log::drive::BlobStore;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, PutMode};
use tokio::runtime::Handle;

/// The setting `store.url` names no store that can be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A kind of store this build knows nothing of.
    #[error("store_unknown: {0:?} is not supported: store.url is a folder or a file:// URL")]
    Unknown(String),
    /// The folder cannot be made or read.
    #[error("store_unusable: the document folder {path} cannot be used: {detail}")]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
}

impl StoreError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "store_unknown",
            Self::Unusable { .. } => "store_unusable",
        }
    }
}

/// Opens the object store that `store.url` names: a folder, made when missing, whose
/// writes are atomic and synced.
pub fn open(url: &str) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let folder = match url.split_once("://") {
        None => Path::new(url),
        // A host would be another machine's: `file://host/path`.
        Some(("file", path)) if path.starts_with('/') => Path::new(path),
        Some(_) => return Err(StoreError::Unknown(url.to_owned())),
    };
    let unusable = |detail: String| StoreError::Unusable { path: folder.into(), detail };
    std::fs::create_dir_all(folder).map_err(|e| unusable(e.to_string()))?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| unusable(e.to_string()))?;
    Ok(Arc::new(store.with_fsync(true)))
}

/// Stores the content of inline documents, for the loop that carries the stage.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    runtime: Handle,
}

impl Blobs {
    /// Blobs in this store. Calls block on `runtime`, so they must come from a thread of
    /// its own, as every worker has.
    #[must_use]
    pub const fn new(store: Arc<dyn ObjectStore>, runtime: Handle) -> Self {
        Self { store, runtime }
    }
}

impl BlobStore for Blobs {
    fn put(&self, blob: &Blob) -> Result<(), String> {
        let path = object_path(&blob.sha256).into();
        let create = self.store.put_opts(&path, blob.bytes.clone().into(), PutMode::Create.into());
        match self.runtime.block_on(create) {
            Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;

    use super::*;

    fn blob(sha256: char, bytes: &'static [u8]) -> Blob {
        Blob { sha256: sha256.to_string().repeat(64), bytes: bytes.into() }
    }

    #[test]
    fn content_is_kept_once_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let url = format!("file://{}/deep/er", folder.path().display());
        let store = open(&url).unwrap();
        let blobs = Blobs::new(store.clone(), runtime.handle().clone());
        blobs.put(&blob('a', b"one")).unwrap();
        blobs.put(&blob('a', b"one")).unwrap();
        blobs.put(&blob('b', b"two")).unwrap();

        let a = "a".repeat(64);
        let file = folder.path().join("deep/er/sha256/aa/aa").join(&a);
        assert_eq!(std::fs::read(&file).unwrap(), b"one");
        let left: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no staging file stays behind: {left:?}");
        let read =
            runtime.block_on(async { store.get(&object_path(&a).into()).await.unwrap().bytes().await });
        assert_eq!(&*read.unwrap(), b"one");
    }

    #[test]
    fn what_cannot_be_a_store_is_named() {
        for url in ["s3://bucket/path", "https://example.org", "file://host/path"] {
            let error = open(url).unwrap_err();
            assert_eq!(error.code(), "store_unknown");
            assert!(error.to_string().contains(url));
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(open(file.path().to_str().unwrap()).unwrap_err().code(), "store_unusable");
    }
}
