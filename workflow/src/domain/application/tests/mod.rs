//! Tests of the application: its rules compared with the requirements, and its contracts as JSON.

mod golden;
mod matrix;
mod properties;
mod rules;
pub(crate) mod world;
