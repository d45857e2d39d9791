//! Quarantine: no document is sent before the scanner's verdict on it is recorded. The record is in
//! the store beside the documents, so that all replicas share it. A clean verdict is final; an
//! infected document stays closed until a later scan of the same content finds nothing, or somebody
//! removes the record.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use ebasvuru_workflow::documents::DocumentError;
use ebasvuru_workflow::error_code::ErrorCode;
use futures_util::{Stream, TryStreamExt};
use tokio_util::io::ReaderStream;

use super::{FileError, FileKind, Files, OpenedDocument, Scanner, Upload, Verdict};
use crate::metric;

/// How long a page waits for the store's information on its documents.
const INFO_TIMEOUT: Duration = Duration::from_secs(1);

/// Why an upload is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The scanner found malware with this name in it.
    #[error("{code}: {0}", code = ErrorCode::DocumentInfected)]
    Infected(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] FileError),
}

/// What a page shows of a document before anybody opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentInfo {
    /// What the store has of it.
    pub content: InStore,
    /// Whether it may be opened.
    pub scan: ScanState,
}

impl DocumentInfo {
    /// Its kind, if that is known.
    #[must_use]
    pub const fn kind(&self) -> Option<FileKind> {
        if let InStore::Present(kind) = self.content { kind } else { None }
    }
}

/// What the store has of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InStore {
    /// Its content, which is of this kind if it is a known one.
    Present(Option<FileKind>),
    /// Nothing: the content has not arrived, or is gone.
    Missing,
    /// The store did not say in time.
    Unknown,
}

/// Whether a document may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanState {
    /// It may be opened.
    Open,
    /// It has to be scanned first, which opening it does.
    Waiting,
    /// It may not be opened.
    Infected,
}

impl Files {
    /// Scans an upload and keeps it. If the scanner does not answer, the upload is kept as well and
    /// scanned when somebody opens it, so that work goes on.
    pub async fn keep(&self, upload: &Upload) -> Result<(), KeepError> {
        let Some(scanner) = &self.0.scanner else { return Ok(self.store(upload).await?) };
        let content = upload.open().map_err(DocumentError::of_source).map_err(FileError::from)?;
        let content = ReaderStream::new(content).map_err(DocumentError::of_source);
        match scan(scanner, &upload.sha256, content).await {
            Ok(Verdict::Infected { signature }) => {
                // The same content may have arrived in another way.
                self.record(&upload.sha256, &Verdict::Infected { signature: signature.clone() }).await?;
                Err(KeepError::Infected(signature))
            }
            Ok(clean) => {
                self.store(upload).await?;
                Ok(self.record(&upload.sha256, &clean).await?)
            }
            Err(_) => Ok(self.store(upload).await?),
        }
    }

    /// Opens a document, scanning it first if it never was.
    pub async fn open(&self, sha256: &str) -> Result<OpenedDocument, FileError> {
        let verdict = match (self.verdict(sha256).await?, &self.0.scanner) {
            (Some(verdict), _) => verdict,
            (None, None) => Verdict::Clean,
            (None, Some(scanner)) => {
                let verdict = scan(scanner, sha256, self.read(sha256).await?.chunks).await?;
                self.record(sha256, &verdict).await?;
                verdict
            }
        };
        match verdict {
            Verdict::Clean => self.read(sha256).await,
            Verdict::Infected { signature } => {
                Err(FileError::Infected { sha256: sha256.to_owned(), signature })
            }
        }
    }

    /// Information on a document without opening it, for pages. It does not fail or wait long if the
    /// store is slow or does not answer.
    pub async fn info(&self, sha256: &str) -> DocumentInfo {
        let content = async {
            match self.0.documents.start(sha256, FileKind::SNIFF_BYTES as u64).await {
                Ok(bytes) => InStore::Present(FileKind::of(&bytes)),
                Err(DocumentError::Missing(_)) => InStore::Missing,
                Err(DocumentError::Corrupt(_) | DocumentError::Store(_)) => InStore::Unknown,
            }
        };
        let both = async { tokio::join!(content, self.verdict(sha256)) };
        let late = (InStore::Unknown, Ok(None));
        let (content, verdict) = tokio::time::timeout(INFO_TIMEOUT, both).await.unwrap_or(late);
        let scan = match verdict {
            Ok(Some(Verdict::Clean)) => ScanState::Open,
            Ok(Some(Verdict::Infected { .. })) => ScanState::Infected,
            Ok(None) | Err(_) if self.are_scanned() => ScanState::Waiting,
            Ok(None) | Err(_) => ScanState::Open,
        };
        DocumentInfo { content, scan }
    }

    async fn verdict(&self, sha256: &str) -> Result<Option<Verdict>, FileError> {
        let record = self.0.documents.scan_record(sha256).await?;
        // After an unreadable record the document is scanned again.
        Ok(record.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn record(&self, sha256: &str, verdict: &Verdict) -> Result<(), FileError> {
        let json = serde_json::to_vec(verdict).unwrap_or_default();
        Ok(self.0.documents.put_scan_record(sha256, json).await?)
    }
}

/// Scans a content, and logs and counts the result.
async fn scan(
    scanner: &Scanner,
    sha256: &str,
    content: impl Stream<Item = Result<Bytes, DocumentError>>,
) -> Result<Verdict, FileError> {
    let mut store_error = None;
    let content = content.map_err(|error| {
        let broken = io::Error::other(error.to_string());
        store_error = Some(error);
        broken
    });
    let outcome = scanner.scan(content).await;
    if let Some(error) = store_error {
        return Err(error.into());
    }
    let counted = match &outcome {
        Ok(Verdict::Clean) => "clean",
        Ok(Verdict::Infected { signature }) => {
            tracing::warn!(
                error.code = ErrorCode::DocumentInfected.as_str(),
                document.sha256 = sha256,
                document.signature = signature,
                "a document holds malware and is not handed out"
            );
            "infected"
        }
        Err(unavailable) => {
            tracing::error!(
                error.code = ErrorCode::ScannerAway.as_str(),
                error.message = %unavailable,
                document.sha256 = sha256,
                "a document cannot be scanned and is not handed out"
            );
            "away"
        }
    };
    metrics::counter!(metric::SCANS, "outcome" => counted).increment(1);
    outcome.map_err(|unavailable| FileError::Unscanned {
        sha256: sha256.to_owned(),
        detail: unavailable.to_string(),
    })
}
