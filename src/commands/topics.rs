//! `ebasvuru topics`: creates the topics that are missing, and the key ring of a new log.

use std::io::Write;
use std::process::ExitCode;

use super::exit_code;
use crate::config::Config;
use crate::keys::Keys;
use crate::{bootstrap, topics};

/// Prints each topic that is not as configured. Exit code 1: there is one.
pub fn run(config: &Config, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let log = bootstrap::log(config)?;
    let differences = log.ensure_topics(&topics::specs(config.kafka.partitions))?;
    if Keys::create_for_new(config, log.as_ref())? {
        writeln!(
            out,
            "the key ring of this new log is {}: every process needs it; keep a copy elsewhere",
            config.keys.ring.display()
        )?;
    }
    for difference in &differences {
        writeln!(out, "{difference}")?;
    }
    Ok(exit_code(differences.is_empty()))
}
