//! What all contracts share: the headers for contract and format, writing and reading.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::json;
use crate::log::{Header, Outgoing, Record};

/// The header that names the contract.
pub const TYPE_HEADER: &str = "ce_type";

/// Why a record cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No value.
    #[error("the record is a tombstone")]
    Tombstone,
    /// The header is missing or unknown to this version.
    #[error("unknown ce_type {0:?}")]
    UnknownType(String),
    /// The value does not parse.
    #[error("{0}: {1}")]
    Malformed(&'static str, serde_json::Error),
}

impl DecodeError {
    /// Whether a newer version may have written the record: its type is unknown, or it is well-formed
    /// JSON of another shape.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        match self {
            Self::Tombstone => false,
            Self::UnknownType(name) => !name.is_empty(),
            Self::Malformed(_, error) => error.is_data(),
        }
    }
}

/// A value with a contract: its `ce_type`, topic and key.
pub trait Message: Serialize + DeserializeOwned {
    /// The contract's name and version.
    const TYPE: &'static str;
    /// The topic it is written to.
    const TOPIC: &'static str;
    /// The format, for state that workers read, change and write again (see [`STATE_FORMAT`]).
    const FORMAT: Option<u32> = None;
    /// The key it is written under.
    fn key(&self) -> String;

    /// The record to append.
    fn to_record(&self) -> Outgoing {
        self.to_record_of(json::encode(self))
    }

    /// The record to append, from the serialized value.
    fn to_record_of(&self, value: Bytes) -> Outgoing {
        let mut headers = vec![(TYPE_HEADER.into(), Bytes::from_static(Self::TYPE.as_bytes()))];
        headers.extend(Self::FORMAT.map(format_header));
        Outgoing {
            topic: Self::TOPIC,
            partition: None,
            key: Some(self.key().into()),
            value: Some(value),
            headers,
        }
    }

    /// Reads the value of a record, whose type the caller has checked.
    fn from_record(record: &Record) -> Result<Self, DecodeError> {
        let value = record.value.as_ref().ok_or(DecodeError::Tombstone)?;
        serde_json::from_slice(value).map_err(|e| DecodeError::Malformed(Self::TYPE, e))
    }
}

/// The `ce_type` of a record.
#[must_use]
pub fn type_of(record: &Record) -> &str {
    record.header(TYPE_HEADER).unwrap_or_default()
}

/// The format of everything that a worker reads, changes and writes again: snapshots, closed markers,
/// waiting withdrawals, counters, users, scheduled reports. Raise it with every field that is added to one of them: a
/// worker of an older version, which would drop the field, then stops instead.
pub const STATE_FORMAT: u32 = 3;

const FORMAT_HEADER: &str = "format";

pub(super) fn format_header(format: u32) -> Header {
    (FORMAT_HEADER.into(), format.to_string().into())
}

/// The format of a state record. Records without the header are of format 1.
#[must_use]
pub fn format_of(record: &Record) -> u32 {
    let header = record.headers.iter().find(|(name, _)| name == FORMAT_HEADER);
    header.map_or(1, |(_, value)| {
        std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(u32::MAX)
    })
}
