//! The changes since the last commit. They are dropped if the transaction is aborted.

use std::collections::BTreeMap;

use crate::domain::application::{Application, ClosedMarker};
use crate::domain::directory::Directory;
use crate::domain::ids::ApplicationId;
use crate::domain::schedule::Schedules;
use crate::log::{Forward, Outgoing, topic};
use crate::message::{Counter, Message, WaitingWithdrawal};

use super::partition::{Entry, Partition, StateError};
use super::snapshot;

/// An entry with the uncommitted changes applied.
#[derive(Clone, Debug)]
pub(super) enum Current {
    /// Nothing is known under this id.
    Absent,
    Open(Box<Application>),
    Closed(Box<ClosedMarker>),
    Waiting(Box<WaitingWithdrawal>),
}

impl Current {
    fn of(entry: Option<&Entry>) -> Result<Self, StateError> {
        Ok(match entry {
            None => Self::Absent,
            Some(Entry::Open(open)) => Self::Open(Box::new(open.decode()?)),
            Some(Entry::Closed(closed)) => Self::Closed(closed.clone()),
            Some(Entry::Waiting(waiting)) => Self::Waiting(waiting.clone()),
        })
    }
}

/// An entry that a step has read.
#[derive(Debug)]
struct CachedEntry {
    current: Current,
    /// Whether it has changed since its state record was last taken.
    dirty: bool,
}

/// The running number of a partition.
#[derive(Debug)]
struct RunningNumber {
    last: u64,
    /// Whether it has changed since its state record was last taken.
    dirty: bool,
}

/// What the steps since the last commit have read and changed.
#[derive(Debug, Default)]
pub(super) struct Uncommitted {
    entries: BTreeMap<(i32, ApplicationId), CachedEntry>,
    running: BTreeMap<i32, RunningNumber>,
    /// Events, replies, notifications and archive records, in their order.
    pub(super) outputs: Vec<Outgoing>,
    pub(super) forwards: Vec<Forward>,
    /// The timers that were taken from their partitions.
    pub(super) timers: Vec<(i32, ApplicationId)>,
    /// The directory before the first change, if users were changed.
    pub(super) directory_before: Option<Directory>,
    /// The scheduled reports before the first change, if any were changed.
    pub(super) schedules_before: Option<Schedules>,
}

impl Uncommitted {
    /// The entry under `id`; read from the state of the partition the first time.
    pub(super) fn current(
        &mut self,
        partition: i32,
        id: ApplicationId,
        state: &Partition,
    ) -> Result<&Current, StateError> {
        use std::collections::btree_map::Entry::{Occupied, Vacant};
        Ok(match self.entries.entry((partition, id)) {
            Occupied(cached) => &cached.into_mut().current,
            Vacant(vacant) => {
                let current = Current::of(state.get(id))?;
                &vacant.insert(CachedEntry { current, dirty: false }).current
            }
        })
    }

    /// Changes the entry under `id`.
    pub(super) fn set(&mut self, partition: i32, id: ApplicationId, current: Current) {
        self.entries.insert((partition, id), CachedEntry { current, dirty: true });
    }

    /// The last running number of a partition.
    pub(super) fn running(&self, partition: i32, state: &Partition) -> u64 {
        self.running.get(&partition).map_or(state.running, |running| running.last)
    }

    pub(super) fn set_running(&mut self, partition: i32, running: u64) {
        self.running.insert(partition, RunningNumber { last: running, dirty: true });
    }

    /// The state records of the entries that changed since the last call: one for each, however many
    /// commands changed it.
    pub(super) fn take_state_records(&mut self) -> Vec<Outgoing> {
        let entries = self.entries.iter_mut().filter_map(|(&(partition, id), cached)| {
            std::mem::take(&mut cached.dirty).then(|| match &cached.current {
                Current::Absent => tombstone(partition, id),
                Current::Open(application) => snapshot::record(application, partition),
                Current::Closed(marker) => placed(marker.to_record(), partition),
                Current::Waiting(waiting) => placed(waiting.to_record(), partition),
            })
        });
        let counters = self.running.iter_mut().filter_map(|(&partition, it)| {
            let counter = Counter { partition, running: it.last };
            std::mem::take(&mut it.dirty).then(|| counter.to_record())
        });
        entries.chain(counters).collect()
    }
}

/// The state is written to the partition that the command came from, whatever partitioner its producer
/// used.
fn placed(record: Outgoing, partition: i32) -> Outgoing {
    Outgoing { partition: Some(partition), ..record }
}

fn tombstone(partition: i32, id: ApplicationId) -> Outgoing {
    Outgoing {
        topic: topic::APPLICATIONS,
        partition: Some(partition),
        key: Some(id.to_string().into()),
        value: None,
        headers: Vec::new(),
    }
}
