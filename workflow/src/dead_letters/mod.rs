//! The dead-lettered messages as people see them: each message once, with what has become of it. Read
//! from the log alone, so that every process sees the same.
//!
//! The topics only grow. A message that is published again and fails again gets another record there,
//! which names where the message first stood (its origin). Of the records with one origin the newest
//! represents the message.

mod address;
mod letter;

pub use address::Address;
pub use letter::{DeadLetter, Reach, State, origin, read};
