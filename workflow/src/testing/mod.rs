//! Helpers for the tests and benchmarks of all crates. Behind the feature `testing`, which only
//! dev-dependencies turn on.

pub mod kafka;
