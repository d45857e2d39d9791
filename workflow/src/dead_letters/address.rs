//! The address of a dead letter, as people type it.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// The address of a record in its topic: `partition:offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The partition.
    pub partition: i32,
    /// The offset in it.
    pub offset: i64,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.partition, self.offset)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        s.split_once(':')
            .and_then(|(p, o)| Some(Self { partition: p.parse().ok()?, offset: o.parse().ok()? }))
            .filter(|a| a.partition >= 0 && a.offset >= 0)
            .ok_or_else(|| "an address is partition:offset, as `ebasvuru dlq list` prints it".into())
    }
}
