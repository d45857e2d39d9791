//! The workflow worker: commands in; events, replies, notifications and its own state out.
//!
//! It is a pure [`Processor`] that [`crate::log::runner`] runs. Its state is the replay of
//! `ebasvuru.applications`, in memory, for each partition ([`partition`]). The changes of a step are
//! kept apart ([`uncommitted`]) until they are committed.

mod application;
mod notify;
mod partition;
mod retention;
mod schedule;
mod snapshot;
#[cfg(test)]
mod tests;
mod timers;
mod uncommitted;
mod user;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::actor::Actor;
use crate::domain::catalog::Catalog;
use crate::domain::directory::Directory;
use crate::domain::schedule::Schedules;
use crate::error_code::ErrorCode;
use crate::log::dead_letter::{self, dead_letter_headers};
use crate::log::{Halt, Outgoing, Processor, Record, RecordAddress, Step, topic};
use crate::message::{AnyCommand, DecodeError, Message, ReplayAccepted, STATE_FORMAT, format_of};
use crate::seal::{SealError, Sealer};

use partition::{Partition, StateError};
pub use retention::WorkflowRetention;
use uncommitted::Uncommitted;

/// The processor of `ebasvuru.commands`.
#[derive(Debug)]
pub struct WorkflowProcessor {
    catalog: Arc<Catalog>,
    sealer: Sealer,
    retention: WorkflowRetention,
    directory: Directory,
    schedules: Schedules,
    partitions: BTreeMap<i32, Partition>,
    /// Whether a holder may have become unfit since the last check.
    recheck_holders: bool,
    uncommitted: Uncommitted,
    /// The state records of the open transaction.
    pending: Vec<Outgoing>,
    /// Set when a record of the state cannot be used; the worker then stops.
    broken: Option<Halt>,
}

/// An error that stops a step, and with it the worker.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Keys(#[from] SealError),
    #[error("{0} has a command that this version does not know ({1}): upgrade this worker")]
    Newer(RecordAddress, DecodeError),
}

impl From<StepError> for Halt {
    fn from(error: StepError) -> Self {
        match &error {
            StepError::State(e) => Self {
                code: ErrorCode::StateUnreadable,
                detail: format!("a record of the worker's own state cannot be read: {e}"),
            },
            StepError::Keys(e) => Self { code: e.code(), detail: e.to_string() },
            StepError::Newer(..) => Self { code: ErrorCode::CommandUnknown, detail: error.to_string() },
        }
    }
}

impl WorkflowProcessor {
    /// A worker without partitions.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, sealer: Sealer, retention: WorkflowRetention) -> Self {
        Self {
            catalog,
            sealer,
            retention,
            directory: Directory::new(),
            schedules: Schedules::default(),
            partitions: BTreeMap::new(),
            recheck_holders: false,
            uncommitted: Uncommitted::default(),
            pending: Vec::new(),
            broken: None,
        }
    }

    fn command(&mut self, record: &Record, now: Timestamp) -> Result<(), StepError> {
        match AnyCommand::from_record(record) {
            Ok(AnyCommand::Application(command)) => {
                let dead_lettered = self.uncommitted.forwards.len();
                self.application(record.partition, command.application, &command.command, now)?;
                if self.uncommitted.forwards.len() == dead_lettered {
                    let accepted = ReplayAccepted::of(&record.headers, now);
                    self.uncommitted.outputs.extend(accepted.map(|it| it.to_record()));
                }
                Ok(())
            }
            Ok(AnyCommand::User(command)) => {
                self.user(&command, now);
                Ok(())
            }
            Ok(AnyCommand::Schedule(command)) => {
                self.schedule(&command, now);
                Ok(())
            }
            Err(e) if e.is_newer() => Err(StepError::Newer(record.address(), e)),
            Err(e) => {
                self.malformed(record, &e, now);
                Ok(())
            }
        }
    }

    /// Dead-letters a record that is no command of any version, with key and value unchanged, and
    /// continues: it must not be lost, and must not block the commands after it.
    fn malformed(&mut self, record: &Record, error: &DecodeError, now: Timestamp) {
        tracing::error!(
            error.code = ErrorCode::MalformedCommand.as_str(),
            error.message = %error,
            record.topic = %record.topic,
            record.partition = record.partition,
            record.offset = record.offset,
            "a command cannot be read and is kept on {}",
            topic::COMMANDS_DLQ
        );
        let headers = dead_letter_headers(
            ErrorCode::MalformedCommand.as_str(),
            &error.to_string(),
            &record.address(),
            now,
        );
        self.uncommitted.outputs.push(dead_letter::copy_of(record, topic::COMMANDS_DLQ, headers));
    }

    /// The step from the uncommitted changes so far.
    fn step(&mut self, consumed: usize, halt: Option<Halt>) -> Step {
        let state = self.uncommitted.take_state_records();
        let mut outputs = std::mem::take(&mut self.uncommitted.outputs);
        outputs.extend(state.iter().cloned());
        self.pending.extend(state);
        Step {
            consumed,
            outputs,
            forwards: std::mem::take(&mut self.uncommitted.forwards),
            blobs: Vec::new(),
            halt,
        }
    }

    /// Whether this version knows the format of a state record. If this version wrote a record of a
    /// newer format again, it would drop the fields that it does not know.
    fn knows(&mut self, record: &Record) -> bool {
        let format = format_of(record);
        if format > STATE_FORMAT {
            self.broken.get_or_insert_with(|| Halt {
                code: ErrorCode::StateNewer,
                detail: format!(
                    "{}[{}] at offset {} is of format {format}, this version knows {STATE_FORMAT}: upgrade this worker",
                    record.topic, record.partition, record.offset
                ),
            });
        }
        format <= STATE_FORMAT
    }

    fn apply(&mut self, record: &Record) {
        let partition = record.partition;
        if !self.knows(record) {
            return;
        }
        let state = self.partitions.entry(partition).or_default();
        if let Err(e) = state.apply(record, self.retention) {
            let mut halt = Halt::from(StepError::State(e));
            halt.detail =
                format!("{}[{partition}] at offset {}: {}", record.topic, record.offset, halt.detail);
            self.broken.get_or_insert(halt);
        }
    }
}

