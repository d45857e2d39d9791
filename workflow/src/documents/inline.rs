//! The contents of inline documents, which a processor hands to the runner.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, PutMode};
use tokio::runtime::Handle;

use crate::domain::document::object_path;
use crate::log::{Blob, BlobStore};

/// How many contents are stored at the same time: a disk syncs many about as fast as one, and a store
/// over the network answers many about as fast as one.
const AT_ONCE: usize = 64;

/// Stores the content of inline documents, for the runner.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    runtime: Handle,
}

impl Blobs {
    /// Blobs in this store. Calls block on `runtime`, so they must come from a thread outside of it, as
    /// those of a worker do.
    #[must_use]
    pub const fn new(store: Arc<dyn ObjectStore>, runtime: Handle) -> Self {
        Self { store, runtime }
    }
}

impl BlobStore for Blobs {
    fn put(&self, blobs: &[Blob]) -> Result<(), String> {
        let put = async |blob: &Blob| {
            let path = object_path(&blob.sha256).into();
            match self.store.put_opts(&path, blob.bytes.clone().into(), PutMode::Create.into()).await {
                Ok(_) | Err(object_store::Error::AlreadyExists { .. }) => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        };
        let all = stream::iter(blobs).map(Ok).try_for_each_concurrent(AT_ONCE, put);
        self.runtime.block_on(all)
    }
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;

    use super::*;
    use crate::documents::{open, probe};

    fn blob(sha256: char, bytes: &'static [u8]) -> Blob {
        Blob { sha256: sha256.to_string().repeat(64), bytes: bytes.into() }
    }

    #[test]
    fn content_is_stored_once_under_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let url = format!("file://{}/deep/er", folder.path().display());
        let store = open(&url).unwrap();
        let blobs = Blobs::new(store.clone(), runtime.handle().clone());
        blobs.put(&[blob('a', b"one")]).unwrap();
        blobs.put(&[blob('a', b"one"), blob('b', b"two"), blob('b', b"two")]).unwrap();

        let a = "a".repeat(64);
        let file = folder.path().join("deep/er/sha256/aa/aa").join(&a);
        assert_eq!(std::fs::read(&file).unwrap(), b"one");
        let left: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no staging file stays behind: {left:?}");
        let read =
            runtime.block_on(async { store.get(&object_path(&a).into()).await.unwrap().bytes().await });
        assert_eq!(&*read.unwrap(), b"one");
        runtime.block_on(probe(&*store)).unwrap();
    }
}
