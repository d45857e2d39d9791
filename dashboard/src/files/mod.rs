//! Documents as the webs handle them: uploads, their kinds, and the quarantine until a virus scan. The store itself is [`ebasvuru_workflow::documents`].

mod kind;
mod quarantine;
mod scanner;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ebasvuru_workflow::documents::{DocumentError, DocumentStore};
use ebasvuru_workflow::domain::document_name::DocumentName;
use ebasvuru_workflow::error_code::ErrorCode;
use futures_util::stream::{self, BoxStream, StreamExt};
use object_store::ObjectStore;

pub use kind::FileKind;
pub use quarantine::{DocumentInfo, InStore, KeepError, ScanState};
pub use scanner::{Scanner, Verdict};
pub use upload::{ReceiveError, Upload};

/// How many bytes are read before the response begins: enough to know the kind, and all of a small
/// document, so that its error can still be a page.
const READ_AHEAD: usize = 64 * 1024;

/// The document store with its scanner.
#[derive(Clone, Debug)]
pub struct Files(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    documents: DocumentStore,
    scanner: Option<Scanner>,
    staging: PathBuf,
}

/// Why a document cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
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
}

/// A document that may be sent.
pub struct OpenedDocument {
    /// Its size in bytes.
    pub size: u64,
    /// Its kind, by its content.
    pub kind: Option<FileKind>,
    /// Its chunks, as in [`ebasvuru_workflow::documents::Content`].
    pub chunks: BoxStream<'static, Result<Bytes, DocumentError>>,
}

/// The name to save a document under. Its extension follows its content; one of no known kind gets
/// `.bin`, which no machine runs or shows.
#[must_use]
pub fn saved_name(name: &DocumentName, kind: Option<FileKind>) -> DocumentName {
    name.saved(kind.map_or(&["bin"], FileKind::extensions))
}

impl Files {
    /// Documents in this store, scanned by this scanner before anybody gets them. Uploads are received
    /// into the folder `staging`, which should not be a memory file system.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, scanner: Option<Scanner>, staging: PathBuf) -> Self {
        Self(Arc::new(Inner { documents: DocumentStore::new(store), scanner, staging }))
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
        let content = upload.open().map_err(DocumentError::of_source)?;
        Ok(self.0.documents.put(&upload.sha256, upload.size as u64, content).await?)
    }

    /// The whole of a small content, without a scan, for callers that show it to nobody.
    pub async fn bytes(&self, sha256: &str) -> Result<Bytes, FileError> {
        Ok(self.0.documents.bytes(sha256).await?)
    }

    /// Opens a document without a scan. A wrong content of up to [`READ_AHEAD`] bytes is an error
    /// here; of a larger one, an error in the chunks, which breaks the connection, so that no reader
    /// takes it for the whole.
    async fn read(&self, sha256: &str) -> Result<OpenedDocument, FileError> {
        let mut content = self.0.documents.get(sha256).await?;
        let (mut ahead, mut start) = (Vec::new(), BytesMut::new());
        while start.len() < READ_AHEAD
            && let Some(chunk) = content.chunks.next().await
        {
            let chunk = chunk?;
            start.extend_from_slice(&chunk);
            ahead.push(Ok(chunk));
        }
        let kind = FileKind::of(&start[..start.len().min(FileKind::SNIFF_BYTES)]);
        let chunks = stream::iter(ahead).chain(content.chunks).boxed();
        Ok(OpenedDocument { size: content.size, kind, chunks })
    }
}
