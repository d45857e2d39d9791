//! Documents in the object store: named by the SHA-256 of their content, so that the same
//! file twice is one object and no name of a person reaches the store.

mod kind;
mod name;
mod read;
mod scanner;
mod upload;
mod verdict;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ebasvuru_workflow::domain::document::object_path;
use futures_util::TryStreamExt;
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::io::{AsyncWriteExt, copy};
use tokio::sync::Semaphore;

pub use kind::Kind;
pub use name::{saved_name, shown_name};
pub use read::Opened;
pub use scanner::{Scanner, Verdict};
pub use upload::{MAX_FILE_BYTES, ReceiveError, Upload};
pub use verdict::{KeepError, Look, State};

/// What goes into the store at once, in bytes; S3 takes no smaller parts.
const PART: usize = 5 * 1024 * 1024;
/// How many files go into the store at the same time; with [`PART`], what all uploads
/// together take of the memory, however many there are.
const PUTS: usize = 4;

/// The documents: where they lie, and who looks into them first.
#[derive(Clone, Debug)]
pub struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn ObjectStore>,
    scanner: Option<Scanner>,
    staging: PathBuf,
    puts: Semaphore,
}

/// A document cannot be handed out.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No such object.
    #[error("no object sha256/{0}")]
    Missing(String),
    /// What was read is not what was stored.
    #[error("the object sha256/{0} has another content")]
    Corrupt(String),
    /// The scanner found malware in it.
    #[error("document_infected: sha256/{sha256}: {signature}")]
    Infected {
        /// Which.
        sha256: String,
        /// The scanner's name for it.
        signature: String,
    },
    /// The scanner has yet to see it and cannot now.
    #[error("scanner_away: sha256/{sha256}: {detail}")]
    Unscanned {
        /// Which.
        sha256: String,
        /// Why not.
        detail: String,
    },
    /// Anything else.
    #[error("the object store: {0}")]
    Store(#[from] object_store::Error),
}

impl Files {
    /// Files in this store, seen by this scanner before anybody has them. What is being
    /// uploaded lies in the folder `staging`, which had better be no memory file system.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, scanner: Option<Scanner>, staging: PathBuf) -> Self {
        Self(Arc::new(Inner { store, scanner, staging, puts: Semaphore::new(PUTS) }))
    }

    /// Whether there is a scanner.
    #[must_use]
    pub fn are_scanned(&self) -> bool {
        self.0.scanner.is_some()
    }

    /// Where uploads are received.
    #[must_use]
    pub fn staging(&self) -> &Path {
        &self.0.staging
    }

    /// Puts an upload into the store, where it may be already, without a scan.
    pub async fn store(&self, upload: &Upload) -> Result<(), FileError> {
        let path = path(&upload.sha256);
        let _turn = self.0.puts.acquire().await;
        if self.0.store.head(&path).await.is_ok_and(|there| there.size == upload.size as u64) {
            return Ok(());
        }
        let mut content = upload.open().map_err(upload_fault)?;
        let mut object =
            BufWriter::with_capacity(Arc::clone(&self.0.store), path, PART).with_max_concurrency(1);
        let put = async {
            copy(&mut content, &mut object).await?;
            object.shutdown().await
        };
        if let Err(error) = put.await {
            // Nothing was begun where that fails too.
            let _ = object.abort().await;
            return Err(upload_fault(error));
        }
        Ok(())
    }

    /// All of a small content, without asking the scanner: for who hands it to nobody.
    pub async fn bytes(&self, sha256: &str) -> Result<Bytes, FileError> {
        let whole = self.read(sha256).await?.content.try_collect::<BytesMut>().await?;
        Ok(whole.freeze())
    }
}

/// What went wrong between the file of an upload and the store.
fn upload_fault(error: std::io::Error) -> FileError {
    object_store::Error::Generic { store: "upload", source: error.into() }.into()
}

fn path(sha256: &str) -> ObjectPath {
    ObjectPath::from(object_path(sha256))
}
