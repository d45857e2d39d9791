//! The sealing of personal data.
//!
//! What is personal travels as a [`Sealed`](crate::domain::sealed::Sealed) blob: XChaCha20-Poly1305 under a key derived
//! from one entry of the [`KeyRing`] and the context it belongs to, which is the
//! application's id as text, or `user/<name>` for a password. Destroying an entry
//! therefore erases all that was received in that month, wherever copies of it lie, and a
//! blob moved to another application, or to another field of its own, does not open.

mod error;
mod field;
mod index;
mod ring;
mod ring_file;
mod sealer;
#[cfg(test)]
mod tests;

pub use error::{KeyRingError, SealError};
pub use field::Field;
pub use ring::KeyRing;
pub use sealer::{Envelope, Sealer};

/// The retention class of applications: what `seal` is given unless a service has its own.
pub const APPLICATIONS: &str = "basvuru";

/// The entry that password hashes are sealed with; it belongs to no month.
pub const USERS: &str = "users";
