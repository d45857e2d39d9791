//! `ebasvuru dlq list`: one line for each dead-lettered message.

use std::collections::BTreeMap;
use std::io::Write;

use ebasvuru_workflow::dead_letters::{DeadLetter, Reach, State, read};
use ebasvuru_workflow::log::Log;

/// Which messages to list.
pub struct Selection {
    /// Those on this topic.
    pub topic: &'static str,
    /// Those with this reason.
    pub reason: Option<String>,
    /// Those in this state.
    pub state: Option<State>,
}

/// Prints the selected messages.
pub fn run(log: &dyn Log, selection: &Selection, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let mut messages: Vec<DeadLetter> = read(log, selection.topic, Reach::All)?.into_values().collect();
    messages.retain(|message| {
        selection.reason.as_ref().is_none_or(|wanted| *wanted == message.reason)
            && selection.state.is_none_or(|wanted| wanted == message.state)
    });
    messages.sort_by_key(|message| message.address);
    if json {
        for message in &messages {
            writeln!(out, "{}", serde_json::to_string(message)?)?;
        }
        return Ok(());
    }
    let (mut reasons, mut states) = (BTreeMap::new(), BTreeMap::new());
    for message in &messages {
        *reasons.entry(message.reason.as_str()).or_insert(0_u64) += 1;
        *states.entry(message.state).or_insert(0_u64) += 1;
        let DeadLetter { reason, source, bytes, at, detail, .. } = message;
        let address = message.address.to_string();
        let state = state(message);
        writeln!(out, "{address:<10} {reason:<19} {source:<26} {bytes:>7} B  {at}  {detail}  [{state}]")?;
    }
    let reasons = reasons.iter().map(|(reason, n)| format!("{n} {reason}"));
    let states = states.iter().map(|(state, n)| format!("{n} {}", state.as_str()));
    let totals = [reasons.collect::<Vec<_>>().join(", "), states.collect::<Vec<_>>().join(", ")];
    let colon = if messages.is_empty() { "" } else { ": " };
    writeln!(out, "{} dead letters{colon}{}", messages.len(), totals.join("; ").trim_matches([';', ' ']))?;
    Ok(())
}

/// Its state, for people.
pub fn state(message: &DeadLetter) -> String {
    match (message.state, message.replayed) {
        (State::New, _) => State::New.as_str().to_owned(),
        (State::Replayed, times) => format!("published again {times}×"),
        (state, times) => format!("published again {times}×, {}", state.as_str()),
    }
}
