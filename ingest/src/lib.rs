//! Checks, routes and seals the submissions of e-Devlet, and makes commands of them. A message that
//! fails a check is dead-lettered, byte for byte.
//!
//! [`IngestProcessor`] is the pure processor, which `workflow::log::runner` runs. [`submission`] is the
//! contract with e-Devlet; [`check`] has the checks.

pub mod catalog;
pub mod check;
pub mod generate;
pub mod json;
mod processor;
mod stage;
pub mod submission;
mod window;

pub use processor::{IngestProcessor, Settings};
