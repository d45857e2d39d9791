//! Receiving a file. It is written to an unnamed temporary file while it arrives, so that it neither
//! fills the memory nor stays in the folder, however the process ends.

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::sync::Arc;

use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use ebasvuru_workflow::documents::MAX_FILE_BYTES;
use ebasvuru_workflow::domain::document::hex_digest;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::FileKind;

/// A file as the browser sent it; only its bytes are trusted.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The name on the sender's machine, without folders.
    pub name: String,
    /// The size in bytes.
    pub size: usize,
    /// Lower-case hex SHA-256.
    pub sha256: String,
    /// Its kind, if it is accepted.
    pub kind: Option<FileKind>,
    content: Arc<File>,
}

/// Why a file was not received.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("the file is too large")]
    TooLarge,
    /// The sender stopped, or sent no valid form.
    #[error("{0}")]
    Cut(MultipartError),
    /// Its folder cannot be created or written.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl From<MultipartError> for ReceiveError {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Self::TooLarge } else { Self::Cut(error) }
    }
}

impl Upload {
    /// Receives the file of a form field into the folder `staging`.
    pub async fn receive(staging: &Path, name: String, mut field: Field<'_>) -> Result<Self, ReceiveError> {
        let folder = staging.to_owned();
        let file = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            tempfile::tempfile_in(&folder)
        });
        let mut file = tokio::fs::File::from_std(file.await.map_err(io::Error::other)??);
        let (mut size, mut hash, mut start) = (0, Sha256::new(), Vec::new());
        while let Some(chunk) = field.chunk().await? {
            size += chunk.len();
            if size > MAX_FILE_BYTES {
                return Err(ReceiveError::TooLarge);
            }
            hash.update(&chunk);
            start.extend(chunk.iter().take(FileKind::SNIFF_BYTES - start.len()));
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        let content = Arc::new(file.into_std().await);
        Ok(Self { name, size, sha256: hex_digest(hash.finalize()), kind: FileKind::of(&start), content })
    }

    /// Opens the content at its beginning, for one reader at a time.
    pub fn open(&self) -> io::Result<tokio::fs::File> {
        let mut file = self.content.try_clone()?;
        file.rewind()?;
        Ok(tokio::fs::File::from_std(file))
    }
}
