//! ClickHouse: the engine, the schema, the sink that fills it, and the reads.

pub mod client;
pub mod engine;
