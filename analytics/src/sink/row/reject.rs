//! The row of a record that cannot be read.

use ebasvuru_workflow::log::Record;
use ebasvuru_workflow::message::{DecodeError, type_of};
use serde::{Serialize, Serializer};

/// A row of `sink_rejects`.
#[derive(Clone, Debug, clickhouse::Row, Serialize)]
#[expect(missing_docs, reason = "the schema says what each column means")]
pub struct RejectRow {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub at: i64,
    pub r#type: String,
    pub reason: String,
    #[serde(serialize_with = "bytes")]
    pub key: Vec<u8>,
    #[serde(serialize_with = "bytes")]
    pub value: Vec<u8>,
}

impl RejectRow {
    /// The record, unchanged, with the reason.
    #[must_use]
    pub fn of(record: &Record, error: &DecodeError) -> Self {
        Self {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            at: record.timestamp.as_millisecond(),
            r#type: type_of(record).to_owned(),
            reason: error.to_string(),
            key: record.key.as_deref().unwrap_or_default().to_vec(),
            value: record.value.as_deref().unwrap_or_default().to_vec(),
        }
    }
}

/// As a ClickHouse string, which need not be text.
fn bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}
