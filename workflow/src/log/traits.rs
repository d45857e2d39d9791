//! What both logs implement: readers, producers and group members, and the values they work with.

use std::fmt;
use std::time::Duration;

use super::{LogError, Outgoing, Record, RecordAddress, TopicSpec, TransactError};

/// The most that one poll returns, in bytes of keys, values and headers; a larger record is returned
/// alone. It bounds the memory of a batch.
pub const POLL_BYTES: usize = 32 << 20;

/// Kafka, or the embedded log.
pub trait Log: Send + Sync + fmt::Debug {
    /// `kafka:host:port` or `sqlite:/path`, for people and `endpoints.json`.
    fn describe(&self) -> String;
    /// Creates missing topics. Returns one line for each difference between an existing topic and
    /// `specs` (partition count, cleanup policy).
    fn ensure_topics(&self, specs: &[TopicSpec]) -> Result<Vec<String>, LogError>;
    /// The bounds of each partition, in order.
    fn bounds(&self, topic: &str) -> Result<Vec<Bounds>, LogError>;
    /// The committed record at this address; `None` if retention or compaction has removed it, or if
    /// there never was one.
    fn record_at(&self, at: &RecordAddress) -> Result<Option<Record>, LogError>;
    /// The committed positions of a group on a topic, for partitions that have one.
    fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, LogError>;
    /// How many members a group has on a topic, including those that left but whose session has not
    /// expired. Does not join the group.
    fn members(&self, group: &str, topic: &str) -> Result<usize, LogError>;
    /// A producer that waits until the records it sent are durable.
    fn producer(&self) -> Result<Box<dyn Producer>, LogError>;
    /// Reads partitions outside of any group, from `start`.
    fn reader(&self, topic: &str, start: Start) -> Result<Box<dyn Reader>, LogError>;
    /// A group member that commits offsets with metadata by hand.
    fn consumer(&self, member: &Member) -> Result<Box<dyn Consumer>, LogError>;
    /// A group member whose outputs and offsets are committed in one transaction.
    fn transactor(&self, member: &Member) -> Result<Box<dyn Transactor>, LogError>;
}

/// Where a reader starts.
#[derive(Clone, Debug)]
pub enum Start {
    /// The first offset of every partition.
    Beginning,
    /// The present end of every partition: only later records.
    End,
    /// These partitions, each from its offset on; no other is read.
    Each(Vec<(i32, i64)>),
}

impl Start {
    /// One partition from this offset on.
    #[must_use]
    pub fn at(partition: i32, offset: i64) -> Self {
        Self::Each(vec![(partition, offset)])
    }
}

/// The readable range of one partition: the offsets in `low..high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The partition.
    pub partition: i32,
    /// The first offset that still exists.
    pub low: i64,
    /// One past the last committed offset.
    pub high: i64,
}

/// Appends records outside of a transaction.
pub trait Producer: Send + Sync {
    /// Appends all records, in order per key, and returns their partitions and offsets when they are
    /// durable (on all in-sync replicas, or synced to disk).
    fn send(&self, records: Vec<Outgoing>) -> Result<Vec<(i32, i64)>, LogError>;
}

/// Reads outside of any group.
pub trait Reader: Send {
    /// Up to `max` committed records and [`POLL_BYTES`], waiting at most `wait` for the first; empty if
    /// none came in that time.
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, LogError>;
    /// Passes records to `each` until every partition has been read up to its end: the last committed record, or the
    /// first one of an open transaction.
    fn read_to_end(&mut self, each: &mut dyn FnMut(Record)) -> Result<(), LogError>;
    /// Waits until all that is being committed now is committed or aborted; on Kafka until open transactions
    /// time out, if need be.
    fn settle(&mut self) -> Result<(), LogError> {
        Ok(())
    }
    /// Passes records to `each` until every partition has been read up to its end at the time of the
    /// call: the caller then has all that was committed, or was being committed, before the call.
    fn catch_up(&mut self, each: &mut dyn FnMut(Record)) -> Result<(), LogError> {
        self.settle()?;
        self.read_to_end(each)
    }
}

/// One member of a group on one topic.
#[derive(Clone, Debug)]
pub struct Member {
    /// The group, such as `ebasvuru.workflow`.
    pub group: String,
    /// The input topic.
    pub topic: &'static str,
    /// The member's slot, stable over restarts and unique in the group (host and number).
    /// `group.instance.id` and `transactional.id` are made from it.
    pub slot: String,
}

/// The result of a poll.
#[derive(Debug)]
pub enum Polled {
    /// Records, in order within each partition; never empty.
    Records(Vec<Record>),
    /// These partitions were assigned to this member, from their committed offsets on. None of their
    /// records has been delivered yet.
    Assigned(Vec<i32>),
    /// These partitions were revoked. None of their records will be delivered any more, and no
    /// transaction with their offsets can commit.
    Revoked(Vec<i32>),
    /// Nothing in that time.
    Idle,
}

/// The committed position of a group in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The partition of the group's topic.
    pub partition: i32,
    /// The next offset to read.
    pub offset: i64,
    /// The caller's own text beside it (the sink's `pending:min-max`), often empty.
    pub metadata: String,
}

/// A group member that commits offsets by hand (the sink).
pub trait Consumer: Send {
    /// Up to `max` records and [`POLL_BYTES`], or a change of assignment, waiting at most `wait`.
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError>;
    /// The committed positions of these partitions, with metadata; partitions without one are left
    /// out.
    fn committed(&mut self, partitions: &[i32]) -> Result<Vec<Position>, LogError>;
    /// Commits, and returns when the commit is durable.
    fn commit(&mut self, positions: &[Position]) -> Result<(), LogError>;
    /// Continues the partition at `offset`.
    fn seek(&mut self, partition: i32, offset: i64) -> Result<(), LogError>;
    /// Pauses or resumes delivery of a partition, without leaving the group.
    fn pause(&mut self, partition: i32, paused: bool) -> Result<(), LogError>;
}

/// A group member whose outputs and consumed offsets are committed together or not at all.
pub trait Transactor: Send {
    /// Up to `max` records and [`POLL_BYTES`], or a change of assignment, waiting at most `wait`.
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError>;
    /// Appends to the open transaction, and begins one if there is none. The log may send the outputs
    /// while the caller makes more. Nobody reads them before [`Transactor::transact`] commits them; if
    /// the transactor is dropped instead, nobody ever does.
    fn append(&mut self, outputs: Vec<Outgoing>) -> Result<(), TransactError>;
    /// Commits what was appended, `outputs`, and the offsets `consumed` (the next offset of each
    /// partition; empty for a transaction that only writes) together. If `consumed` ends before what
    /// was polled, the rest is delivered again.
    fn transact(&mut self, consumed: &[(i32, i64)], outputs: Vec<Outgoing>) -> Result<(), TransactError>;
    /// Reads these partitions of another topic from their beginning: everything that the previous owner
    /// of the same input partitions committed, including what was being committed when it lost them. The
    /// records of one partition come in order, those of several as they arrive.
    fn replay(
        &mut self,
        topic: &str,
        partitions: &[i32],
        each: &mut dyn FnMut(Record),
    ) -> Result<(), LogError>;
}
