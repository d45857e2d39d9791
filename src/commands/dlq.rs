//! `ebasvuru dlq`: the messages that could not be accepted.
//!
//! The topic only grows: a message that is published again and fails again has another record
//! there, which names where the message first stood. Of those that do, the last one stands for it;
//! so each message is one dead letter, whatever became of it since.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context;
use bytes::Bytes;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::dead_letter::{self, ATTEMPT, ORIGIN};
use ebasvuru_workflow::log::{Log, Outgoing, Record, RecordAddress, Start, topic};
use ebasvuru_workflow::message::{Message, Replayed, type_of};
use serde::Serialize;

use crate::cli::{Address, Dlq};

/// How many dead letters are published again at once.
const BATCH: usize = 1000;

/// A dead letter; field names are the headers'.
#[derive(Debug, Serialize)]
struct Letter {
    address: Address,
    reason: String,
    detail: String,
    at: String,
    source: String,
    bytes: usize,
    /// How often the message has been published again.
    replayed: u32,
    /// Whether it is here because it failed again after that.
    failed_again: bool,
    /// How often it had been published again by the time of this record.
    #[serde(skip)]
    attempt: u32,
}

/// Runs the subcommand on `log`.
pub fn run(log: &dyn Log, clock: &Clock, command: Dlq, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        Dlq::List { reason, json } => list(log, reason.as_deref(), json.json, out),
        Dlq::Show { address } => {
            let record = fetch(log, address)?;
            for (name, value) in &record.headers {
                writeln!(out, "{name}: {}", String::from_utf8_lossy(value))?;
            }
            if let Some(key) = &record.key {
                writeln!(out, "key: {}", String::from_utf8_lossy(key))?;
            }
            writeln!(out)?;
            out.write_all(record.value.as_deref().unwrap_or_default())?;
            writeln!(out)?;
            Ok(())
        }
        Dlq::Replay { addresses, reason, again } => {
            let letters = letters(log)?;
            let mut origins = Vec::new();
            for address in addresses {
                // Any of its records will do.
                origins.push(origin(&fetch(log, address)?));
            }
            let chosen = letters.into_iter().filter(|(origin, letter)| {
                reason.as_ref().is_some_and(|reason| *reason == letter.reason) || origins.contains(origin)
            });
            let (before, first): (Vec<_>, Vec<_>) = chosen.partition(|(_, letter)| letter.replayed > 0);
            let left = if again { 0 } else { before.len() };
            let chosen = first.into_iter().chain(before.into_iter().filter(|_| again)).collect();
            let count = replay(log, clock, chosen)?;
            write!(out, "{count} published again onto {}", topic::SUBMISSIONS)?;
            if left > 0 {
                write!(out, "; {left} had been before and are left (--again publishes them once more)")?;
            }
            writeln!(out)?;
            Ok(())
        }
    }
}

fn list(log: &dyn Log, reason: Option<&str>, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let mut letters: Vec<Letter> = letters(log)?.into_values().collect();
    letters.retain(|letter| reason.is_none_or(|wanted| wanted == letter.reason));
    letters.sort_by_key(|letter| letter.address);
    let mut totals = BTreeMap::<&str, u64>::new();
    for letter in &letters {
        *totals.entry(&letter.reason).or_default() += 1;
        if json {
            writeln!(out, "{}", serde_json::to_string(letter)?)?;
            continue;
        }
        let Letter { reason, source, bytes, at, detail, .. } = letter;
        let again = match (letter.replayed, letter.failed_again) {
            (0, _) => String::new(),
            (times, false) => format!("  [published again {times}×]"),
            (times, true) => format!("  [published again {times}×, failed again]"),
        };
        let address = letter.address.to_string();
        writeln!(out, "{address:<10} {reason:<19} {source:<26} {bytes:>7} B  {at}  {detail}{again}")?;
    }
    if !json {
        let by: Vec<String> = totals.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
        let colon = if by.is_empty() { "" } else { ": " };
        writeln!(out, "{} dead letters{colon}{}", letters.len(), by.join(", "))?;
    }
    Ok(())
}

