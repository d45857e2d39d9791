//! Converts records from and to librdkafka's types.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};

use crate::log::{Outgoing, Record, header_name};

/// Enough for the key and the headers of most records.
const SMALL: usize = 256;

/// A record with the message copied out of librdkafka's buffers.
pub(super) fn record(topic: &Arc<str>, message: &BorrowedMessage<'_>) -> Record {
    // One allocation for the key and all headers, and one for the value, which may outlive them.
    let mut small = BytesMut::with_capacity(SMALL);
    let mut copied = |bytes: &[u8]| {
        small.extend_from_slice(bytes);
        small.split().freeze()
    };
    let key = message.key().map(&mut copied);
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers.iter().map(|h| (header_name(h.key), h.value.map_or_else(Bytes::new, &mut copied))).collect()
    });
    let ms = message.timestamp().to_millis().unwrap_or(0);
    Record {
        topic: Arc::clone(topic),
        partition: message.partition(),
        offset: message.offset(),
        timestamp: Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH),
        key,
        value: message.payload().map(Bytes::copy_from_slice),
        headers,
    }
}

/// The headers of a record to be sent, if it has any.
pub(super) fn headers(outgoing: &Outgoing) -> Option<OwnedHeaders> {
    (!outgoing.headers.is_empty()).then(|| {
        outgoing
            .headers
            .iter()
            .fold(OwnedHeaders::new_with_capacity(outgoing.headers.len()), |headers, (key, value)| {
                headers.insert(Header { key, value: Some(value.as_ref()) })
            })
    })
}
