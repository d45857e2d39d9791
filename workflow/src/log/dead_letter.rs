//! A dead letter: the record as it came, with why, in words, from where, when; and, once it has been
//! published again, which one it was.

use bytes::Bytes;
use jiff::Timestamp;

use super::{Outgoing, Record, RecordAddress};
use crate::budget;

/// What the names of all headers of ours begin with.
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

/// Where the message stood when it was first dead-lettered: on a message that was published again,
/// and on the dead letter of one.
pub const ORIGIN: &str = "dlq-origin";
/// How often it has been published again by then.
pub const ATTEMPT: &str = "dlq-attempt";

/// Whether a header of an earlier dead letter says that the message was published again.
fn of_replay(name: &str) -> bool {
    name == ORIGIN || name == ATTEMPT
}

/// Whether a message was a dead letter before and has been published again.
#[must_use]
pub fn is_replay(headers: &[(String, Bytes)]) -> bool {
    headers.iter().any(|(name, _)| name == ORIGIN)
}

/// What became of the original, when the letter does not hold it: [`EXPIRED`], [`BY_REFERENCE`].
pub const ORIGINAL: &str = "dlq-original";
/// The original had been deleted by age.
pub const EXPIRED: &str = "expired";
/// The original is too large to be copied: it stands where the headers say, as long as its
/// topic keeps it.
pub const BY_REFERENCE: &str = "by-reference";
/// How many bytes the original's value has, when the letter does not hold it.
pub const BYTES: &str = "dlq-bytes";

/// A copy of `record` for `to`, with headers of ours after its own: bytes and key untouched
/// wherever they fit. Where they do not (its topic may take what ours do not), the letter
/// refers to it, so that no message can ever be too large to be put aside.
#[must_use]
pub fn copy_of(record: &Record, to: &'static str, headers: Vec<(String, Bytes)>) -> Outgoing {
    // Of an earlier dead letter only the message counts, and that it was published again.
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
    let said = said.map(|(name, value)| (name.to_owned(), Bytes::from(value)));
    let replay =
        record.headers.iter().filter(|(name, value)| of_replay(name) && value.len() <= budget::HEADER);
    Outgoing {
        key: whole.key.filter(|key| key.len() <= budget::HEADER),
        value: Some(Bytes::new()),
        headers: headers.into_iter().chain(said).chain(replay.cloned()).collect(),
        ..whole
    }
}

/// The headers of a dead letter whose original stands at `from`.
#[must_use]
pub fn dead_letter_headers(
    reason: &str,
    detail: &str,
    from: &RecordAddress,
    at: Timestamp,
) -> Vec<(String, Bytes)> {
    [
        (REASON, reason.to_owned()),
        (DETAIL, shortened(detail)),
        (TOPIC, from.topic.to_string()),
        (PARTITION, from.partition.to_string()),
        (OFFSET, from.offset.to_string()),
        (AT, at.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into()
}

/// The words, as long as a header may be: a parser may quote what it did not understand.
fn shortened(detail: &str) -> String {
    detail.get(..detail.floor_char_boundary(budget::HEADER)).unwrap_or_default().to_owned()
}
