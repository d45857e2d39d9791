//! One use case a file: `<noun>/<verb>.rs`.

pub mod application;
pub mod assets;
pub mod modules;
pub mod report;
pub mod session;
pub mod user;
