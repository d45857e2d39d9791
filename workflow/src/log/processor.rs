//! A pure step of the pipeline, and what it hands to the runner.

use bytes::Bytes;
use jiff::Timestamp;

use super::{Blob, Outgoing, Record, RecordAddress};

/// A copy of a record of another topic, byte for byte, with headers of ours added: how a
/// message is dead-lettered by a worker that has only its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Where the original stands.
    pub from: RecordAddress,
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
/// [`super::runner`] calls `process`, once or for one part of a batch after the other, or `due`;
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