/// Every message that was dead-lettered, by where it first stood.
fn letters(log: &dyn Log) -> anyhow::Result<BTreeMap<String, Letter>> {
    let mut letters = BTreeMap::<String, Letter>::new();
    log.reader(topic::DLQ, Start::Beginning)?.catch_up(&mut |record| {
        let letter = letter(&record);
        let standing = letters.entry(origin(&record)).or_insert_with(|| self::letter(&record));
        if (letter.attempt, letter.address) > (standing.attempt, standing.address) {
            *standing = letter;
        }
    })?;
    log.reader(topic::REPLAYED, Start::Beginning)?.catch_up(&mut |record| {
        if type_of(&record) == Replayed::TYPE
            && let Ok(again) = Replayed::from_record(&record)
            && let Some(letter) = letters.get_mut(&again.origin)
        {
            letter.replayed = letter.replayed.max(again.attempt);
            letter.failed_again = letter.attempt >= letter.replayed;
        }
    })?;
    Ok(letters)
}

fn letter(record: &Record) -> Letter {
    let attempt = header(record, ATTEMPT).parse().unwrap_or_default();
    Letter {
        address: Address { partition: record.partition, offset: record.offset },
        reason: header(record, dead_letter::REASON).to_owned(),
        detail: header(record, dead_letter::DETAIL).to_owned(),
        at: header(record, dead_letter::AT).to_owned(),
        source: source(record),
        bytes: record.value.as_ref().map_or(0, Bytes::len),
        replayed: attempt,
        failed_again: attempt > 0,
        attempt,
    }
}

fn source(record: &Record) -> String {
    let at = |name| header(record, name);
    format!("{} {}:{}", at(dead_letter::TOPIC), at(dead_letter::PARTITION), at(dead_letter::OFFSET))
}

/// Where the message of a dead letter first stood.
fn origin(record: &Record) -> String {
    match header(record, ORIGIN) {
        "" => source(record),
        origin => origin.to_owned(),
    }
}

fn header<'a>(record: &'a Record, name: &str) -> &'a str {
    record.header(name).unwrap_or_default()
}

/// Publishes these again, and keeps that it did: at worst, cut off in between, it does not know of
/// the last batch, and the same submission twice is one application.
fn replay(log: &dyn Log, clock: &Clock, mut chosen: BTreeMap<String, Letter>) -> anyhow::Result<usize> {
    let (count, producer) = (chosen.len(), log.producer()?);
    let mut batch = Vec::new();
    let send = |batch: &mut Vec<(Outgoing, Replayed)>| {
        let (messages, marks): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        producer.send(messages)?;
        producer.send(marks.iter().map(Message::to_record).collect())
    };
    let mut failed = Ok(Vec::new());
    if count > 0 {
        log.reader(topic::DLQ, Start::Beginning)?.catch_up(&mut |record| {
            let origin = origin(&record);
            let here = Address { partition: record.partition, offset: record.offset };
            if failed.is_err() || chosen.get(&origin).is_none_or(|letter| letter.address != here) {
                return;
            }
            let Some(letter) = chosen.remove(&origin) else { return };
            let mark = Replayed { origin, attempt: letter.replayed + 1, at: clock.now() };
            batch.push((back(record, &mark), mark));
            if batch.len() == BATCH {
                failed = send(&mut batch);
            }
        })?;
    }
    failed?;
    if !batch.is_empty() {
        send(&mut batch)?;
    }
    Ok(count)
}

/// The dead letter as e-Devlet sent it: our headers stay behind, but for which one it was.
fn back(record: Record, mark: &Replayed) -> Outgoing {
    let own = record.headers.into_iter().filter(|(name, _)| !name.starts_with(dead_letter::PREFIX));
    let ours = [(ORIGIN.to_owned(), mark.origin.clone()), (ATTEMPT.to_owned(), mark.attempt.to_string())];
    Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: record.key,
        value: record.value,
        headers: own.chain(ours.map(|(name, value)| (name, value.into()))).collect(),
    }
}

