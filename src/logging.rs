//! The log of the process, on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Logging};

/// Sends events to standard error from now on. Call it once.
pub fn init(config: &Logging) {
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&config.filter))
        .with_ansi(std::io::stderr().is_terminal())
        // It would panic, and the thread with it, when nobody reads standard error any more.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
}
