//! Why a message cannot become a command.

use std::borrow::Cow;
use std::fmt;

use ebasvuru_workflow::error_code::ErrorCode;

/// The codes that ingest dead-letters a message with (the header `dlq-reason`): a part of
/// [`ErrorCode`], so that a check gives no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The bytes are not UTF-8.
    NotUtf8,
    /// The text is not JSON.
    NotJson,
    /// A missing member, a wrong type, an id that is not a UUID, a time that is not RFC 3339.
    Schema,
    /// The T.C. Kimlik No is not valid.
    TcknInvalid,
    /// The catalog has no such service.
    UnknownService,
    /// There is no such governorate.
    UnknownValilik,
    /// No unit of that governorate takes that service.
    NotRoutable,
    /// The Onay Kutusu does not say EVET.
    NotConfirmed,
    /// A document that contradicts its description.
    DocumentInvalid,
    /// The message, or a text in it, is too large.
    TooLarge,
    /// It says that the citizen confirmed it more than five minutes from now.
    SubmittedAtFuture,
}

impl Code {
    /// Every code that ingest gives.
    pub const ALL: [Self; 11] = [
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
        Self::SubmittedAtFuture,
    ];

    /// The same among all codes.
    #[must_use]
    pub const fn error_code(self) -> ErrorCode {
        match self {
            Self::NotUtf8 => ErrorCode::NotUtf8,
            Self::NotJson => ErrorCode::NotJson,
            Self::Schema => ErrorCode::Schema,
            Self::TcknInvalid => ErrorCode::TcknInvalid,
            Self::UnknownService => ErrorCode::UnknownService,
            Self::UnknownValilik => ErrorCode::UnknownValilik,
            Self::NotRoutable => ErrorCode::NotRoutable,
            Self::NotConfirmed => ErrorCode::NotConfirmed,
            Self::DocumentInvalid => ErrorCode::DocumentInvalid,
            Self::TooLarge => ErrorCode::TooLarge,
            Self::SubmittedAtFuture => ErrorCode::SubmittedAtFuture,
        }
    }

    /// As it stands in `dlq-reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.error_code().as_str()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a message cannot become a command. The detail names members and limits, but never values: dead
/// letters are read by people who must not see personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct CheckFailure {
    /// The code.
    pub code: Code,
    /// Which member, and why.
    pub detail: Cow<'static, str>,
}

impl CheckFailure {
    /// A failure with this code.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }
}
