//! Errors of the key ring and of sealing. Each has a stable code, with a page in `docs/errors`.

use std::path::PathBuf;

/// The key ring cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyRingError {
    /// There is no file.
    #[error(
        "keyring_missing: there is no key ring at {0}: put it there; for a new log, `ebasvuru keys init` makes one"
    )]
    Missing(PathBuf),
    /// The file exists and cannot be read or written.
    #[error("keyring_unreadable: the key ring {path} cannot be used: {detail}")]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// What the system, or the parser, said.
        detail: String,
    },
    /// Every user of the machine may read it.
    #[error("keyring_exposed: the key ring {path} has mode {mode:03o}; others must not read it")]
    Exposed {
        /// Where.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A retention class that is no valid name of an entry.
    #[error("keyring_class: {0:?} cannot name a retention class: 1 to 32 of a-z, 0-9 and '-'")]
    BadClass(String),
    /// The system gave no random bytes.
    #[error("random_unavailable: the system gives no random bytes: {0}")]
    Random(String),
}

impl KeyRingError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "keyring_missing",
            Self::Unreadable { .. } => "keyring_unreadable",
            Self::Exposed { .. } => "keyring_exposed",
            Self::BadClass(_) => "keyring_class",
            Self::Random(_) => "random_unavailable",
        }
    }
}

/// Something could not be sealed or opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealError {
    /// The entry was destroyed on purpose: what it sealed is erased for good.
    #[error("erased: the keys of {0} were destroyed")]
    Erased(String),
    /// The ring never had this entry: it is the wrong ring or an old copy, or the month has no entry
    /// yet.
    #[error("key_entry_missing: the key ring has no entry {0}")]
    EntryMissing(String),
    /// The text is not a sealed blob.
    #[error("sealed_malformed: not a sealed blob")]
    Malformed,
    /// The blob was changed, or belongs to something else.
    #[error("sealed_unopenable: the blob was changed or belongs elsewhere")]
    Unopenable,
    /// What was opened is not text.
    #[error("sealed_not_text: the opened bytes are not UTF-8")]
    NotText,
    /// The ring cannot be used.
    #[error(transparent)]
    Ring(#[from] KeyRingError),
}

impl SealError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Erased(_) => "erased",
            Self::EntryMissing(_) => "key_entry_missing",
            Self::Malformed => "sealed_malformed",
            Self::Unopenable => "sealed_unopenable",
            Self::NotText => "sealed_not_text",
            Self::Ring(e) => e.code(),
        }
    }
}
