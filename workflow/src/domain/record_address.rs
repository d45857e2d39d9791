//! Where a record stands in the log: how an application names the message that it came from.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Where a record stands. Serialized as an array of the three.
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

/// As headers, error messages and `ebasvuru dlq` name a record: `edevlet.submissions 3:7`.
impl fmt::Display for RecordAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}", self.topic, self.partition, self.offset)
    }
}
