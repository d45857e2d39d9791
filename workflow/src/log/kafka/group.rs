//! Membership in a group: polling, and changes of assignment, in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::{Offset, TopicPartitionList};

use super::config::{ANSWER, ClientKind, KafkaConfig};
use super::context::{Change, Rebalances};
use super::error::classify;
use super::lookup::Lookup;
use super::record::record;
use crate::log::{LogError, Member, POLL_BYTES, Polled, Position, Record};

/// How long a consumer may take to close before it is abandoned (rust-rdkafka #509).
const CLOSING: Duration = Duration::from_secs(5);

/// A member of a group on one topic.
pub(super) struct Group {
    /// `None` only while it is being closed.
    consumer: Option<BaseConsumer<Rebalances>>,
    lookup: Arc<Lookup>,
    pub(super) topic: Arc<str>,
    /// The committed next offset of every owned partition.
    pub(super) next: BTreeMap<i32, i64>,
    /// One past the last offset delivered to the caller.
    delivered: BTreeMap<i32, i64>,
    /// Polled from librdkafka, but not delivered yet (a change of assignment came between).
    buffer: Vec<Record>,
    /// The bytes of `buffer`.
    buffered: usize,
    /// Assigned partitions that the caller knows of; resumed when it polls again, after restoring.
    told: Vec<i32>,
    paused: BTreeSet<i32>,
}

impl Group {
    pub(super) fn join(config: &KafkaConfig, lookup: Arc<Lookup>, member: &Member) -> Result<Self, LogError> {
        // A missing topic is refused here; librdkafka would wait for it.
        lookup.partitions(member.topic)?;
        let consumer: BaseConsumer<Rebalances> = config
            .client(ClientKind::Member(member))
            .create_with_context(Rebalances::default())
            .map_err(|e| classify(&e))?;
        consumer.subscribe(&[member.topic]).map_err(|e| classify(&e))?;
        Ok(Self {
            consumer: Some(consumer),
            lookup,
            topic: member.topic.into(),
            next: BTreeMap::new(),
            delivered: BTreeMap::new(),
            buffer: Vec::new(),
            buffered: 0,
            told: Vec::new(),
            paused: BTreeSet::new(),
        })
    }

    #[expect(clippy::expect_used, reason = "only drop takes it out")]
    pub(super) fn consumer(&self) -> &BaseConsumer<Rebalances> {
        self.consumer.as_ref().expect("the consumer lives as long as the member")
    }

    pub(super) fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError> {
        self.resume_told()?;
        let until = Instant::now() + wait;
        loop {
            if let Some(change) = self.consumer().context().next() {
                return self.change(change);
            }
            if self.buffer.len() >= max || self.buffered >= POLL_BYTES {
                return Ok(self.hand_out(max));
            }
            let left = until.saturating_duration_since(Instant::now());
            let patience = if self.buffer.is_empty() { left } else { Duration::ZERO };
            let consumer = self.consumer.as_ref().ok_or_else(closed)?;
            match consumer.poll(patience) {
                Some(Ok(message)) => {
                    let record = record(&self.topic, &message);
                    self.buffered += record.bytes();
                    self.buffer.push(record);
                }
                Some(Err(KafkaError::PartitionEOF(_))) => {}
                Some(Err(error)) => return_error(&error)?,
                None if consumer.context().any() => {}
                None if !self.buffer.is_empty() => return Ok(self.hand_out(max)),
                None if left.is_zero() => return Ok(Polled::Idle),
                None => {}
            }
        }
    }

    fn hand_out(&mut self, max: usize) -> Polled {
        let rest = self.buffer.split_off(self.buffer.len().min(max));
        let records = std::mem::replace(&mut self.buffer, rest);
        self.buffered = self.buffer.iter().map(Record::bytes).sum();
        for record in &records {
            self.delivered.insert(record.partition, record.offset + 1);
        }
        Polled::Records(records)
    }

