//! The log seam: topics, partitions, groups and transactions, as much of Kafka as
//! the product uses, carried by Kafka itself or by one SQLite file.
//!
//! Processors are pure ([`Processor`]): they know records in and records out. [`runner`] is the
//! one loop that carries a processor over a [`Transactor`]; [`kafka`] and [`embedded`] are
//! the two logs, held to the same conformance suite.

pub mod embedded;
pub mod kafka;
pub mod lag;
mod murmur2;
pub mod runner;

pub use murmur2::partition_of;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use crate::budget;

/// The topics and what each is for (DESIGN: Shape).
pub mod topic {
    /// What e-Devlet publishes: submissions and withdrawals.
    pub const SUBMISSIONS: &str = "edevlet.submissions";
    /// Messages that could not become a command, raw, with the reason in headers.
    pub const DLQ: &str = "edevlet.submissions.dlq";
    /// What the citizen is told.
    pub const NOTIFICATIONS: &str = "edevlet.notifications";
    /// Everything that is asked of an application or a user.
    pub const COMMANDS: &str = "ebasvuru.commands";
    /// Everything that happened.
    pub const EVENTS: &str = "ebasvuru.events";
    /// Snapshots of open applications, stubs of closed ones (compacted): the worker's state.
    pub const APPLICATIONS: &str = "ebasvuru.applications";
    /// Final snapshots of closed applications (compacted).
    pub const ARCHIVE: &str = "ebasvuru.archive";
    /// Accepted or rejected, to whoever asked.
    pub const REPLIES: &str = "ebasvuru.replies";
    /// The user directory (compacted, one partition).
    pub const USERS: &str = "ebasvuru.users";
    /// What is set for the whole installation, the fingerprints of its keys among it
    /// (compacted, one partition).
    pub const SETTINGS: &str = "ebasvuru.settings";
    /// Commands that are none, raw, with the reason in headers.
    pub const COMMANDS_DLQ: &str = "ebasvuru.commands.dlq";
    /// Which dead letters have been published again, and how often (compacted, one partition).
    pub const REPLAYED: &str = "edevlet.submissions.dlq.replayed";
}

/// What one poll hands over at most, in bytes of keys, values and headers; one record larger
/// than this comes alone. It bounds what a batch takes in memory.
pub const POLL_BYTES: usize = 32 << 20;

/// A record read from the log. Only committed records are ever read.
#[derive(Clone, Debug)]
pub struct Record {
    /// The topic it stands in.
    pub topic: Arc<str>,
    /// The partition it stands in.
    pub partition: i32,
    /// Its place in the partition. Offsets grow but need not be dense (Kafka's
    /// transaction markers take offsets too).
    pub offset: i64,
    /// When it was appended.
    pub timestamp: Timestamp,
    /// The key, which chose the partition.
    pub key: Option<Bytes>,
    /// The value; `None` is a tombstone.
    pub value: Option<Bytes>,
    /// Headers in order.
    pub headers: Vec<(String, Bytes)>,
}

impl Record {
    /// The first header of this name, where it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        std::str::from_utf8(value).ok()
    }

    /// The bytes of its key, value and headers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        [&self.key, &self.value].into_iter().flatten().map(Bytes::len).chain(headers).sum()
    }
}

/// A record to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The topic.
    pub topic: &'static str,
    /// The partition, or `None` to place by key (murmur2, as every Java client does).
    pub partition: Option<i32>,
    /// The key.
    pub key: Option<Bytes>,
    /// The value; `None` writes a tombstone.
    pub value: Option<Bytes>,
    /// Headers in order.
    pub headers: Vec<(String, Bytes)>,
}

impl Outgoing {
    /// How many bytes it takes in a batch of its own, uncompressed, at most: what brokers and
    /// clients hold against their limits.
    #[must_use]
    pub fn size(&self) -> usize {
        // The framing of a batch, a record and a header of Kafka's format 2, rounded up.
        const BATCH_AND_RECORD: usize = 100;
        const HEADER: usize = 10;
        let len = |bytes: Option<&Bytes>| bytes.map_or(0, Bytes::len);
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + HEADER);
        BATCH_AND_RECORD + len(self.key.as_ref()) + len(self.value.as_ref()) + headers.sum::<usize>()
    }

    /// Whether its topic takes it.
    ///
    /// # Errors
    /// [`LogError::TooLarge`]; a record that is accepted nowhere must never be tried again.
    pub fn fits(&self) -> Result<(), LogError> {
        let (size, most) = (self.size(), budget::of_topic(self.topic));
        if size <= most {
            return Ok(());
        }
        let key = self.key.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let key: String = key.chars().take(64).collect();
        Err(LogError::TooLarge(format!(
            "a record for {} under key {key:?} has {size} bytes, more than {most}",
            self.topic
        )))
    }
}

