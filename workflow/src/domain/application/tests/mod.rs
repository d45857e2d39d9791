//! The rules of the application, held against a model, and its contracts, held still.

mod golden;
mod matrix;
mod properties;
mod rules;
pub(crate) mod world;
