//! ClickHouse: the embedded engine, the schema, the sink that fills it, and the reads.

pub mod client;
mod cut;
pub mod engine;
mod exception;
pub mod freshness;
pub mod metric;
pub mod read;
pub mod rebuild;
pub mod reconcile;
pub mod renew;
pub mod schema;
pub mod sink;
pub mod sweep;
#[cfg(test)]
mod testing;
