//! Quarantine: a document is handed to nobody before the scanner's verdict on it is on record.
//! The record lies in the store beside the documents, so every replica goes by the same; one
//! clean verdict is for good, and what was found stays shut until a later scan of the same
//! content finds nothing, or somebody removes the record.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use ebasvuru_workflow::domain::document::scan_path;
use futures_util::{Stream, TryStreamExt};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use tokio_util::io::ReaderStream;

use super::{FileError, Files, Kind, Opened, Scanner, Upload, Verdict, upload_fault};
use crate::metric;

/// How long a page waits for what the store knows of its documents.
const GLANCE: Duration = Duration::from_secs(1);

/// An upload is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The scanner found malware of this name in it.
    #[error("document_infected: {0}")]
    Infected(String),
    /// The store does not take it.
    #[error(transparent)]
    Store(#[from] FileError),
}

/// What a page tells of a document before anybody opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What it is, by its content; `None` when that is no kind we know, or cannot be told now.
    pub kind: Option<Kind>,
    /// Whether its content was at hand, so that no kind means an unknown one.
    pub seen: bool,
    /// Whether it may be opened.
    pub state: State,
}

/// Whether a document may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It may.
    Open,
    /// Once it has been scanned, which opening it does.
    Waiting,
    /// Never.
    Infected,
}

impl Files {
    /// Keeps an upload, scanned first. While the scanner is away it is kept all the same and
    /// scanned when somebody opens it: work goes on, and nobody has it unseen.
    pub async fn keep(&self, upload: &Upload) -> Result<(), KeepError> {
        let Some(scanner) = &self.0.scanner else { return Ok(self.store(upload).await?) };
        let content = ReaderStream::new(upload.open().map_err(upload_fault)?).map_err(upload_fault);
        match scan(scanner, &upload.sha256, content).await {
            Ok(Verdict::Infected { signature }) => {
                // So that it is shut, too, where the same content came by another way.
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

    /// Opens a document for somebody: scanned now if it never was.
    pub async fn open(&self, sha256: &str) -> Result<Opened, FileError> {
        let verdict = match (self.verdict(sha256).await?, &self.0.scanner) {
            (Some(verdict), _) => verdict,
            (None, None) => Verdict::Clean,
            (None, Some(scanner)) => {
                let verdict = scan(scanner, sha256, self.read(sha256).await?.content).await?;
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

    /// What can be told of a document without opening it. It is for a page that must come
    /// also while the store is slow or away.
    pub async fn look(&self, sha256: &str) -> Look {
        let start = async {
            let bytes = self.0.store.get_range(&super::path(sha256), 0..Kind::SIGHT as u64).await.ok()?;
            Some(Kind::of(&bytes))
        };
        let both = async { tokio::join!(start, self.verdict(sha256)) };
        let (start, verdict) = tokio::time::timeout(GLANCE, both).await.unwrap_or((None, Ok(None)));
        let state = match verdict {
            Ok(Some(Verdict::Clean)) => State::Open,
            Ok(Some(Verdict::Infected { .. })) => State::Infected,
            Ok(None) | Err(_) if self.are_scanned() => State::Waiting,
            Ok(None) | Err(_) => State::Open,
        };
        Look { kind: start.flatten(), seen: start.is_some(), state }
    }

    async fn verdict(&self, sha256: &str) -> Result<Option<Verdict>, FileError> {
        let bytes = match self.0.store.get(&Path::from(scan_path(sha256))).await {
            Ok(found) => found.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // An unreadable record is none: the document is scanned again.
        Ok(serde_json::from_slice(&bytes).ok())
    }

    async fn record(&self, sha256: &str, verdict: &Verdict) -> Result<(), FileError> {
        let json = serde_json::to_vec(verdict).unwrap_or_default();
        self.0.store.put(&Path::from(scan_path(sha256)), json.into()).await?;
        Ok(())
    }
}

/// Has a content scanned, and tells whoever runs the system.
async fn scan(
    scanner: &Scanner,
    sha256: &str,
    content: impl Stream<Item = Result<Bytes, FileError>>,
) -> Result<Verdict, FileError> {
    let mut fault = None;
    let content = content.map_err(|error| {
        let said = io::Error::other(error.to_string());
        fault = Some(error);
        said
    });
    let outcome = scanner.scan(content).await;
    if let Some(fault) = fault {
        return Err(fault);
    }
    let counted = match &outcome {
        Ok(Verdict::Clean) => "clean",
        Ok(Verdict::Infected { signature }) => {
            tracing::warn!(
                error.code = "document_infected",
                document.sha256 = sha256,
                document.signature = signature,
                "a document holds malware and is not handed out"
            );
            "infected"
        }
        Err(away) => {
            tracing::error!(
                error.code = "scanner_away",
                error.message = %away,
                document.sha256 = sha256,
                "a document cannot be scanned and is not handed out"
            );
            "away"
        }
    };
    metrics::counter!(metric::SCANS, "outcome" => counted).increment(1);
    outcome.map_err(|away| FileError::Unscanned { sha256: sha256.to_owned(), detail: away.to_string() })
}