/// What went wrong with the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A record that the log never takes: trying again changes nothing.
    #[error("{0}")]
    TooLarge(String),
    /// The broker is away or slow; the same call may be made again later.
    #[error("the log does not answer: {0}")]
    Unavailable(String),
    /// The log answers and says no (a missing topic, no permission, a bad setting).
    #[error("{0}")]
    Refused(String),
    /// Another process has taken this member's place in its group.
    #[error("another process has taken this one's place: {0}")]
    Fenced(String),
    /// This client is of no more use (poisoned, or its outcome unknown):
    /// drop it with the state built on it and start over.
    #[error("this client must start over: {0}")]
    StartOver(String),
}

/// How a transaction failed.
#[derive(Debug, thiserror::Error)]
pub enum TransactError {
    /// Nothing of it counts; the consumer has been rewound to the committed offsets and
    /// will deliver the same records again.
    #[error("the transaction was aborted: {0}")]
    Aborted(String),
    /// Fenced, timed out, or the outcome is unknown: drop the transactor and the state.
    #[error("the transactor must start over: {0}")]
    StartOver(String),
    /// The log never takes one of the records: nothing of it counts, and trying again
    /// changes nothing.
    #[error("{0}")]
    TooLarge(String),
}

/// How a topic is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Delete after so many days.
    Days(u32),
    /// Keep everything: what is counted and rebuilt from.
    Forever,
    /// Keep the last record of each key.
    Compact,
}

/// A topic as it should be.
#[derive(Clone, Debug)]
pub struct TopicSpec {
    /// Its name.
    pub name: &'static str,
    /// How many partitions.
    pub partitions: i32,
    /// How it is kept.
    pub retention: Retention,
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
    fn record_at(&self, topic: &str, partition: i32, offset: i64) -> Result<Option<Record>, LogError>;
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

/// Bytes that must be in the object store before the records that refer to them count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Lower-case hex SHA-256 of the content: its name.
    pub sha256: String,
    /// The content.
    pub bytes: Bytes,
}

/// A copy of a record of another topic, byte for byte, with headers of ours added: how a
/// message is dead-lettered by a worker that has only its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Where the original stands: topic, partition, offset.
    pub from: (String, i32, i64),
    /// Where the copy goes.
    pub to: &'static str,
    /// Headers of the copy.
    pub headers: Vec<(String, Bytes)>,
    /// What the copy holds when the original has been deleted by age meanwhile.
    pub fallback: Option<Bytes>,
}

/// Why a processor will not go on until a person has looked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Halt {
    /// The error code, with a page in docs/errors.
    pub code: &'static str,
    /// What happened and what to do, in one line.
    pub detail: String,
}

/// What a processor made of a batch.
#[derive(Debug, Default)]
pub struct Step {
    /// How many records of the batch are dealt with, from its start. Less than the whole
    /// batch only together with `halt`.
    pub consumed: usize,
    /// Records to append in the same transaction.
    pub outputs: Vec<Outgoing>,
    /// Records to copy in the same transaction.
    pub forwards: Vec<Forward>,
    /// Content to store before the transaction commits.
    pub blobs: Vec<Blob>,
    /// Commit what is dealt with, then stop.
    pub halt: Option<Halt>,
}

/// A pure step of the pipeline: records in, records out, no I/O, no clock.
///
/// [`runner`] calls `process`, once or for one part of a batch after the other, or `due`;
/// commits all that came out as one, and then says `committed` or `aborted`: only then may
/// in-memory state change for good.
pub trait Processor: Send {
    /// The compacted topic that holds this stage's state, partitioned like its input.
    fn state_topic(&self) -> Option<&'static str>;
    /// A topic every replica reads in full beside its input (the user directory).
    fn side_topic(&self) -> Option<&'static str>;
    /// A record of the state topic, while a partition is restored.
    fn restore(&mut self, partition: i32, record: Record);
    /// The partition is no longer ours: forget its state.
    fn revoked(&mut self, partition: i32);
    /// A record of the side topic, between batches.
    fn observe(&mut self, record: Record);
    /// Deals with a batch, or with the next part of one: what the parts before came to, it
    /// takes as so.
    fn process(&mut self, batch: &[Record], now: Timestamp) -> Step;
    /// What the clock (or a changed side topic) asks for now; `None` when nothing is due.
    fn due(&mut self, now: Timestamp) -> Option<Step>;
    /// What was made since the last of these two calls is kept: its changes count.
    fn committed(&mut self);
    /// It is not kept: forget its changes.
    fn aborted(&mut self);
}
