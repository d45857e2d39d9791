//! Documents in the object store, named by the SHA-256 of their content: the same file twice is one
//! object, and no personal name reaches the store.

mod kind;
mod name;
mod quarantine;
mod read;
mod scanner;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ebasvuru_workflow::domain::document::object_path;
use ebasvuru_workflow::error_code::ErrorCode;
use futures_util::TryStreamExt;
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::io::{AsyncWriteExt, copy};
use tokio::sync::Semaphore;

pub use kind::FileKind;
pub use name::{saved_name, shown_name};
pub use quarantine::{DocumentInfo, KeepError, ScanState};
pub use read::OpenedDocument;
pub use scanner::{Scanner, Verdict};
pub use upload::{MAX_FILE_BYTES, ReceiveError, Upload};

/// The size of a part of an upload to the store, in bytes; S3 takes no smaller parts.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// How many files are uploaded to the store at a time; with [`PART_BYTES`], this bounds the memory of
/// all uploads.
const CONCURRENT_PUTS: usize = 4;

/// The document store with its scanner.
#[derive(Clone, Debug)]
pub struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn ObjectStore>,
    scanner: Option<Scanner>,
    staging: PathBuf,
    puts: Semaphore,
}

/// Why a document cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is no such object.
    #[error("no object sha256/{0}")]
    Missing(String),
    /// The content does not have its SHA-256.
    #[error("the object sha256/{0} has another content")]
    Corrupt(String),
    /// The scanner found malware.
    #[error("{code}: sha256/{sha256}: {signature}", code = ErrorCode::DocumentInfected)]
    Infected {
        /// The document.
        sha256: String,
        /// The scanner's name for it.
        signature: String,
    },
    /// It has not been scanned, and the scanner does not answer.
    #[error("{code}: sha256/{sha256}: {detail}", code = ErrorCode::ScannerAway)]
    Unscanned {
        /// The document.
        sha256: String,
        /// What went wrong with the scanner.
        detail: String,
    },
    /// The store failed.
    #[error("the object store: {0}")]
    Store(object_store::Error),
}

impl From<object_store::Error> for FileError {
    fn from(error: object_store::Error) -> Self {
        Self::Store(error)
    }
}

impl Files {
    /// Documents in this store, scanned by this scanner before anybody gets them. Uploads are received
    /// into the folder `staging`, which should not be a memory file system.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, scanner: Option<Scanner>, staging: PathBuf) -> Self {
        Self(Arc::new(Inner { store, scanner, staging, puts: Semaphore::new(CONCURRENT_PUTS) }))
    }

    /// Whether there is a scanner.
    #[must_use]
    pub fn are_scanned(&self) -> bool {
        self.0.scanner.is_some()
    }

    /// The folder in which uploads are received.
    #[must_use]
    pub fn staging(&self) -> &Path {
        &self.0.staging
    }

    /// Stores an upload without a scan, unless the store has it already.
    pub async fn store(&self, upload: &Upload) -> Result<(), FileError> {
        let path = path(&upload.sha256);
        let _permit = self.0.puts.acquire().await;
        if self.0.store.head(&path).await.is_ok_and(|found| found.size == upload.size as u64) {
            return Ok(());
        }
        let mut content = upload.open().map_err(upload_error)?;
        let mut object =
            BufWriter::with_capacity(Arc::clone(&self.0.store), path, PART_BYTES).with_max_concurrency(1);
        let put = async {
            copy(&mut content, &mut object).await?;
            object.shutdown().await
        };
        if let Err(error) = put.await {
            // If that fails as well, nothing was begun.
            let _ = object.abort().await;
            return Err(upload_error(error));
        }
        Ok(())
    }

    /// The whole of a small content, without a scan, for callers that show it to nobody.
    pub async fn bytes(&self, sha256: &str) -> Result<Bytes, FileError> {
        let whole = self.read(sha256).await?.content.try_collect::<BytesMut>().await?;
        Ok(whole.freeze())
    }
}

/// An error while an upload was copied to the store.
fn upload_error(error: std::io::Error) -> FileError {
    object_store::Error::Generic { store: "upload", source: error.into() }.into()
}

fn path(sha256: &str) -> ObjectPath {
    ObjectPath::from(object_path(sha256))
}
