//! e-Devlet's submissions in: checked, routed, sealed, and handed on as commands; what
//! cannot be handed on is dead-lettered, bytes untouched.
//!
//! [`IngestProcessor`] is the pure processor that `workflow::log::runner` carries; [`submission`]
//! is the contract with e-Devlet, [`check`] what a message must pass.

pub mod blob;
pub mod catalog;
pub mod check;
pub mod generate;
mod processor;
pub mod submission;
mod window;

pub use processor::{IngestProcessor, Settings};
