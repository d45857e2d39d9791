//! Reading a document: its content is checked against its SHA-256 while it streams.

use bytes::{Bytes, BytesMut};
use ebasvuru_workflow::domain::document::hex_digest;
use futures_util::stream::{BoxStream, StreamExt, try_unfold};
use object_store::{GetResult, ObjectStoreExt};
use sha2::{Digest, Sha256};

use super::{FileError, FileKind, Files};

/// How many bytes are read before the response begins: enough to know the kind, and all of a small
/// document, so that its error can still be a page.
const READ_AHEAD: usize = 64 * 1024;

/// A document that may be sent.
pub struct OpenedDocument {
    /// Its size in bytes.
    pub size: u64,
    /// Its kind, by its content.
    pub kind: Option<FileKind>,
    /// The content.
    pub content: BoxStream<'static, Result<Bytes, FileError>>,
}

impl Files {
    /// Opens an object. A wrong content of up to [`READ_AHEAD`] bytes is an error here; of a larger
    /// one, the stream ends with an error before its last chunk, which breaks the connection, so
    /// that no reader takes it for the whole.
    pub(super) async fn read(&self, sha256: &str) -> Result<OpenedDocument, FileError> {
        let found = self.get(sha256).await?;
        let size = found.meta.size;
        let mut content = checked(sha256.to_owned(), found);
        let (mut ahead, mut start) = (Vec::new(), BytesMut::new());
        while start.len() < READ_AHEAD
            && let Some(chunk) = content.next().await
        {
            let chunk = chunk?;
            start.extend_from_slice(&chunk);
            ahead.push(Ok(chunk));
        }
        let kind = FileKind::of(&start[..start.len().min(FileKind::SNIFF_BYTES)]);
        Ok(OpenedDocument { size, kind, content: futures_util::stream::iter(ahead).chain(content).boxed() })
    }

    pub(super) async fn get(&self, sha256: &str) -> Result<GetResult, FileError> {
        match self.0.store.get(&super::path(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => Err(FileError::Missing(sha256.into())),
            other => Ok(other?),
        }
    }
}

/// The chunks of an object; the last one only if the whole has the right SHA-256.
fn checked(sha256: String, found: GetResult) -> BoxStream<'static, Result<Bytes, FileError>> {
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
            return Err(FileError::Corrupt(it.sha256));
        }
        Ok(it.held.take().map(|last| (last, it)))
    })
    .boxed()
}
