//! The layout of the file.

use bytes::{Buf, BufMut, Bytes};

use crate::log::{Header, header_name};

/// The row id of a record is its address: topic, partition and offset in one integer. A plain rowid
/// table keeps values of a few kilobytes in its leaves, in order; a table keyed by three columns would
/// move them to overflow pages.
pub const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS topic(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, retention TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tail(
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY(topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record(
    address INTEGER PRIMARY KEY, at INTEGER NOT NULL, key BLOB, value BLOB, headers BLOB,
    compacted INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS latest ON record(address >> 40, key) WHERE compacted = 1;
CREATE INDEX IF NOT EXISTS tombstone ON record(at) WHERE compacted = 1 AND value IS NULL;
CREATE TABLE IF NOT EXISTS upkeep(at REAL NOT NULL);
INSERT INTO upkeep SELECT 0 WHERE NOT EXISTS(SELECT 1 FROM upkeep);
CREATE TABLE IF NOT EXISTS position(
    grp TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    metadata TEXT NOT NULL, PRIMARY KEY(grp, topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member(
    grp TEXT NOT NULL, topic INTEGER NOT NULL, slot TEXT NOT NULL, instance TEXT NOT NULL, seen REAL NOT NULL,
    PRIMARY KEY(grp, topic, slot)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease(
    grp TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, instance TEXT NOT NULL,
    PRIMARY KEY(grp, topic, partition)) WITHOUT ROWID;
PRAGMA user_version = 1;
";
/// The version of the schema above, as the file has it.
pub const VERSION: i64 = 1;
/// How many bits of an address are the offset (10^12 records in a partition).
pub const OFFSET_BITS: u32 = 40;
const PARTITION_BITS: u32 = 12;

/// The address of an offset.
pub fn address(topic: i64, partition: i32, offset: i64) -> i64 {
    (((topic << PARTITION_BITS) | i64::from(partition)) << OFFSET_BITS) | offset
}

/// The offset in an address.
pub fn offset_of(address: i64) -> i64 {
    address & ((1 << OFFSET_BITS) - 1)
}

/// Length-prefixed names and values.
pub fn encode_headers(headers: &[Header]) -> Option<Vec<u8>> {
    if headers.is_empty() {
        return None;
    }
    let mut out = Vec::new();
    for (name, value) in headers {
        for part in [name.as_bytes(), value] {
            out.put_u32_le(u32::try_from(part.len()).unwrap_or(u32::MAX));
            out.put_slice(part);
        }
    }
    Some(out)
}

pub fn decode_headers(mut bytes: Bytes) -> Vec<Header> {
    let mut part = || {
        let len = bytes.try_get_u32_le().ok()? as usize;
        (len <= bytes.len()).then(|| bytes.split_to(len))
    };
    let mut headers = Vec::new();
    while let (Some(name), Some(value)) = (part(), part()) {
        headers.push((header_name(&String::from_utf8_lossy(&name)), value));
    }
    headers
}
