//! What every crate of e-Başvuru shares: the pure domain, the message contracts, the log (Kafka, or
//! one SQLite file), the sealing of personal data, and the worker that decides.
//!
//! The crates depend on each other as `dashboard → analytics → workflow ← ingest`. Nothing in here
//! knows of ClickHouse or of the web.

pub mod budget;
pub mod clock;
pub mod command_client;
pub mod dead_letters;
pub mod documents;
pub mod domain;
pub mod error_code;
pub mod health;
pub mod log;
pub mod message;
pub mod metric;
pub mod private;
pub mod random;
pub mod seal;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod worker;
