//! The checks of a message, in this order. Each failure has one code.
//!
//! 1. `too_large`: the message is above the limit, before anything reads it.
//! 2. `not_utf8`, `not_json`: a value must be UTF-8 and JSON. A byte order mark, trailing data, a lone
//!    surrogate, a number beyond a double and more than 127 levels of nesting count as not JSON,
//!    because common readers cannot represent them.
//! 3. `schema`: only shape and types ([`shape`]), exactly as the published schema says.
//! 4. `too_large` again, for single texts ([`limits`]).
//! 5. `tckn_invalid`, `unknown_service`, `unknown_valilik`, `not_routable`,
//!    `not_confirmed`: the values ([`value`]).
//! 6. `document_invalid`: each document ([`document`]).
//! 7. `submitted_at_future`: deadlines count from `submitted_at`. Nothing counts from `withdrawn_at`, so
//!    that any time is accepted there: a withdrawal takes effect when it is read.
//!
//! Empty names and texts, and those in which nothing is visible, are accepted: some people have a single name, and the contract has no code for
//! them. `duplicate_conflict` is found by `workflow`, which knows the earlier submissions.

mod document;
mod failure;
mod limits;
mod shape;
mod value;

use crate::json::Json;
use crate::submission::Message;

pub use document::{CheckedDocument, check_document};
pub use failure::{CheckFailure, Code};
pub use value::{Admitted, admit};

/// Parses the bytes of a message.
pub fn parse(bytes: Option<&[u8]>, max_bytes: usize) -> Result<Json<'_>, CheckFailure> {
    let bytes = bytes.ok_or_else(|| CheckFailure::new(Code::NotJson, "the record has no value"))?;
    if bytes.len() > max_bytes {
        let detail = format!("the message has {} bytes, more than {max_bytes}", bytes.len());
        return Err(CheckFailure::new(Code::TooLarge, detail));
    }
    let text = simdutf8::compat::from_utf8(bytes)
        .map_err(|e| CheckFailure::new(Code::NotUtf8, format!("not UTF-8 after byte {}", e.valid_up_to())))?;
    // The message of serde_json has no text of the input, only what was expected and where.
    serde_json::from_str(text).map_err(|e| CheckFailure::new(Code::NotJson, e.to_string()))
}

/// Reads a parsed message and checks the sizes of its texts.
pub fn read<'v>(value: &'v Json<'_>) -> Result<Message<'v>, CheckFailure> {
    let message = shape::read(value)?;
    limits::check(&message)?;
    Ok(message)
}
