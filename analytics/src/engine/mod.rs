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

use ebasvuru_workflow::error_code::ErrorCode;

/// The one user that the engine knows.
pub const USER: &str = "default";

/// What keeps the engine from running.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct EngineError {
    /// The code.
    pub code: ErrorCode,
    /// What happened and what to do, in one line.
    pub detail: String,
}

/// How the child's line begins when it cannot serve: `failed CODE detail`.
const FAILED: &str = "failed";

impl EngineError {
    fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The child did not come to serve, for a reason that has no code of its own.
    fn not_started(why: String) -> Self {
        Self::new(ErrorCode::EngineStart, format!("the engine's process did not start: {why}"))
    }

    /// The line by which the child tells its parent.
    fn to_line(&self) -> String {
        format!("{FAILED} {} {}", self.code, self.detail)
    }

    /// Reads what [`EngineError::to_line`] wrote.
    fn from_line(line: &str) -> Option<Self> {
        let (code, detail) = line.trim().strip_prefix(FAILED)?.trim_start().split_once(' ')?;
        Some(Self::new(code.parse().ok()?, detail))
    }
}
