//! What ingest promises, shown on its stage.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod codes;
mod generate;
mod mutation;
mod schema;
mod sizes;
mod stage;
mod support;
