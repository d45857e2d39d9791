//! The handlers, one file for each use case: `<noun>/<verb>.rs`.

pub mod application;
pub mod assets;
pub mod language;
pub mod modules;
pub mod report;
pub mod schedule;
pub mod session;
pub mod user;
