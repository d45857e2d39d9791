//! Reading and writing documents.

use std::io;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt, try_unfold};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{GetResult, ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWriteExt, copy};
use tokio::sync::Semaphore;

use crate::domain::document::{hex_digest, object_path, scan_path};

/// The size of a part of an upload to the store, in bytes; S3 takes no smaller parts.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// How many files are uploaded to the store at a time; with [`PART_BYTES`], this bounds the memory of
/// all uploads.
const CONCURRENT_PUTS: usize = 4;

/// The documents, each under its lower-case hex SHA-256.
#[derive(Clone, Debug)]
pub struct DocumentStore {
    store: Arc<dyn ObjectStore>,
    puts: Arc<Semaphore>,
}

/// Why a document cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// There is no such object.
    #[error("no object sha256/{0}")]
    Missing(String),
    /// The content does not have its SHA-256.
    #[error("the object sha256/{0} has another content")]
    Corrupt(String),
    /// The store failed.
    #[error("the object store: {0}")]
    Store(object_store::Error),
}

impl From<object_store::Error> for DocumentError {
    fn from(error: object_store::Error) -> Self {
        Self::Store(error)
    }
}

impl DocumentError {
    /// An error of the file from which a document was to be stored.
    #[must_use]
    pub fn of_source(error: io::Error) -> Self {
        object_store::Error::Generic { store: "upload", source: error.into() }.into()
    }
}

/// The content of a document.
pub struct Content {
    /// Its size in bytes.
    pub size: u64,
    /// Its chunks. The last one comes only if the whole has the right SHA-256; else the stream ends
    /// with [`DocumentError::Corrupt`] before it.
    pub chunks: BoxStream<'static, Result<Bytes, DocumentError>>,
}

impl DocumentStore {
    /// The documents in this object store.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, puts: Arc::new(Semaphore::new(CONCURRENT_PUTS)) }
    }

    /// Reads a document; its content is checked against its SHA-256 while it streams.
    ///
    /// # Errors
    /// When there is no such document, or the store fails.
    pub async fn get(&self, sha256: &str) -> Result<Content, DocumentError> {
        match self.store.get(&path(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => Err(DocumentError::Missing(sha256.into())),
            Err(error) => Err(error.into()),
            Ok(found) => Ok(Content { size: found.meta.size, chunks: checked(sha256.to_owned(), found) }),
        }
    }

    /// Reads the whole of a small document.
    ///
    /// # Errors
    /// When there is no such document, it is corrupt, or the store fails.
    pub async fn bytes(&self, sha256: &str) -> Result<Bytes, DocumentError> {
        let whole = self.get(sha256).await?.chunks.try_collect::<BytesMut>().await?;
        Ok(whole.freeze())
    }

    /// Reads up to `length` bytes at the beginning of a document, unchecked.
    ///
    /// # Errors
    /// When there is no such document, or the store fails.
    pub async fn start(&self, sha256: &str, length: u64) -> Result<Bytes, DocumentError> {
        match self.store.get_range(&path(sha256), 0..length).await {
            Err(object_store::Error::NotFound { .. }) => Err(DocumentError::Missing(sha256.into())),
            other => Ok(other?),
        }
    }

    /// Stores a document of this size, unless the store has it already. `content` must have this
    /// SHA-256.
    ///
    /// # Errors
    /// When the content cannot be read, or the store fails; nothing is stored then.
    pub async fn put(
        &self,
        sha256: &str,
        size: u64,
        mut content: impl AsyncRead + Unpin,
    ) -> Result<(), DocumentError> {
        let path = path(sha256);
        let _permit = self.puts.acquire().await;
        if self.store.head(&path).await.is_ok_and(|found| found.size == size) {
            return Ok(());
        }
        let mut object =
            BufWriter::with_capacity(Arc::clone(&self.store), path, PART_BYTES).with_max_concurrency(1);
        let put = async {
            copy(&mut content, &mut object).await?;
            object.shutdown().await
        };
        if let Err(error) = put.await {
            // If that fails as well, nothing was begun.
            let _ = object.abort().await;
            return Err(DocumentError::of_source(error));
        }
        Ok(())
    }

    /// Reads the record of a document's virus scan, if there is one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn scan_record(&self, sha256: &str) -> Result<Option<Bytes>, DocumentError> {
        match self.store.get(&Path::from(scan_path(sha256))).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the record of a document's virus scan.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_scan_record(&self, sha256: &str, record: Vec<u8>) -> Result<(), DocumentError> {
        self.store.put(&Path::from(scan_path(sha256)), record.into()).await?;
        Ok(())
    }
}

fn path(sha256: &str) -> Path {
    Path::from(object_path(sha256))
}

/// The chunks of an object; the last one only if the whole has the right SHA-256.
fn checked(sha256: String, found: GetResult) -> BoxStream<'static, Result<Bytes, DocumentError>> {
    struct Reading {
        chunks: BoxStream<'static, object_store::Result<Bytes>>,
        hash: Sha256,
        held: Option<Bytes>,
        sha256: String,
        ended: bool,
    }
    let chunks = found.into_stream();
    let reading = Reading { chunks, hash: Sha256::new(), held: None, sha256, ended: false };
    try_unfold(reading, async |mut it| {
        if it.ended {
            return Ok(None);
        }
        while let Some(chunk) = it.chunks.next().await {
            let chunk = chunk?;
            it.hash.update(&chunk);
            if let Some(before) = it.held.replace(chunk) {
                return Ok(Some((before, it)));
            }
        }
        it.ended = true;
        if hex_digest(it.hash.finalize_reset()) != it.sha256 {
            return Err(DocumentError::Corrupt(it.sha256));
        }
        Ok(it.held.take().map(|last| (last, it)))
    })
    .boxed()
}
