//! `ebasvuru dlq`: the messages that could not be accepted.

mod list;
mod message;
mod replay;
mod show;
#[cfg(test)]
mod tests;

use std::io::Write;

use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::Log;

use crate::bootstrap;
use crate::cli::Dlq;
use crate::config::Config;

/// Runs the subcommand.
pub fn run(config: &Config, command: Dlq, out: &mut impl Write) -> anyhow::Result<()> {
    run_on(bootstrap::log(config)?.as_ref(), &Clock::System, command, out)
}

fn run_on(log: &dyn Log, clock: &Clock, command: Dlq, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        Dlq::List { reason, json } => list::run(log, reason.as_deref(), json.json, out),
        Dlq::Show { address } => show::run(log, address, out),
        Dlq::Replay { addresses, reason, again } => {
            let selection = replay::Selection { addresses, reason, again };
            replay::run(log, clock, &selection, out)
        }
    }
}
