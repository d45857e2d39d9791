//! The dead-lettered messages, read from the topic.
//!
//! The topic only grows. A message that is published again and fails again gets another record
//! there, which names where the message first stood (its origin). Of the records with one origin
//! the newest represents the message, so each message is listed once.

use std::collections::BTreeMap;

use anyhow::Context;
use bytes::Bytes;
use ebasvuru_workflow::log::dead_letter::{self, ATTEMPT, ORIGIN};
use ebasvuru_workflow::log::{Log, Record, RecordAddress, Start, topic};
use ebasvuru_workflow::message::{Message, Replayed, type_of};
use serde::Serialize;

use crate::cli::Address;

/// A dead-lettered message. The names of the fields are those of the headers.
#[derive(Debug, Serialize)]
pub struct DeadLetter {
    /// The record that represents it.
    pub address: Address,
    pub reason: String,
    pub detail: String,
    pub at: String,
    pub source: String,
    pub bytes: usize,
    /// How often the message has been published again.
    pub replayed: u32,
    /// Whether it failed again since it was last published again.
    pub failed_again: bool,
    /// How often it had been published again when this record was written.
    #[serde(skip)]
    attempt: u32,
}

impl DeadLetter {
    fn of(record: &Record) -> Self {
        let attempt = header(record, ATTEMPT).parse().unwrap_or_default();
        Self {
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
}

/// Every dead-lettered message, by its origin.
pub fn read_all(log: &dyn Log) -> anyhow::Result<BTreeMap<String, DeadLetter>> {
    let mut messages = BTreeMap::<String, DeadLetter>::new();
    log.reader(topic::DLQ, Start::Beginning)?.catch_up(&mut |record| {
        let message = DeadLetter::of(&record);
        let newest = messages.entry(origin(&record)).or_insert_with(|| DeadLetter::of(&record));
        if (message.attempt, message.address) > (newest.attempt, newest.address) {
            *newest = message;
        }
    })?;
    log.reader(topic::REPLAYED, Start::Beginning)?.catch_up(&mut |record| {
        if type_of(&record) == Replayed::TYPE
            && let Ok(replayed) = Replayed::from_record(&record)
            && let Some(message) = messages.get_mut(&replayed.origin)
        {
            message.replayed = message.replayed.max(replayed.attempt);
            message.failed_again = message.attempt >= message.replayed;
        }
    })?;
    Ok(messages)
}

/// The record at an address of the dead-letter topic.
pub fn fetch(log: &dyn Log, address: Address) -> anyhow::Result<Record> {
    log.record_at(&RecordAddress::new(topic::DLQ, address.partition, address.offset))?.with_context(|| {
        format!("there is no dead letter {address}; `ebasvuru dlq list` shows what there is")
    })
}

/// Where the message of a dead letter first stood.
pub fn origin(record: &Record) -> String {
    match header(record, ORIGIN) {
        "" => source(record),
        origin => origin.to_owned(),
    }
}

fn source(record: &Record) -> String {
    let header = |name| header(record, name);
    format!(
        "{} {}:{}",
        header(dead_letter::TOPIC),
        header(dead_letter::PARTITION),
        header(dead_letter::OFFSET)
    )
}

fn header<'a>(record: &'a Record, name: &str) -> &'a str {
    record.header(name).unwrap_or_default()
}