    fn change(&mut self, change: Change) -> Result<Polled, LogError> {
        match change {
            Change::Revoked(partitions) => {
                self.drop_buffered(&partitions);
                for partition in &partitions {
                    self.next.remove(partition);
                    self.delivered.remove(partition);
                    self.paused.remove(partition);
                }
                self.told.retain(|partition| !partitions.contains(partition));
                Ok(Polled::Revoked(partitions))
            }
            Change::Assigned(partitions) => match self.starts(&partitions) {
                Ok(starts) => {
                    self.next.extend(starts);
                    self.told.extend(&partitions);
                    Ok(Polled::Assigned(partitions))
                }
                Err(error) => {
                    // The next poll asks again; until then these partitions stay paused.
                    self.consumer().context().put_back(Change::Assigned(partitions));
                    Err(error)
                }
            },
        }
    }

    /// Where each of these partitions starts: at its committed offset, else at its first record.
    fn starts(&self, partitions: &[i32]) -> Result<BTreeMap<i32, i64>, LogError> {
        let committed = self.stable_positions(partitions)?;
        let mut starts: BTreeMap<i32, i64> = committed.into_iter().map(|p| (p.partition, p.offset)).collect();
        for partition in partitions {
            if !starts.contains_key(partition) {
                starts.insert(*partition, self.lookup.watermarks(&self.topic, *partition)?.0);
            }
        }
        Ok(starts)
    }

    fn drop_buffered(&mut self, partitions: &[i32]) {
        self.buffer.retain(|record| !partitions.contains(&record.partition));
        self.buffered = self.buffer.iter().map(Record::bytes).sum();
    }

