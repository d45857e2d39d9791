//! Dead letters: the record as it came, with headers that say why, from where and when it was
//! dead-lettered; and, after it has been published again, which dead letter it was.

use bytes::Bytes;
use jiff::Timestamp;

use super::{Header, Outgoing, Record, RecordAddress};
use crate::budget;

/// The prefix of all our header names.
pub const PREFIX: &str = "dlq-";
/// The reason's code.
pub const REASON: &str = "dlq-reason";
/// The reason in words.
pub const DETAIL: &str = "dlq-detail";
/// The topic the message stood in.
pub const TOPIC: &str = "dlq-topic";
/// The partition it stood in.
pub const PARTITION: &str = "dlq-partition";
/// Its offset there.
pub const OFFSET: &str = "dlq-offset";
/// When it was dead-lettered, in UTC.
pub const AT: &str = "dlq-at";

/// Where the message stood when it was first dead-lettered. On messages that were published again,
/// and on their dead letters.
pub const ORIGIN: &str = "dlq-origin";
/// How often it has been published again so far.
pub const ATTEMPT: &str = "dlq-attempt";

/// Whether this header of an earlier dead letter is about its replay.
fn of_replay(name: &str) -> bool {
    name == ORIGIN || name == ATTEMPT
}

/// Whether a message is a dead letter that was published again.
#[must_use]
pub fn is_replay(headers: &[Header]) -> bool {
    headers.iter().any(|(name, _)| name == ORIGIN)
}

/// The headers of a message that say which dead letter it was, for what is made of it.
pub fn replay_headers(headers: &[Header]) -> impl Iterator<Item = Header> {
    headers.iter().filter(|(name, value)| of_replay(name) && value.len() <= budget::HEADER).cloned()
}

/// Why the dead letter does not contain the original: [`EXPIRED`] or [`BY_REFERENCE`].
pub const ORIGINAL: &str = "dlq-original";
/// Retention had deleted the original.
pub const EXPIRED: &str = "expired";
/// The original is too large to be copied. It stands where the headers say, for as long as its topic
/// keeps it.
pub const BY_REFERENCE: &str = "by-reference";
/// The size of the original's value in bytes, when the dead letter does not contain it.
pub const BYTES: &str = "dlq-bytes";

/// A copy of `record` for the topic `to`, with our headers after its own. Key and value are copied
/// byte for byte if they fit. If they do not (the source topic may allow larger records than ours),
/// the dead letter refers to the original, so that every message can be dead-lettered.
#[must_use]
pub fn copy_of(record: &Record, to: &'static str, headers: Vec<Header>) -> Outgoing {
    // Of the headers of an earlier dead letter, only those about its replay are kept.
    let kept = |name: &str| !name.starts_with(PREFIX) || of_replay(name);
    let own = record.headers.iter().filter(|(name, _)| kept(name)).cloned();
    let whole = Outgoing {
        topic: to,
        partition: None,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: own.chain(headers.iter().cloned()).collect(),
    };
    if whole.fits().is_ok() {
        return whole;
    }
    let bytes = record.value.as_ref().map_or(0, Bytes::len);
    let said = [(ORIGINAL, BY_REFERENCE.to_owned()), (BYTES, bytes.to_string())];
    let said = said.map(|(name, value)| (name.into(), Bytes::from(value)));
    let replay = replay_headers(&record.headers);
    Outgoing {
        key: whole.key.filter(|key| key.len() <= budget::HEADER),
        value: Some(Bytes::new()),
        headers: headers.into_iter().chain(said).chain(replay).collect(),
        ..whole
    }
}

/// The headers of a dead letter whose original stands at `from`.
#[must_use]
pub fn dead_letter_headers(reason: &str, detail: &str, from: &RecordAddress, at: Timestamp) -> Vec<Header> {
    [
        (REASON, reason.to_owned()),
        (DETAIL, shortened(detail)),
        (TOPIC, from.topic.to_string()),
        (PARTITION, from.partition.to_string()),
        (OFFSET, from.offset.to_string()),
        (AT, at.to_string()),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into()
}

/// The detail, cut to the longest header: a parser may quote what it did not understand.
fn shortened(detail: &str) -> String {
    detail.get(..detail.floor_char_boundary(budget::HEADER)).unwrap_or_default().to_owned()
}
