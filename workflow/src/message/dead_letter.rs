//! The headers of a dead letter: why, in words, from where, when; and, once it has been published
//! again, which one it was.

use bytes::Bytes;
use jiff::Timestamp;

/// The reason's code (DESIGN, Input contract).
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

/// The headers that a message keeps as a dead letter: its own, and what says that it was published
/// again. Those of an earlier dead letter go.
pub fn kept(headers: &[(String, Bytes)]) -> impl Iterator<Item = (String, Bytes)> {
    headers.iter().filter(|(name, _)| !name.starts_with("dlq-") || name == ORIGIN || name == ATTEMPT).cloned()
}

/// Whether a message was a dead letter before and has been published again.
#[must_use]
pub fn is_replay(headers: &[(String, Bytes)]) -> bool {
    headers.iter().any(|(name, _)| name == ORIGIN)
}

/// The headers of a dead letter whose original stands at `from` (topic, partition, offset).
#[must_use]
pub fn dead_letter_headers(
    reason: &str,
    detail: &str,
    from: (&str, i32, i64),
    at: Timestamp,
) -> Vec<(String, Bytes)> {
    let (topic, partition, offset) = from;
    [
        (REASON, reason.to_owned()),
        (DETAIL, detail.to_owned()),
        (TOPIC, topic.to_owned()),
        (PARTITION, partition.to_string()),
        (OFFSET, offset.to_string()),
        (AT, at.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .into()
}
