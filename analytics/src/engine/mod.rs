//! ClickHouse's own engine for one machine: `libchdb.so` in a child process, behind the part of
//! ClickHouse's HTTP protocol that the `clickhouse` crate uses, so that clients of the embedded
//! engine and of a server are the same.

mod authorization;
mod child;
mod connections;
mod fetch;
mod ffi;
mod http;
mod lz4;
mod sandbox;
mod serve;
mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod token;

pub use child::{Engine, EngineOptions};
pub use fetch::{VERSION, library};
pub use serve::{ServeOptions, serve};
pub use token::Token;

use ebasvuru_workflow::error_code::ErrorCode;

/// The only user of the engine.
pub const USER: &str = "default";

/// Why the engine does not run.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct EngineError {
    /// The code.
    pub code: ErrorCode,
    /// What happened and what to do, in one line.
    pub detail: String,
}

/// The start of the child's report when it cannot serve: `failed CODE detail`.
const FAILED: &str = "failed";

impl EngineError {
    fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The child cannot serve, for a reason without a code of its own.
    fn not_started(why: String) -> Self {
        Self::new(ErrorCode::EngineStart, format!("the engine's process did not start: {why}"))
    }

    /// The child's report to its parent.
    fn to_report(&self) -> String {
        format!("{FAILED} {} {}", self.code, self.detail)
    }

    /// Reads [`EngineError::to_report`].
    fn from_report(report: &str) -> Option<Self> {
        let (code, detail) = report.trim().strip_prefix(FAILED)?.trim_start().split_once(' ')?;
        Some(Self::new(code.parse().ok()?, detail))
    }
}
