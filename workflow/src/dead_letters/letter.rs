//! A dead-lettered message and its state, read from the log.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::Address;
use crate::log::dead_letter::{self, ATTEMPT, ORIGIN};
use crate::log::{Log, LogError, Record, Start, topic};
use crate::message::{Message, ReplayAccepted, Replayed, type_of};

/// What has become of a dead-lettered message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It has not been published again.
    New,
    /// It was published again, and nothing is known of it yet.
    Replayed,
    /// It was published again and accepted.
    GoneThrough,
    /// It was published again and dead-lettered again.
    FailedAgain,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::New, Self::Replayed, Self::GoneThrough, Self::FailedAgain];

    /// In words, for an operator.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Replayed => "replayed",
            Self::GoneThrough => "gone through",
            Self::FailedAgain => "failed again",
        }
    }
}

/// A dead-lettered message. The names of the fields are those of the headers.
#[derive(Clone, Debug, Serialize)]
pub struct DeadLetter {
    /// The record that represents it.
    pub address: Address,
    /// What has become of it.
    pub state: State,
    /// The code of the reason.
    pub reason: String,
    /// The reason in words, without values of the message.
    pub detail: String,
    /// When it was dead-lettered, as text of UTC.
    pub at: String,
    /// Where the message stood.
    pub source: String,
    /// The size of its value.
    pub bytes: usize,
    /// How often the message has been published again.
    pub replayed: u32,
    /// Whether it failed again since it was last published again.
    pub failed_again: bool,
    /// Whether the record has the message; one that is too large or had expired stands elsewhere.
    #[serde(skip)]
    pub is_whole: bool,
    /// When it was dead-lettered; without a readable header, when the record was appended.
    #[serde(skip)]
    pub dead_lettered_at: Timestamp,
    /// How often it had been published again when this record was written.
    #[serde(skip)]
    attempt: u32,
    /// The last publication of which it is known that it was accepted.
    #[serde(skip)]
    accepted: u32,
}

impl DeadLetter {
    fn of(record: &Record) -> Self {
        let attempt = header(record, ATTEMPT).parse().unwrap_or_default();
        let mut letter = Self {
            address: Address { partition: record.partition, offset: record.offset },
            state: State::New,
            reason: header(record, dead_letter::REASON).to_owned(),
            detail: header(record, dead_letter::DETAIL).to_owned(),
            at: header(record, dead_letter::AT).to_owned(),
            source: source(record),
            bytes: record.value.as_ref().map_or(0, Bytes::len),
            replayed: attempt,
            failed_again: false,
            is_whole: record.header(dead_letter::ORIGINAL).is_none(),
            dead_lettered_at: header(record, dead_letter::AT).parse().unwrap_or(record.timestamp),
            attempt,
            accepted: 0,
        };
        letter.judge();
        letter
    }

    /// Its state follows from the three counts.
    fn judge(&mut self) {
        self.replayed = self.replayed.max(self.accepted);
        self.state = match self.replayed {
            0 => State::New,
            times if self.attempt >= times => State::FailedAgain,
            times if self.accepted >= times => State::GoneThrough,
            _ => State::Replayed,
        };
        self.failed_again = self.state == State::FailedAgain;
    }
}

/// Which records of the topic are read.
#[derive(Clone, Copy, Debug)]
pub enum Reach {
    /// All.
    All,
    /// This many newest ones of each partition.
    Newest(i64),
}

/// Every message on a topic of dead letters, by its origin.
///
/// # Errors
/// The log does not answer.
pub fn read(log: &dyn Log, topic: &str, reach: Reach) -> Result<BTreeMap<String, DeadLetter>, LogError> {
    let mut letters = BTreeMap::<String, DeadLetter>::new();
    let mut each = |record: Record| {
        let letter = DeadLetter::of(&record);
        let newest = letters.entry(origin(&record)).or_insert_with(|| letter.clone());
        if (letter.attempt, letter.address) > (newest.attempt, newest.address) {
            *newest = letter;
        }
    };
    match reach {
        Reach::All => log.reader(topic, Start::Beginning)?.catch_up(&mut each)?,
        Reach::Newest(most) => {
            for bounds in log.bounds(topic)? {
                let offset = bounds.low.max(bounds.high - most);
                log.reader(topic, Start::at(bounds.partition, offset))?.catch_up(&mut each)?;
            }
        }
    }
    if letters.is_empty() {
        return Ok(letters);
    }
    log.reader(topic::REPLAYED, Start::Beginning)?.catch_up(&mut |record| match type_of(&record) {
        Replayed::TYPE => {
            if let Ok(replayed) = Replayed::from_record(&record)
                && let Some(letter) = letters.get_mut(&replayed.origin)
            {
                letter.replayed = letter.replayed.max(replayed.attempt);
                letter.judge();
            }
        }
        ReplayAccepted::TYPE => {
            if let Ok(accepted) = ReplayAccepted::from_record(&record)
                && let Some(letter) = letters.get_mut(&accepted.origin)
            {
                letter.accepted = letter.accepted.max(accepted.attempt);
                letter.judge();
            }
        }
        _ => {}
    })?;
    Ok(letters)
}

/// Where the message of a dead letter first stood.
#[must_use]
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
