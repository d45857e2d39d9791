//! ClickHouse: the engine, the schema, the sink that fills it, and the reads.

pub mod client;
pub mod engine;
pub mod metric;
pub mod read;
pub mod rebuild;
pub mod reconcile;
pub mod refusal;
pub mod schema;
pub mod sink;
#[cfg(test)]
mod testing;
