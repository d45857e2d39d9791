//! Errors of the key ring and of sealing. Each has a stable code, with a page in `docs/errors`.

use std::path::PathBuf;

use crate::error_code::ErrorCode;

/// The key ring cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyRingError {
    /// There is no file.
    #[error(
        "{code}: there is no key ring at {0}: put it there; for a new log, `ebasvuru keys init` makes one", code = ErrorCode::KeyringMissing
    )]
    Missing(PathBuf),
    /// The file exists and cannot be read or written.
    #[error("{code}: the key ring {path} cannot be used: {detail}", code = ErrorCode::KeyringUnreadable)]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// What the system, or the parser, said.
        detail: String,
    },
    /// Every user of the machine may read it.
    #[error("{code}: the key ring {path} has mode {mode:03o}; others must not read it", code = ErrorCode::KeyringExposed)]
    Exposed {
        /// Where.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A retention class that is no valid name of an entry.
    #[error("{code}: {0:?} cannot name a retention class: 1 to 32 of a-z, 0-9 and '-'", code = ErrorCode::KeyringClass)]
    BadClass(String),
    /// The system gave no random bytes.
    #[error("{code}: the system gives no random bytes: {0}", code = ErrorCode::RandomUnavailable)]
    Random(String),
}

impl KeyRingError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Missing(_) => ErrorCode::KeyringMissing,
            Self::Unreadable { .. } => ErrorCode::KeyringUnreadable,
            Self::Exposed { .. } => ErrorCode::KeyringExposed,
            Self::BadClass(_) => ErrorCode::KeyringClass,
            Self::Random(_) => ErrorCode::RandomUnavailable,
        }
    }
}

/// Something could not be sealed or opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealError {
    /// The entry was destroyed on purpose: what it sealed is erased for good.
    #[error("{code}: the keys of {0} were destroyed", code = ErrorCode::Erased)]
    Erased(String),
    /// The ring never had this entry: it is the wrong ring or an old copy, or the month has no entry
    /// yet.
    #[error("{code}: the key ring has no entry {0}", code = ErrorCode::KeyEntryMissing)]
    EntryMissing(String),
    /// The text is not a sealed blob.
    #[error("{code}: not a sealed blob", code = ErrorCode::SealedMalformed)]
    Malformed,
    /// The blob was changed, or belongs to something else.
    #[error("{code}: the blob was changed or belongs elsewhere", code = ErrorCode::SealedUnopenable)]
    Unopenable,
    /// What was opened is not text.
    #[error("{code}: the opened bytes are not UTF-8", code = ErrorCode::SealedNotText)]
    NotText,
    /// The ring cannot be used.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
}

impl SealError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Erased(_) => ErrorCode::Erased,
            Self::EntryMissing(_) => ErrorCode::KeyEntryMissing,
            Self::Malformed => ErrorCode::SealedMalformed,
            Self::Unopenable => ErrorCode::SealedUnopenable,
            Self::NotText => ErrorCode::SealedNotText,
            Self::Ring(e) => e.code(),
        }
    }
}
