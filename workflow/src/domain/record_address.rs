//! The address of a record in the log, by which a command names the message it was made from.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The address of a record. Serialized as an array: topic, partition, offset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(Arc<str>, i32, i64)", into = "(Arc<str>, i32, i64)")]
pub struct RecordAddress {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
}

impl RecordAddress {
    /// The address of an offset in a partition of a topic.
    #[must_use]
    pub fn new(topic: &str, partition: i32, offset: i64) -> Self {
        Self { topic: topic.into(), partition, offset }
    }
}

impl From<(Arc<str>, i32, i64)> for RecordAddress {
    fn from((topic, partition, offset): (Arc<str>, i32, i64)) -> Self {
        Self { topic, partition, offset }
    }
}

impl From<RecordAddress> for (Arc<str>, i32, i64) {
    fn from(at: RecordAddress) -> Self {
        (at.topic, at.partition, at.offset)
    }
}

/// `edevlet.submissions 3:7`, as in headers, error messages and `ebasvuru dlq`.
impl fmt::Display for RecordAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}", self.topic, self.partition, self.offset)
    }
}
