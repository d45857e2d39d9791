//! e-Devlet's submissions in: checked, routed, sealed, and handed on as commands; what
//! cannot be handed on is dead-lettered, bytes untouched.
//!
//! [`IngestStage`] is the pure stage that `workflow::log::drive` carries; [`submission`]
//! is the contract with e-Devlet, [`check`] what a message must pass.

pub mod blob;
pub mod catalog;
pub mod check;
pub mod generate;
mod routing;
mod stage;
pub mod submission;
mod window;

pub use routing::Routing;
pub use stage::{IngestStage, Settings, TOO_MANY_BAD};
