//! What all contracts share: the headers that name a contract and its format, writing and reading.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::log::{Outgoing, Record};

/// The header that names the contract.
pub const TYPE_HEADER: &str = "ce_type";

/// A record that does not hold what its header says.
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
    /// Whether a newer version can have written it: of a type that is not known here, or well-formed
    /// and of another shape than is known here.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        match self {
            Self::Tombstone => false,
            Self::UnknownType(name) => !name.is_empty(),
            Self::Malformed(_, error) => error.is_data(),
        }
    }
}

/// A value with a contract: its `ce_type`, its topic, its key.
pub trait Message: Serialize + DeserializeOwned {
    /// The contract's name and version.
    const TYPE: &'static str;
    /// The topic it is written to.
    const TOPIC: &'static str;
    /// Of what is read, changed and written again: its format (see [`STATE_FORMAT`]).
    const FORMAT: Option<u32> = None;
    /// The key it is written under.
    fn key(&self) -> String;

    /// The record to append.
    fn to_record(&self) -> Outgoing {
        self.to_record_of(encode(self))
    }

    /// The record to append, when the value has been serialized already.
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

    /// The value of a record, whose type the caller has looked at.
    fn from_record(record: &Record) -> Result<Self, DecodeError> {
        let value = record.value.as_ref().ok_or(DecodeError::Tombstone)?;
        serde_json::from_slice(value).map_err(|e| DecodeError::Malformed(Self::TYPE, e))
    }
}

#[expect(clippy::expect_used, reason = "our own types have string keys and no failing serializer")]
pub(super) fn encode<T: Serialize>(value: &T) -> Bytes {
    serde_json::to_vec(value).expect("a message serializes").into()
}

/// A value serialized once, to stand in several records.
#[expect(clippy::expect_used, reason = "as in `encode`")]
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("a message serializes")
}

/// The `ce_type` of a record.
#[must_use]
pub fn type_of(record: &Record) -> &str {
    record.header(TYPE_HEADER).unwrap_or_default()
}

/// The format of all that a worker reads, changes and writes again: snapshots, stubs, what waits,
/// counters, users. To be raised with every field that is added to one of them: a worker of an older
/// version, which would drop the field, then stops instead.
pub const STATE_FORMAT: u32 = 2;

const FORMAT_HEADER: &str = "format";

pub(super) fn format_header(format: u32) -> (String, Bytes) {
    (FORMAT_HEADER.into(), format.to_string().into())
}

/// The format of a state record; those from before there were formats are of the first.
#[must_use]
pub fn format_of(record: &Record) -> u32 {
    let header = record.headers.iter().find(|(name, _)| name == FORMAT_HEADER);
    header.map_or(1, |(_, value)| {
        std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).unwrap_or(u32::MAX)
    })
}
