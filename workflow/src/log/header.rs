//! The headers of records.

use std::borrow::Cow;

use bytes::Bytes;

/// The name of a header. The frequent ones take no memory of their own.
pub type HeaderName = Cow<'static, str>;
/// A header: its name and its value.
pub type Header = (HeaderName, Bytes);

/// What a message and a state record carry, the most frequent first. Dead letters are rare.
const KNOWN: [&str; 6] = ["ce_type", "format", "version", "holder", "unit", "next-timer"];

/// The name of a header that was read.
#[must_use]
pub fn header_name(read: &str) -> HeaderName {
    match KNOWN.iter().find(|known| **known == read) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(read.to_owned()),
    }
}
