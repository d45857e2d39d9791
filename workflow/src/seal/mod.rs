//! The sealing of personal data.
//!
//! Personal data travels as a [`Sealed`](crate::domain::sealed::Sealed) blob: AES-256-GCM under a key
//! that is derived from one entry of the [`KeyRing`] and the context, which is the application id as text,
//! or `user/<name>` for a password. Destroying an entry therefore erases everything that
//! arrived in that month, wherever copies of it are. A blob that is moved to another application, or to
//! another field, does not open.

mod applicant;
mod error;
mod field;
mod former;
mod index;
mod key_ring;
mod nonce;
mod ring_file;
mod sealer;
#[cfg(test)]
mod tests;

pub use error::{KeyRingError, SealError};
pub use field::Field;
pub use index::CURRENT as CURRENT_NAME_INDEX;
pub use key_ring::KeyRing;
pub use sealer::{Envelope, Sealer};

/// The retention class of applications, unless their service has its own.
pub const APPLICATIONS: &str = "basvuru";

/// The entry for password hashes; it belongs to no month.
pub const USERS: &str = "users";
