//! What both logs implement, and what they hand over: readers, group members, positions.

use std::fmt;
use std::time::Duration;

use super::{LogError, Outgoing, Record, RecordAddress, TopicSpec, TransactError};

/// What one poll hands over at most, in bytes of keys, values and headers; one record larger
/// than this comes alone. It bounds what a batch takes in memory.
pub const POLL_BYTES: usize = 32 << 20;

/// Kafka, or what stands in for it.
pub trait Log: Send + Sync + fmt::Debug {
    /// `kafka:host:port` or `sqlite:/path`, for people and `endpoints.json`.
    fn describe(&self) -> String;
    /// Creates what is missing and returns one line for every topic that exists
    /// otherwise than `specs` says (partition count, cleanup policy).
    fn ensure_topics(&self, specs: &[TopicSpec]) -> Result<Vec<String>, LogError>;
    /// The bounds of each partition, in order.
    fn bounds(&self, topic: &str) -> Result<Vec<Bounds>, LogError>;
    /// The committed record at this address; `None` when age or compaction has taken it, or
    /// there never was one.
    fn record_at(&self, at: &RecordAddress) -> Result<Option<Record>, LogError>;
    /// The committed positions of a group on a topic, for partitions that have one.
    fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, LogError>;
    /// How many members a group has on a topic, those included that went less long ago than they
    /// keep their place. Asking disturbs nobody.
    fn members(&self, group: &str, topic: &str) -> Result<usize, LogError>;
    /// A producer that waits until what it sent is kept.
    fn producer(&self) -> Result<Box<dyn Producer>, LogError>;
    /// Reads partitions outside of any group, from `start`.
    fn reader(&self, topic: &str, start: Start) -> Result<Box<dyn Reader>, LogError>;
    /// A group member that commits offsets with metadata by hand.
    fn consumer(&self, member: &Member) -> Result<Box<dyn Consumer>, LogError>;
    /// A group member whose outputs and offsets are one transaction.
    fn transactor(&self, member: &Member) -> Result<Box<dyn Transactor>, LogError>;
}

/// Where a reader starts.
#[derive(Clone, Debug)]
pub enum Start {
    /// The first offset of every partition.
    Beginning,
    /// Only what comes after now, in every partition.
    End,
    /// One partition from this offset on.
    At {
        /// The partition; no other is read.
        partition: i32,
        /// The first offset wanted.
        offset: i64,
    },
}

/// The readable range of one partition: offsets in `low..high`, `high` being the first
/// offset that is not yet committed.
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
    /// Appends all, in order per key, and returns when they are kept (all in-sync
    /// replicas; synced to disk), with their partition and offset.
    fn send(&self, records: Vec<Outgoing>) -> Result<Vec<(i32, i64)>, LogError>;
}

/// Reads without a group.
pub trait Reader: Send {
    /// Up to `max` committed records of [`POLL_BYTES`], waiting at most `wait` for the first. An empty
    /// answer means nothing came in that time.
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, LogError>;
    /// Hands over records until every partition has been read up to where it stood when
    /// this was called: the caller then knows all that was committed, or was being
    /// committed, before the call.
    fn catch_up(&mut self, each: &mut dyn FnMut(Record)) -> Result<(), LogError>;
}

/// Who consumes: one member of a group on one topic.
#[derive(Clone, Debug)]
pub struct Member {
    /// The group, such as `ebasvuru.workflow`.
    pub group: String,
    /// The input topic.
    pub topic: &'static str,
    /// This member's slot, stable over restarts and unique in the group (host and
    /// number): it makes `group.instance.id` and `transactional.id`.
    pub slot: String,
}

/// What a poll brought.
#[derive(Debug)]
pub enum Polled {
    /// Records, in order within each partition; never empty.
    Records(Vec<Record>),
    /// These partitions are now ours, from their committed offsets. Nothing of them has
    /// been delivered yet.
    Assigned(Vec<i32>),
    /// These partitions are no longer ours. Nothing of them will be delivered, and no
    /// transaction that contains them can commit any more.
    Revoked(Vec<i32>),
    /// Nothing within the time.
    Idle,
}

/// Where a group member stands in its partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The partition of the group's topic.
    pub partition: i32,
    /// The next offset to read.
    pub offset: i64,
    /// The caller's own word beside it (the sink's `pending:min-max`), often empty.
    pub metadata: String,
}

/// A group member with offsets committed by hand (the sink).
pub trait Consumer: Send {
    /// Up to `max` records of [`POLL_BYTES`], or a change of assignment, waiting at most `wait`.
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError>;
    /// Where the group stands in these partitions, with metadata; partitions without a
    /// committed offset are left out.
    fn committed(&mut self, partitions: &[i32]) -> Result<Vec<Position>, LogError>;
    /// Commits, and returns when it is kept.
    fn commit(&mut self, positions: &[Position]) -> Result<(), LogError>;
    /// Reads the partition again from `offset`.
    fn seek(&mut self, partition: i32, offset: i64) -> Result<(), LogError>;
    /// Stops (or resumes) delivery of a partition, without leaving the group.
    fn pause(&mut self, partition: i32, paused: bool) -> Result<(), LogError>;
}

/// A group member whose outputs and consumed offsets become visible together or not at all.
pub trait Transactor: Send {
    /// Up to `max` records of [`POLL_BYTES`], or a change of assignment, waiting at most `wait`.
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError>;
    /// Appends to the transaction in the making, and begins one when there is none. The log
    /// may send what it is given while more is being made; nobody reads it before
    /// [`Transactor::transact`] commits it, and nobody ever does when the transactor is
    /// dropped instead.
    fn append(&mut self, outputs: Vec<Outgoing>) -> Result<(), TransactError>;
    /// Commits what was appended, `outputs` and the offsets of `consumed` (next offset per
    /// partition; may be empty for a transaction that only writes) as one. When `consumed`
    /// stops short of what was polled, the rest is delivered again.
    fn transact(&mut self, consumed: &[(i32, i64)], outputs: Vec<Outgoing>) -> Result<(), TransactError>;
    /// Replays the whole of one partition of another topic: everything committed by whoever
    /// owned the input partition before, including what was being committed when it was
    /// taken from them.
    fn replay(&mut self, topic: &str, partition: i32, each: &mut dyn FnMut(Record)) -> Result<(), LogError>;
}
