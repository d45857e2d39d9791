//! `ebasvuru dlq replay`: publishes dead-lettered messages again onto the input topic, each once.

use std::collections::BTreeMap;
use std::io::Write;

use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::dead_letters::{Address, DeadLetter, Reach, origin, read};
use ebasvuru_workflow::log::dead_letter::{ATTEMPT, ORIGIN, PREFIX};
use ebasvuru_workflow::log::{Log, Outgoing, Record, Start, topic};
use ebasvuru_workflow::message::{Message, Replayed};

use super::fetch;

/// How many messages are published at once.
const BATCH: usize = 1000;

/// Which messages to publish again.
pub struct Selection {
    /// The messages with a record at one of these addresses.
    pub addresses: Vec<Address>,
    /// The messages with this reason.
    pub reason: Option<String>,
    /// Whether to publish those, too, that have been published again before.
    pub again: bool,
}

/// Publishes the selected messages, and prints how many.
pub fn run(log: &dyn Log, clock: &Clock, selection: &Selection, out: &mut impl Write) -> anyhow::Result<()> {
    let messages = read(log, topic::DLQ, Reach::All)?;
    let mut origins = Vec::new();
    for address in &selection.addresses {
        // The address of an older record of the message is as good.
        origins.push(origin(&fetch(log, topic::DLQ, *address)?));
    }
    let selected = messages.into_iter().filter(|(origin, message)| {
        selection.reason.as_ref().is_some_and(|reason| *reason == message.reason) || origins.contains(origin)
    });
    let (whole, elsewhere): (BTreeMap<_, _>, BTreeMap<_, _>) =
        selected.partition(|(_, message)| message.is_whole);
    let (before, first): (BTreeMap<_, _>, BTreeMap<_, _>) =
        whole.into_iter().partition(|(_, message)| message.replayed > 0);
    let left_out = if selection.again { 0 } else { before.len() };
    let chosen = first.into_iter().chain(before.into_iter().filter(|_| selection.again)).collect();
    let count = publish(log, clock, chosen)?;
    write!(out, "{count} published again onto {}", topic::SUBMISSIONS)?;
    if left_out > 0 {
        write!(out, "; {left_out} had been before and are left (--again publishes them once more)")?;
    }
    if !elsewhere.is_empty() {
        let count = elsewhere.len();
        write!(
            out,
            "; {count} cannot be: the dead letter has not the message (`dlq show` says where it stands)"
        )?;
    }
    writeln!(out)?;
    Ok(())
}

/// Publishes the messages, and records for each that it did. If it is interrupted in between, at
/// most one batch is published and not recorded; the same submission twice is one application.
fn publish(log: &dyn Log, clock: &Clock, mut chosen: BTreeMap<String, DeadLetter>) -> anyhow::Result<usize> {
    let (count, producer) = (chosen.len(), log.producer()?);
    let mut batch = Vec::new();
    let send = |batch: &mut Vec<(Outgoing, Replayed)>| {
        let (messages, replays): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        producer.send(messages)?;
        producer.send(replays.iter().map(Message::to_record).collect())
    };
    let mut sent = Ok(Vec::new());
    if count > 0 {
        log.reader(topic::DLQ, Start::Beginning)?.catch_up(&mut |record| {
            let origin = origin(&record);
            let here = Address { partition: record.partition, offset: record.offset };
            if sent.is_err() || chosen.get(&origin).is_none_or(|message| message.address != here) {
                return;
            }
            let Some(message) = chosen.remove(&origin) else { return };
            let replayed = Replayed { origin, attempt: message.replayed + 1, at: clock.now() };
            batch.push((original(record, &replayed), replayed));
            if batch.len() == BATCH {
                sent = send(&mut batch);
            }
        })?;
    }
    sent?;
    if !batch.is_empty() {
        send(&mut batch)?;
    }
    Ok(count)
}

/// The message as e-Devlet sent it. Of our headers it has only those that say which message it is.
fn original(record: Record, replayed: &Replayed) -> Outgoing {
    let own = record.headers.into_iter().filter(|(name, _)| !name.starts_with(PREFIX));
    let ours = [(ORIGIN, replayed.origin.clone()), (ATTEMPT, replayed.attempt.to_string())];
    Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: record.key,
        value: record.value,
        headers: own.chain(ours.map(|(name, value)| (name.into(), value.into()))).collect(),
    }
}
