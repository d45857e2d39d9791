//! ClickHouse's own engine for one machine: `libchdb.so`, run as a child process behind as
//! much of ClickHouse's HTTP protocol as the `clickhouse` crate speaks, so that there is one
//! client code path for the embedded engine and for a real server.

mod child;
mod connections;
mod fetch;
mod ffi;
mod gate;
mod http;
mod lz4;
mod serve;
mod stream;
pub mod testing;
#[cfg(test)]
mod tests;
mod token;
mod walls;

pub use child::{Engine, EngineOptions};
pub use fetch::{VERSION, library};
pub use serve::{ServeOptions, serve};
pub use token::Token;

/// The one user that the engine knows.
pub const USER: &str = "default";

/// What keeps the engine from running: a stable code with a page in docs/errors, and one
/// line that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct EngineError {
    /// The code.
    pub code: &'static str,
    /// What happened and what to do.
    pub detail: String,
}

impl EngineError {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
