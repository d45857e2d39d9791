//! `ebasvuru keys`: the key ring that seals personal data.

use std::io::Write;

use ebasvuru_workflow::clock::Clock;

use crate::bootstrap;
use crate::cli;
use crate::config::Config;
use crate::keys::Keys;

/// Creates the ring of a new log, or adds the keys of the months ahead.
pub fn run(config: &Config, command: cli::Keys, out: &mut impl Write) -> anyhow::Result<()> {
    let (log, catalog) = (bootstrap::log(config)?, bootstrap::catalog(config)?);
    let keys = match command {
        cli::Keys::Init => Keys::open_or_create(config, &catalog, log.as_ref())?,
        cli::Keys::Extend => Keys::open(config, &catalog, log.as_ref())?,
    };
    let now = Clock::System.now();
    keys.extend(log.as_ref(), now)?;
    let until = keys.run_out_on(now)?.map_or_else(String::new, |day| format!(", until {day}"));
    writeln!(out, "{}{until}", keys.describe())?;
    Ok(())
}
