//! The state of one partition: exactly the replay of its part of the state topic.
//!
//! Restoring and committing apply records by the same [`Partition::apply`], so that a worker that
//! continues and one that restarts have the same state.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use crate::domain::application::{Application, ClosedMarker};
use crate::domain::ids::ApplicationId;
use crate::log::Record;
use crate::message::{DecodeError, Message, StateRecord, WaitingWithdrawal, type_of};

use super::retention::WorkflowRetention;
use super::snapshot::{Holding, SnapshotIndex};

/// Why a record of the state topic cannot be applied. Continuing without it would lose it.
#[derive(Debug, thiserror::Error)]
pub(super) enum StateError {
    #[error("the key of a state record is not an application id")]
    Key,
    #[error(transparent)]
    Value(#[from] DecodeError),
}

/// The state under an application id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Open(Open),
    Closed(Box<ClosedMarker>),
    Waiting(Box<WaitingWithdrawal>),
}

/// An open application: its snapshot as it is in the log, decoded when needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// The bytes that were read, not a copy: copying doubled the time of a restore.
    pub(super) snapshot: Bytes,
    pub(super) index: SnapshotIndex,
}

impl Open {
    pub(super) fn decode(&self) -> Result<Application, StateError> {
        let application = serde_json::from_slice(&self.snapshot);
        application.map_err(|e| DecodeError::Malformed(Application::TYPE, e).into())
    }
}

/// The state of one partition.
#[derive(Debug, Default)]
pub(super) struct Partition {
    entries: HashMap<ApplicationId, Entry>,
    /// The last running number that was used for an application.
    pub(super) running: u64,
    /// When to check which entry. A timer that does not match its entry any more is stale, and is
    /// dropped when its time comes.
    timers: BinaryHeap<Reverse<(Timestamp, ApplicationId)>>,
    /// Which applications each holder has.
    held: HashMap<Arc<Holding>, HashSet<ApplicationId>>,
}

impl Partition {
    pub(super) fn get(&self, id: ApplicationId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// Who holds applications of which unit, in a stable order.
    pub(super) fn holdings(&self) -> BTreeSet<Arc<Holding>> {
        self.held.keys().cloned().collect()
    }

    /// The applications of one holder and unit, in a stable order.
    pub(super) fn held_by(&self, holding: &Holding) -> BTreeSet<ApplicationId> {
        self.held.get(holding).into_iter().flatten().copied().collect()
    }

    /// Applies one record of the state topic, while restoring or after its commit.
    pub(super) fn apply(&mut self, record: &Record, retention: WorkflowRetention) -> Result<(), StateError> {
        let entry = match &record.value {
            None => None,
            Some(value) => Some(match SnapshotIndex::from_headers(&record.headers) {
                Some(index) if type_of(record) == Application::TYPE => {
                    Entry::Open(Open { snapshot: value.clone(), index })
                }
                _ => match StateRecord::from_record(record)? {
                    StateRecord::Application(application) => {
                        Entry::Open(Open { snapshot: value.clone(), index: SnapshotIndex::of(&application) })
                    }
                    StateRecord::ClosedMarker(marker) => Entry::Closed(Box::new(marker)),
                    StateRecord::Waiting(waiting) => Entry::Waiting(Box::new(waiting)),
                    StateRecord::Counter(counter) => {
                        self.running = self.running.max(counter.running);
                        return Ok(());
                    }
                },
            }),
        };
        self.replace(id_of(record.key.as_ref())?, entry, retention);
        Ok(())
    }

    fn replace(&mut self, id: ApplicationId, mut entry: Option<Entry>, retention: WorkflowRetention) {
        let timer = entry.as_ref().and_then(|entry| timer_of(entry, retention));
        let before = self.entries.remove(&id);
        if let Some(at) = timer
            && before.as_ref().and_then(|before| timer_of(before, retention)) != timer
        {
            self.timers.push(Reverse((at, id)));
        }
        if let Some(holding) = before.as_ref().and_then(holding_of)
            && let Some(ids) = self.held.get_mut(holding)
        {
            ids.remove(&id);
            if ids.is_empty() {
                self.held.remove(holding);
            }
        }
        if let Some(Entry::Open(Open { index: SnapshotIndex { holding: Some(holding), .. }, .. })) =
            &mut entry
        {
            // One allocation for all applications of one holder.
            if let Some((known, _)) = self.held.get_key_value(holding) {
                *holding = known.clone();
            }
            self.held.entry(holding.clone()).or_default().insert(id);
        }
        if let Some(entry) = entry {
            self.entries.insert(id, entry);
        }
    }

    /// Takes out up to `limit` timers that are due. If the results are not committed, the caller gives
    /// the timers back by [`Partition::rearm`].
    pub(super) fn take_due(
        &mut self,
        now: Timestamp,
        limit: usize,
        retention: WorkflowRetention,
    ) -> Vec<ApplicationId> {
        let mut due = Vec::new();
        while due.len() < limit
            && let Some(&Reverse((at, id))) = self.timers.peek()
            && at <= now
        {
            self.timers.pop();
            if self.entries.get(&id).and_then(|entry| timer_of(entry, retention)) == Some(at) {
                due.push(id);
            }
        }
        due
    }

    /// Sets a timer again that [`Partition::take_due`] took.
    pub(super) fn rearm(&mut self, id: ApplicationId, retention: WorkflowRetention) {
        if let Some(at) = self.entries.get(&id).and_then(|entry| timer_of(entry, retention)) {
            self.timers.push(Reverse((at, id)));
        }
    }
}

#[cfg(test)]
impl Partition {
    /// Everything in which two partitions must agree, as text, without stale timers.
    pub(super) fn view(&self, retention: WorkflowRetention) -> (u64, Vec<String>, Vec<String>, Vec<String>) {
        let mut entries: Vec<_> = self.entries.iter().map(|entry| format!("{entry:?}")).collect();
        let live = self.timers.iter().filter(|Reverse((at, id))| {
            self.entries.get(id).and_then(|entry| timer_of(entry, retention)) == Some(*at)
        });
        let mut timers: Vec<_> = live.map(|Reverse(timer)| format!("{timer:?}")).collect();
        let mut held: Vec<_> =
            self.holdings().iter().map(|h| format!("{h:?} {:?}", self.held_by(h))).collect();
        entries.sort();
        timers.sort();
        timers.dedup();
        held.sort();
        (self.running, entries, timers, held)
    }
}

fn id_of(key: Option<&Bytes>) -> Result<ApplicationId, StateError> {
    let key = key.and_then(|key| std::str::from_utf8(key).ok()).ok_or(StateError::Key)?;
    key.parse().map_err(|_| StateError::Key)
}

fn holding_of(entry: &Entry) -> Option<&Arc<Holding>> {
    match entry {
        Entry::Open(open) => open.index.holding.as_ref(),
        Entry::Closed(_) | Entry::Waiting(_) => None,
    }
}

fn timer_of(entry: &Entry, retention: WorkflowRetention) -> Option<Timestamp> {
    match entry {
        Entry::Open(open) => open.index.next_timer,
        Entry::Closed(marker) => marker.closed_at.checked_add(retention.deduplication).ok(),
        Entry::Waiting(waiting) => waiting.since.checked_add(retention.withdrawal).ok(),
    }
}