impl Processor for WorkflowProcessor {
    fn state_topic(&self) -> Option<&'static str> {
        Some(topic::APPLICATIONS)
    }

    fn side_topics(&self) -> &'static [&'static str] {
        &[topic::USERS, topic::SETTINGS]
    }

    fn restore(&mut self, record: Record) {
        self.recheck_holders = true;
        self.apply(&record);
    }

    fn revoked(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    fn observe(&mut self, record: Record) {
        let observed = match &*record.topic {
            topic::SETTINGS => self.observe_setting(&record),
            _ => self.observe_user(&record),
        };
        if let Err(e) = observed {
            let mut halt = Halt::from(StepError::State(e.into()));
            halt.detail = format!("{} at offset {}: {}", record.topic, record.offset, halt.detail);
            self.broken.get_or_insert(halt);
        }
    }

    fn process(&mut self, batch: &[Record], now: Timestamp) -> Step {
        if let Some(halt) = self.broken.clone() {
            return self.step(0, Some(halt));
        }
        for (processed, record) in batch.iter().enumerate() {
            if let Err(error) = self.command(record, now) {
                return self.step(processed, Some(error.into()));
            }
        }
        self.step(batch.len(), None)
    }

    fn due(&mut self, now: Timestamp) -> Option<Step> {
        if let Some(halt) = self.broken.clone() {
            return Some(self.step(0, Some(halt)));
        }
        let halt = self.run_timers(now).err().map(Halt::from);
        let step = self.step(0, halt);
        if step.halt.is_none() && step.outputs.is_empty() {
            self.uncommitted = Uncommitted::default();
            return None;
        }
        Some(step)
    }

    fn committed(&mut self) {
        for record in std::mem::take(&mut self.pending) {
            let Some(partition) = record.partition else { continue };
            self.apply(&record.into_record(partition, -1, Timestamp::UNIX_EPOCH));
        }
        self.recheck_holders |= self.uncommitted.directory_before.is_some();
        self.uncommitted = Uncommitted::default();
    }

    fn aborted(&mut self) {
        self.pending.clear();
        let uncommitted = std::mem::take(&mut self.uncommitted);
        if let Some(before) = uncommitted.directory_before {
            self.directory = before;
        }
        if let Some(before) = uncommitted.schedules_before {
            self.schedules = before;
        }
        for (partition, id) in uncommitted.timers {
            if let Some(state) = self.partitions.get_mut(&partition) {
                state.rearm(id, self.retention);
            }
        }
        self.recheck_holders = true;
    }
}

/// Whether anybody waits for the reply to a command.
const fn is_asked_by_somebody(actor: &Actor) -> bool {
    match actor {
        Actor::Citizen | Actor::Staff(_) | Actor::Operator => true,
        Actor::System => false,
    }
}
