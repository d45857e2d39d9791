//! Records: as they are read, and as they are appended.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::{Header, LogError, topic};
pub use crate::domain::record_address::RecordAddress;

/// A record read from the log. Only committed records are ever read.
#[derive(Clone, Debug)]
pub struct Record {
    /// The topic it stands in.
    pub topic: Arc<str>,
    /// The partition it stands in.
    pub partition: i32,
    /// Its offset in the partition. Offsets increase, with gaps (Kafka's transaction markers take
    /// offsets, too).
    pub offset: i64,
    /// When it was appended.
    pub timestamp: Timestamp,
    /// The key.
    pub key: Option<Bytes>,
    /// The value; `None` is a tombstone.
    pub value: Option<Bytes>,
    /// Headers in order.
    pub headers: Vec<Header>,
}

impl Record {
    /// Where it stands.
    #[must_use]
    pub fn address(&self) -> RecordAddress {
        RecordAddress { topic: Arc::clone(&self.topic), partition: self.partition, offset: self.offset }
    }

    /// The first header of this name, if it is UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        std::str::from_utf8(value).ok()
    }

    /// The size of key, value and headers in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        [&self.key, &self.value].into_iter().flatten().map(Bytes::len).chain(headers).sum()
    }
}

/// A record to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The topic.
    pub topic: &'static str,
    /// The partition, or `None` to choose it by the key (murmur2, like Kafka's Java clients).
    pub partition: Option<i32>,
    /// The key.
    pub key: Option<Bytes>,
    /// The value; `None` writes a tombstone.
    pub value: Option<Bytes>,
    /// Headers in order.
    pub headers: Vec<Header>,
}

impl Outgoing {
    /// An upper bound of its size in bytes, uncompressed and in a batch of its own: what brokers and
    /// clients compare with their limits.
    #[must_use]
    pub fn size(&self) -> usize {
        // The framing of a batch, a record and a header of Kafka's format 2, rounded up.
        const BATCH_AND_RECORD: usize = 100;
        const HEADER: usize = 10;
        let len = |bytes: Option<&Bytes>| bytes.map_or(0, Bytes::len);
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + HEADER);
        BATCH_AND_RECORD + len(self.key.as_ref()) + len(self.value.as_ref()) + headers.sum::<usize>()
    }

    /// The record as its reader gets it.
    #[must_use]
    pub fn into_record(self, partition: i32, offset: i64, timestamp: Timestamp) -> Record {
        let Self { topic, key, value, headers, .. } = self;
        Record { topic: topic.into(), partition, offset, timestamp, key, value, headers }
    }

    /// Whether it fits into its topic.
    ///
    /// # Errors
    /// [`LogError::TooLarge`].
    pub fn fits(&self) -> Result<(), LogError> {
        let (size, most) = (self.size(), topic::largest_record(self.topic));
        if size <= most {
            return Ok(());
        }
        let key = self.key.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let key: String = key.chars().take(64).collect();
        Err(LogError::TooLarge(format!(
            "a record for {} under key {key:?} has {size} bytes, more than {most}",
            self.topic
        )))
    }
}
