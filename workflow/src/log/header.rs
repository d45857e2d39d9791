//! The headers of records.

use std::borrow::Cow;

use bytes::Bytes;

/// The name of a header. Those that the product writes itself take no memory of their own.
pub type HeaderName = Cow<'static, str>;
/// A header: its name and its value.
pub type Header = (HeaderName, Bytes);

/// What the product writes, the most frequent first.
const KNOWN: [&str; 16] = [
    "ce_type",
    "format",
    "version",
    "holder",
    "unit",
    "next-timer",
    "dlq-reason",
    "dlq-detail",
    "dlq-topic",
    "dlq-partition",
    "dlq-offset",
    "dlq-at",
    "dlq-origin",
    "dlq-attempt",
    "dlq-original",
    "dlq-bytes",
];

/// The name of a header that was read.
#[must_use]
pub fn header_name(read: &str) -> HeaderName {
    match KNOWN.iter().find(|known| **known == read) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(read.to_owned()),
    }
}
