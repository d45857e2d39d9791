//! What tests and benchmarks of several crates share. Behind the `testing` feature, which
//! only dev-dependencies turn on.

pub mod kafka;