    /// The committed positions, once no transaction of an earlier owner is open on them: until then
    /// the broker refuses to answer, because this client reads committed records only.
    pub(super) fn stable_positions(&self, partitions: &[i32]) -> Result<Vec<Position>, LogError> {
        let give_up = Instant::now() + self.lookup.patience;
        loop {
            let asked = list(&self.topic, partitions.iter().map(|p| (*p, Offset::Invalid)))?;
            let unstable = match self.consumer().committed_offsets(asked, ANSWER) {
                Ok(found) => match positions(&found) {
                    Ok(positions) => return Ok(positions),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            let error = classify(&unstable);
            if !matches!(error, LogError::Unavailable(_)) || Instant::now() > give_up {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Resumes what was assigned, once the caller polls again.
    fn resume_told(&mut self) -> Result<(), LogError> {
        let resumed: Vec<i32> = self.told.drain(..).filter(|p| !self.paused.contains(p)).collect();
        if !resumed.is_empty() {
            let partitions = list(&self.topic, resumed.into_iter().map(|p| (p, Offset::Invalid)))?;
            self.consumer().resume(&partitions).map_err(|e| classify(&e))?;
        }
        Ok(())
    }

    /// Pauses or resumes delivery of one partition.
    pub(super) fn pause(&mut self, partition: i32, paused: bool) -> Result<(), LogError> {
        let one = list(&self.topic, [(partition, Offset::Invalid)])?;
        if paused {
            self.paused.insert(partition);
            self.consumer().pause(&one)
        } else {
            self.paused.remove(&partition);
            self.consumer().resume(&one)
        }
        .map_err(|e| classify(&e))
    }

    /// Notes that these offsets are committed. Records delivered beyond them are delivered again.
    pub(super) fn committed(&mut self, consumed: &[(i32, i64)]) -> Result<(), LogError> {
        for (partition, offset) in consumed {
            if let Some(next) = self.next.get_mut(partition) {
                *next = *offset;
            }
        }
        self.rewind()
    }

    /// Goes back to the committed offset in each partition of which more was delivered.
    pub(super) fn rewind(&mut self) -> Result<(), LogError> {
        let ahead: Vec<(i32, i64)> = self
            .next
            .iter()
            .filter(|(partition, next)| self.delivered.get(partition).is_some_and(|at| at > next))
            .map(|(partition, next)| (*partition, *next))
            .collect();
        self.seek(&ahead)
    }

    /// Continues these partitions at these offsets.
    pub(super) fn seek(&mut self, offsets: &[(i32, i64)]) -> Result<(), LogError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let to = list(&self.topic, offsets.iter().map(|(p, at)| (*p, Offset::Offset(*at))))?;
        let sought = self.consumer().seek_partitions(to, ANSWER).map_err(|e| classify(&e))?;
        for element in sought.elements() {
            element.error().map_err(|e| LogError::StartOver(format!("cannot read again: {e}")))?;
        }
        self.delivered.extend(offsets.iter().copied());
        self.drop_buffered(&offsets.iter().map(|(partition, _)| *partition).collect::<Vec<_>>());
        Ok(())
    }

    /// The offsets of all owned partitions after `consumed`. All of them, so that whoever takes over
    /// any of them waits for the end of this transaction before it replays: a timer may have written
    /// to a partition from which nothing was consumed.
    pub(super) fn offsets_after(&self, consumed: &[(i32, i64)]) -> Result<TopicPartitionList, LogError> {
        let mut offsets = self.next.clone();
        for (partition, offset) in consumed {
            match offsets.get_mut(partition) {
                Some(next) => *next = *offset,
                None => {
                    return Err(LogError::StartOver(format!("partition {partition} is not ours any more")));
                }
            }
        }
        if offsets.is_empty() {
            // Without an offset, nothing would fence this transaction.
            return Err(LogError::StartOver("no partition is ours".into()));
        }
        list(&self.topic, offsets.into_iter().map(|(p, at)| (p, Offset::Offset(at))))
    }

    /// The generation of the group, asked for at each commit: it fences a member that has lost its
    /// session.
    pub(super) fn generation(&self) -> Option<ConsumerGroupMetadata> {
        self.consumer().group_metadata()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Closing waits for the broker. A process that ends must not wait for ever.
        let Some(consumer) = self.consumer.take() else { return };
        let (done, closed) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            drop(consumer);
            let _ = done.send(());
        });
        if closed.recv_timeout(CLOSING).is_err() {
            tracing::warn!(record.topic = %self.topic, "a consumer of {} does not close and is left behind", self.topic);
        }
    }
}

/// Errors of a poll: those that pass by themselves are ignored, unless all brokers are down.
fn return_error(error: &KafkaError) -> Result<(), LogError> {
    if let KafkaError::MessageConsumptionFatal(code) = error {
        let text = error.to_string();
        return Err(match code {
            Code::FencedInstanceId => LogError::Fenced(text),
            _ => LogError::StartOver(text),
        });
    }
    match classify(error) {
        LogError::Unavailable(_) if error.rdkafka_error_code() != Some(Code::AllBrokersDown) => {
            tracing::debug!(error.message = %error, "Kafka tries again by itself");
            Ok(())
        }
        said => Err(said),
    }
}

fn closed() -> LogError {
    LogError::StartOver("the consumer is closed".into())
}

/// A list of partitions of one topic.
pub(super) fn list(
    topic: &str,
    partitions: impl IntoIterator<Item = (i32, Offset)>,
) -> Result<TopicPartitionList, LogError> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in partitions {
        list.add_partition_offset(topic, partition, offset).map_err(|e| classify(&e))?;
    }
    Ok(list)
}

/// The positions in a list, for the partitions that have one.
pub(super) fn positions(list: &TopicPartitionList) -> Result<Vec<Position>, KafkaError> {
    let mut positions = Vec::new();
    for element in list.elements() {
        element.error()?;
        if let Offset::Offset(offset) = element.offset() {
            positions.push(Position {
                partition: element.partition(),
                offset,
                metadata: element.metadata().to_owned(),
            });
        }
    }
    positions.sort_by_key(|position| position.partition);
    Ok(positions)
}
