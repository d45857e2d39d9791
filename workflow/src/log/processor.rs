//! A pure step of the pipeline, and what it returns to the runner.

use bytes::Bytes;
use jiff::Timestamp;

use super::{Blob, Header, Outgoing, Record, RecordAddress};
use crate::error_code::ErrorCode;

/// A request to copy a record, byte for byte and with headers added: how a worker that knows only the
/// address of a message dead-letters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Where the original stands.
    pub from: RecordAddress,
    /// Where the copy goes.
    pub to: &'static str,
    /// Headers of the copy.
    pub headers: Vec<Header>,
    /// The value of the copy if retention has deleted the original.
    pub fallback: Option<Bytes>,
}

/// Why a processor stops until a person acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Halt {
    /// The error code.
    pub code: ErrorCode,
    /// What happened and what to do, in one line.
    pub detail: String,
}

/// What a processor made of a chunk, or of what was due.
#[derive(Debug, Default)]
pub struct Step {
    /// How many records of the chunk are processed, from its start. Less than all of them only together
    /// with `halt`.
    pub consumed: usize,
    /// Records to append in the same transaction.
    pub outputs: Vec<Outgoing>,
    /// Records to copy in the same transaction.
    pub forwards: Vec<Forward>,
    /// Content to store before the transaction commits.
    pub blobs: Vec<Blob>,
    /// Commit what is processed, then stop.
    pub halt: Option<Halt>,
}

/// A pure step of the pipeline: records in, records out, no I/O, no clock.
///
/// [`super::runner`] calls `process` for each chunk of a batch, or `due`. It commits all results
/// together and then calls `committed` or `aborted`; only then may the state in memory change for
/// good.
pub trait Processor: Send {
    /// The compacted topic with the state, partitioned like the input.
    fn state_topic(&self) -> Option<&'static str>;
    /// Topics that every replica reads in full, in addition to its input (the user directory).
    fn side_topics(&self) -> &'static [&'static str];
    /// A record of the state topic, while a partition is restored.
    fn restore(&mut self, record: Record);
    /// The partition was revoked: forget its state.
    fn revoked(&mut self, partition: i32);
    /// A record of a side topic, between batches.
    fn observe(&mut self, record: Record);
    /// Processes the next chunk of a batch, on top of the results of the chunks before it.
    fn process(&mut self, batch: &[Record], now: Timestamp) -> Step;
    /// What is due at `now`, by the time or because a side topic changed; `None` if nothing is.
    fn due(&mut self, now: Timestamp) -> Option<Step>;
    /// The results since the last commit or abort are committed: keep their changes.
    fn committed(&mut self);
    /// They are not committed: forget their changes.
    fn aborted(&mut self);
}
