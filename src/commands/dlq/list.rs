//! `ebasvuru dlq list`: one line for each dead-lettered message.

use std::collections::BTreeMap;
use std::io::Write;

use ebasvuru_workflow::log::Log;

use super::message::{DeadLetter, read_all};

/// Prints the messages, only those with `reason` if it is given.
pub fn run(log: &dyn Log, reason: Option<&str>, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let mut messages: Vec<DeadLetter> = read_all(log)?.into_values().collect();
    messages.retain(|message| reason.is_none_or(|wanted| wanted == message.reason));
    messages.sort_by_key(|message| message.address);
    if json {
        for message in &messages {
            writeln!(out, "{}", serde_json::to_string(message)?)?;
        }
        return Ok(());
    }
    let mut totals = BTreeMap::<&str, u64>::new();
    for message in &messages {
        *totals.entry(&message.reason).or_default() += 1;
        let DeadLetter { reason, source, bytes, at, detail, .. } = message;
        let replays = match (message.replayed, message.failed_again) {
            (0, _) => String::new(),
            (times, false) => format!("  [published again {times}×]"),
            (times, true) => format!("  [published again {times}×, failed again]"),
        };
        let address = message.address.to_string();
        writeln!(out, "{address:<10} {reason:<19} {source:<26} {bytes:>7} B  {at}  {detail}{replays}")?;
    }
    let totals: Vec<String> = totals.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
    let colon = if totals.is_empty() { "" } else { ": " };
    writeln!(out, "{} dead letters{colon}{}", messages.len(), totals.join(", "))?;
    Ok(())
}
