//! `ebasvuru dlq`: the messages that could not be accepted.

mod list;
mod replay;
mod show;
#[cfg(test)]
mod tests;

use std::io::Write;

use anyhow::Context;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::dead_letters::{Address, State};
use ebasvuru_workflow::log::{Log, Record, RecordAddress, topic};

use crate::bootstrap;
use crate::cli::Dlq;
use crate::config::Config;

/// Runs the subcommand.
pub fn run(config: &Config, command: Dlq, out: &mut impl Write) -> anyhow::Result<()> {
    run_on(bootstrap::log(config)?.as_ref(), &Clock::System, command, out)
}

fn run_on(log: &dyn Log, clock: &Clock, command: Dlq, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        Dlq::List { reason, state, commands, json } => {
            let selection =
                list::Selection { topic: topic_of(commands), reason, state: state.map(State::from) };
            list::run(log, &selection, json.json, out)
        }
        Dlq::Show { address, commands, json } => show::run(log, topic_of(commands), address, json.json, out),
        Dlq::Replay { addresses, reason, again } => {
            let selection = replay::Selection { addresses, reason, again };
            replay::run(log, clock, &selection, out)
        }
    }
}

const fn topic_of(commands: bool) -> &'static str {
    if commands { topic::COMMANDS_DLQ } else { topic::DLQ }
}

/// The record at an address of a topic of dead letters.
fn fetch(log: &dyn Log, topic: &'static str, address: Address) -> anyhow::Result<Record> {
    log.record_at(&RecordAddress::new(topic, address.partition, address.offset))?.with_context(|| {
        format!("there is no dead letter {address}; `ebasvuru dlq list` shows what there is")
    })
}
