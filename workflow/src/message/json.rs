//! How values become JSON: by `sonic-rs`, which looks for what to escape 32 bytes at a time. What comes in
//! is read by `serde_json`.

use std::cell::Cell;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

/// A buffer that has grown larger than this is given back.
const KEPT: usize = 1 << 20;

/// Appends a value. It must not hold a [`RawValue`], which only `serde_json` writes as it is.
#[expect(clippy::expect_used, reason = "our own types have string keys and no failing serializer")]
pub fn write(value: &impl Serialize, out: &mut Vec<u8>) {
    sonic_rs::to_writer(out, value).expect("a message serializes");
}

/// A value as JSON; as in [`write()`].
pub(crate) fn encode(value: &impl Serialize) -> Bytes {
    buffered(|buffer| write(value, buffer))
}

/// A value that may hold a [`RawValue`] as JSON.
#[expect(clippy::expect_used, reason = "as in `write`")]
pub(super) fn encode_raw(value: &impl Serialize) -> Bytes {
    buffered(|buffer| serde_json::to_writer(buffer, value).expect("a message serializes"))
}

/// What [`encode`] made, as a part of another value.
#[expect(clippy::expect_used, reason = "it is JSON")]
pub(crate) fn raw(json: &Bytes) -> Box<RawValue> {
    let text = String::from_utf8(json.to_vec()).expect("JSON is text");
    RawValue::from_string(text).expect("JSON")
}

/// Writes into a buffer that stays, because one that grows is copied again and again.
fn buffered(write: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    thread_local! {
        static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }
    let mut buffer = BUFFER.take();
    buffer.clear();
    write(&mut buffer);
    let bytes = Bytes::copy_from_slice(&buffer);
    if buffer.capacity() <= KEPT {
        BUFFER.set(buffer);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Readers and stored hashes know the form that `serde_json` writes.
        #[test]
        fn it_is_what_serde_json_writes(
            texts in prop::collection::btree_map(any::<String>(), "[ -~\u{0}-\u{1f}\u{7f}ğ\u{2028}😀\"\\\\/]{0,70}", 0..4),
            numbers in any::<(u64, i64, Option<bool>)>(),
        ) {
            let value: (BTreeMap<String, String>, _) = (texts, numbers);
            prop_assert_eq!(encode(&value), serde_json::to_vec(&value).unwrap());
            prop_assert_eq!(encode(&value), encode_raw(&value));
        }
    }
}
