//! The one binary: `ebasvuru`.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "they panic when the reader has gone: see `output`"
)]

mod bootstrap;
mod cli;
mod clickhouse_access;
mod commands;
mod config;
mod consumer_lag;
mod data_folder;
mod demo;
mod endpoints;
mod failure;
mod keys;
mod logging;
mod operator;
mod output;
mod partitions;
mod process;
mod topics;
mod workers;

use std::process::ExitCode;

/// Workers allocate and free many small values for each batch: restoring a state is nearly twice
/// as fast as with the C library's allocator (`cargo bench -- restore`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // No file of this process or of its children is readable by others.
    // SAFETY: sets a number of the process, before it has a second thread.
    unsafe { libc::umask(0o077) };
    commands::run(cli::Cli::read())
}
