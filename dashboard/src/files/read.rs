//! A document on its way out, checked against its name as it streams by.

use bytes::{Bytes, BytesMut};
use ebasvuru_workflow::domain::document::hex_digest;
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use object_store::{GetResult, ObjectStoreExt};
use sha2::{Digest, Sha256};

use super::{FileError, Files, Kind};

/// What is read at once before anything is handed out: enough to know the kind, and all of a
/// small document, whose fault then has a page of its own.
const AHEAD: usize = 64 * 1024;

/// A document that may be handed out.
pub struct Opened {
    /// Its size in bytes.
    pub size: u64,
    /// What it is, by its content.
    pub kind: Option<Kind>,
    /// The content.
    pub content: BoxStream<'static, Result<Bytes, FileError>>,
}

impl Files {
    /// Opens an object. What it gives is checked against its name: a fault within the first
    /// bytes is this error; a later one ends the content with an error before its last part,
    /// which breaks the connection, so that no reader takes it for the whole.
    pub(super) async fn read(&self, sha256: &str) -> Result<Opened, FileError> {
        let found = self.get(sha256).await?;
        let size = found.meta.size;
        let mut content = checked(sha256.to_owned(), found);
        let (mut ahead, mut start) = (Vec::new(), BytesMut::new());
        while start.len() < AHEAD
            && let Some(part) = content.next().await
        {
            let part = part?;
            start.extend_from_slice(&part);
            ahead.push(Ok(part));
        }
        let kind = Kind::of(&start[..start.len().min(Kind::SIGHT)]);
        Ok(Opened { size, kind, content: futures_util::stream::iter(ahead).chain(content).boxed() })
    }

    pub(super) async fn get(&self, sha256: &str) -> Result<GetResult, FileError> {
        match self.0.store.get(&super::path(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => Err(FileError::Missing(sha256.into())),
            other => Ok(other?),
        }
    }
}

/// The parts of an object; the last one only when the whole is what its name says.
fn checked(sha256: String, found: GetResult) -> BoxStream<'static, Result<Bytes, FileError>> {
    struct Reading {
        parts: BoxStream<'static, object_store::Result<Bytes>>,
        hash: Sha256,
        held: Option<Bytes>,
        sha256: String,
        ended: bool,
    }
    let parts = found.into_stream();
    let reading = Reading { parts, hash: Sha256::new(), held: None, sha256, ended: false };
    try_unfold(reading, async |mut it| {
        if it.ended {
            return Ok(None);
        }
        while let Some(part) = it.parts.next().await {
            let part = part?;
            it.hash.update(&part);
            if let Some(before) = it.held.replace(part) {
                return Ok(Some((before, it)));
            }
        }
        it.ended = true;
        if hex_digest(it.hash.finalize_reset()) != it.sha256 {
            return Err(FileError::Corrupt(it.sha256));
        }
        Ok(it.held.take().map(|last| (last, it)))
    })
    .boxed()
}
