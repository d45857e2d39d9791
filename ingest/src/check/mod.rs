//! The checks of a message, in order, each failure with one code.
//!
//! 1. `too_large`: the message is above the limit, before anything reads it.
//! 2. `not_utf8`, `not_json`: a value must be UTF-8 and JSON. A byte order mark, trailing
//!    data, a lone surrogate, a number beyond a double and nesting beyond 127 levels count
//!    as not JSON, because no reader could give their value back.
//! 3. `schema`: shape and types alone ([`shape`]), exactly what the published schema says.
//! 4. `too_large` again, for single texts ([`limits`]).
//! 5. `tckn_invalid`, `unknown_service`, `unknown_valilik`, `not_routable`,
//!    `not_confirmed`: the values ([`value`]).
//! 6. `document_invalid`: each document ([`document`]).
//!
//! Empty names and texts pass: people with a single name exist, and the contract has no
//! code for them. `duplicate_conflict` is found by the workflow, which knows what came before.

mod document;
mod limits;
mod shape;
mod value;

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::submission::Message;

pub use document::{CheckedDocument, check_document};
pub use value::{Admitted, admit};

/// The code of a dead letter, the header `dlq-reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The bytes are no UTF-8.
    NotUtf8,
    /// The text is no JSON.
    NotJson,
    /// A missing member, a wrong type, an id that is no UUID, a time that is none.
    Schema,
    /// The T.C. Kimlik No is none.
    TcknInvalid,
    /// The catalog has no such service.
    UnknownService,
    /// There is no such governorate.
    UnknownValilik,
    /// No unit of that governorate takes that service.
    NotRoutable,
    /// The Onay Kutusu does not say EVET.
    NotConfirmed,
    /// A document that cannot be what it says.
    DocumentInvalid,
    /// The message, or a text in it, is above its limit.
    TooLarge,
}

impl Code {
    /// Every code that ingest gives.
    pub const ALL: [Self; 10] = [
        Self::NotUtf8,
        Self::NotJson,
        Self::Schema,
        Self::TcknInvalid,
        Self::UnknownService,
        Self::UnknownValilik,
        Self::NotRoutable,
        Self::NotConfirmed,
        Self::DocumentInvalid,
        Self::TooLarge,
    ];

    /// As it stands in `dlq-reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::Schema => "schema",
            Self::TcknInvalid => "tckn_invalid",
            Self::UnknownService => "unknown_service",
            Self::UnknownValilik => "unknown_valilik",
            Self::NotRoutable => "not_routable",
            Self::NotConfirmed => "not_confirmed",
            Self::DocumentInvalid => "document_invalid",
            Self::TooLarge => "too_large",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a message cannot become a command. The detail names places and limits, never what
/// stands there: dead letters are read by people who may not see personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Fault {
    /// The code.
    pub code: Code,
    /// Where and why, in words.
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// A fault.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// Parses the bytes of a message.
pub fn parse(bytes: Option<&[u8]>, max_bytes: usize) -> Result<Value, Fault> {
    let bytes = bytes.ok_or_else(|| Fault::new(Code::NotJson, "the record has no value"))?;
    if bytes.len() > max_bytes {
        let detail = format!("the message has {} bytes, more than {max_bytes}", bytes.len());
        return Err(Fault::new(Code::TooLarge, detail));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| Fault::new(Code::NotUtf8, format!("not UTF-8 after byte {}", e.valid_up_to())))?;
    // serde_json's message holds no text of the input, only what was expected and where.
    serde_json::from_str(text).map_err(|e| Fault::new(Code::NotJson, e.to_string()))
}

/// Reads a parsed message and checks the sizes of its texts.
pub fn read(value: &Value) -> Result<Message<'_>, Fault> {
    let message = shape::read(value)?;
    limits::check(&message)?;
    Ok(message)
}
