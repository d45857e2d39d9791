//! `ebasvuru engine-serve` (hidden): the child process that runs ClickHouse's own engine.

use std::process::ExitCode;

use ebasvuru_analytics::engine::{ServeOptions, serve};

/// Serves until the parent process ends. Returns only if the arguments are not those of a child.
pub fn run(args: &[String]) -> ExitCode {
    match ServeOptions::from_args(args) {
        Some(options) => serve(options),
        None => ExitCode::from(2),
    }
}
