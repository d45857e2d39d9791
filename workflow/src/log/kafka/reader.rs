//! Reads outside of any group, and replays a partition.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;

use super::config::ClientKind;
use super::context::Quiet;
use super::error::classify;
use super::group::list;
use super::lookup::Lookup;
use super::record::record;
use crate::log::{LogError, POLL_BYTES, Reader, Record, Start};

/// How long nothing may arrive before the end of a partition.
const SILENCE: Duration = Duration::from_secs(30);

pub(super) struct KafkaReader {
    consumer: BaseConsumer<Quiet>,
    /// Whether its client waits for what is appended, instead of asking for the end every few milliseconds.
    follows: bool,
    lookup: Arc<Lookup>,
    topic: Arc<str>,
    /// The next offset of each partition.
    next: BTreeMap<i32, Offset>,
    assigned: bool,
}

impl KafkaReader {
    pub(super) fn new(lookup: Arc<Lookup>, topic: &str, start: &Start) -> Result<Self, LogError> {
        let partitions = lookup.partitions(topic)?;
        let next = match start {
            Start::Beginning => (0..partitions).map(|p| (p, Offset::Beginning)).collect(),
            Start::End => (0..partitions)
                .map(|p| Ok((p, Offset::Offset(lookup.watermarks(topic, p)?.1))))
                .collect::<Result<_, LogError>>()?,
            Start::Each(next) => next.iter().map(|(p, at)| (*p, Offset::Offset(*at))).collect(),
        };
        Self::of_partitions(lookup, topic, next)
    }

    /// Reads these partitions, each from its offset on.
    pub(super) fn of_partitions(
        lookup: Arc<Lookup>,
        topic: &str,
        next: BTreeMap<i32, Offset>,
    ) -> Result<Self, LogError> {
        let consumer = lookup.client(ClientKind::Reader)?;
        Ok(Self { consumer, follows: false, lookup, topic: topic.into(), next, assigned: false })
    }

    /// Turns to one partition of a topic, from this offset on.
    pub(super) fn turn_to(&mut self, topic: &str, partition: i32, from: Offset) {
        self.topic = topic.into();
        self.next = BTreeMap::from([(partition, from)]);
        self.assigned = false;
    }

    /// Stops fetching until it is used again.
    pub(super) fn rest(&mut self) -> Result<(), LogError> {
        self.assigned = false;
        self.consumer.unassign().map_err(|e| classify(&e))
    }

    /// Has a client of the right kind from now on.
    fn set_follows(&mut self, follows: bool) -> Result<(), LogError> {
        if self.follows != follows {
            let kind = if follows { ClientKind::Follower } else { ClientKind::Reader };
            self.consumer = self.lookup.client(kind)?;
            (self.follows, self.assigned) = (follows, false);
        }
        Ok(())
    }

    /// Up to `max` records, waiting at most `wait` for the first.
    pub(super) fn take(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, LogError> {
        if !self.assigned {
            self.assign()?;
        }
        let until = Instant::now() + wait;
        let mut records = Vec::new();
        let mut bytes = 0;
        while records.len() < max && bytes < POLL_BYTES {
            let left = until.saturating_duration_since(Instant::now());
            match self.read(if records.is_empty() { left } else { Duration::ZERO })? {
                Some(Read::Record(record)) => {
                    bytes += record.bytes();
                    records.push(record);
                }
                Some(Read::End(_)) => {}
                None if !records.is_empty() || left.is_zero() => break,
                None => {}
            }
        }
        Ok(records)
    }

    fn assign(&mut self) -> Result<(), LogError> {
        let from = list(&self.topic, self.next.iter().map(|(p, at)| (*p, *at)))?;
        self.consumer.assign(&from).map_err(|e| classify(&e))?;
        self.assigned = true;
        Ok(())
    }

    fn read(&mut self, wait: Duration) -> Result<Option<Read>, LogError> {
        match self.consumer.poll(wait) {
            Some(Ok(message)) => {
                let record = record(&self.topic, &message);
                self.next.insert(record.partition, Offset::Offset(record.offset + 1));
                Ok(Some(Read::Record(record)))
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => Ok(Some(Read::End(partition))),
            Some(Err(error)) => match classify(&error) {
                LogError::Unavailable(_) => Ok(None),
                said => Err(said),
            },
            None => Ok(None),
        }
    }
}

enum Read {
    Record(Record),
    End(i32),
}

impl Reader for KafkaReader {
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, LogError> {
        self.set_follows(true)?;
        self.take(max, wait)
    }

    fn settle(&mut self) -> Result<(), LogError> {
        self.next.keys().try_for_each(|partition| self.lookup.settle(&self.topic, *partition))
    }

    fn read_to_end(&mut self, each: &mut dyn FnMut(Record)) -> Result<(), LogError> {
        self.set_follows(false)?;
        let mut open: BTreeSet<i32> = self.next.keys().copied().collect();
        // Assigned again, so that each partition reports its end again.
        self.assign()?;
        let mut heard = Instant::now();
        while !open.is_empty() {
            // Records behind the end of one partition do not show that the others answer.
            let of_open = match self.read(Duration::from_millis(500))? {
                Some(Read::Record(record)) => {
                    let of_open = open.contains(&record.partition);
                    each(record);
                    of_open
                }
                Some(Read::End(partition)) => open.remove(&partition),
                None => false,
            };
            if of_open {
                heard = Instant::now();
            } else if heard.elapsed() > SILENCE {
                return Err(LogError::Unavailable(format!("{} does not come to its end", self.topic)));
            }
        }
        Ok(())
    }
}
