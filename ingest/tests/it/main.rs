//! Tests of ingest through its processor.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod codes;
mod generate;
mod mutation;
mod processor;
mod schema;
mod sizes;
mod support;