fn fetch(log: &dyn Log, Address { partition, offset }: Address) -> anyhow::Result<Record> {
    log.record_at(&RecordAddress::new(topic::DLQ, partition, offset))?.with_context(|| {
        format!("there is no dead letter {partition}:{offset}; `ebasvuru dlq list` shows what there is")
    })
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::log::dead_letter::dead_letter_headers;
    use ebasvuru_workflow::log::embedded::EmbeddedLog;
    use serde_json::Value;

    use super::*;
    use crate::cli::Json;

    struct World {
        _folder: tempfile::TempDir,
        log: EmbeddedLog,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
            log.ensure_topics(&crate::topics::specs(2)).unwrap();
            Self { _folder: folder, log }
        }

        fn run(&self, command: Dlq) -> String {
            let mut out = Vec::new();
            run(&self.log, &Clock::System, command, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        }

        fn replay(&self, addresses: &[Address], again: bool) -> String {
            let reason = addresses.is_empty().then(|| "schema".to_owned());
            self.run(Dlq::Replay { addresses: addresses.to_vec(), reason, again })
        }

        fn list(&self) -> Vec<Value> {
            let lines = self.run(Dlq::List { reason: None, json: Json { json: true } });
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        }

        fn all(&self, topic: &str) -> Vec<Record> {
            let mut all = Vec::new();
            self.log
                .reader(topic, Start::Beginning)
                .unwrap()
                .catch_up(&mut |record| all.push(record))
                .unwrap();
            all
        }

        /// What ingest does with a bad message.
        fn bury(&self, message: &Record) {
            let why = dead_letter_headers("schema", "no", &message.address(), Clock::System.now());
            let letter = dead_letter::copy_of(message, topic::DLQ, why);
            self.log.producer().unwrap().send(vec![letter]).unwrap();
        }

        fn publish(&self, value: &'static str) {
            let message = Outgoing {
                topic: topic::SUBMISSIONS,
                partition: None,
                key: Some(value.into()),
                value: Some(value.into()),
                headers: vec![("traceparent".into(), "00-1".into())],
            };
            self.log.producer().unwrap().send(vec![message]).unwrap();
        }
    }

    #[test]
    fn each_dead_letter_is_published_again_once_and_stays_one() {
        let world = World::new();
        world.publish("one");
        world.publish("two");
        world.all(topic::SUBMISSIONS).iter().for_each(|message| world.bury(message));
        assert_eq!(world.list().len(), 2);
        assert!(world.replay(&[], false).starts_with("2 published again"));
        let published = world.all(topic::SUBMISSIONS);
        let replays: Vec<_> = published.iter().filter(|it| dead_letter::is_replay(&it.headers)).collect();
        assert_eq!((published.len(), replays.len()), (4, 2));
        assert!(replays.iter().all(|it| it.key == it.value && header(it, "traceparent") == "00-1"));

        // One of them fails again, whatever the topic then holds.
        world.bury(replays[0]);
        assert_eq!(world.all(topic::DLQ).len(), 3);
        let listed = world.list();
        assert_eq!(listed.len(), 2, "{listed:?}");
        let mut failed: Vec<_> = listed.iter().map(|it| it["failed_again"].as_bool().unwrap()).collect();
        failed.sort_unstable();
        assert_eq!(failed, [false, true]);
        assert!(listed.iter().all(|it| it["replayed"] == 1), "{listed:?}");

        // Asked again, nothing happens: by reason, and by the address of either record.
        let said = world.replay(&[], false);
        assert!(said.starts_with("0 published again") && said.contains("2 had been before"), "{said}");
        for record in world.all(topic::DLQ) {
            let address = Address { partition: record.partition, offset: record.offset };
            assert!(world.replay(&[address], false).starts_with("0 published again"));
        }
        assert_eq!(world.all(topic::SUBMISSIONS).len(), 4);
        assert!(world.replay(&[], true).starts_with("2 published again"));
        assert!(world.list().iter().all(|it| it["replayed"] == 2 && it["failed_again"] == false));
        assert_eq!(world.all(topic::SUBMISSIONS).len(), 6);
    }
}
