//! A group member: the sink's consumer and the processors' transactor.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::group::Membership;
use super::store::Store;
use crate::log::{
    Consumer, LogError, Member, Outgoing, POLL_BYTES, Polled, Position, Record, TransactError, Transactor,
};

/// How often a member sends its heartbeat.
const BEAT: Duration = Duration::from_secs(1);

pub struct EmbeddedMember {
    store: Store,
    topic: Arc<str>,
    membership: Membership,
    beaten: Option<Instant>,
    /// Changes of assignment that have not been returned yet, revocations first.
    changes: Vec<Polled>,
    /// Next offset of each owned partition.
    next: BTreeMap<i32, i64>,
    /// The committed offset of each owned partition, or where it began.
    committed: BTreeMap<i32, i64>,
    paused: BTreeSet<i32>,
    /// The outputs of the open transaction. They are written at once at its commit: SQLite has one
    /// writer, and the others would wait while the processor works.
    appended: Vec<Outgoing>,
}

impl EmbeddedMember {
    pub fn join(mut store: Store, member: &Member) -> Result<Self, LogError> {
        store.topic(member.topic)?;
        Ok(Self {
            store,
            topic: member.topic.into(),
            membership: Membership::new(member),
            beaten: None,
            changes: Vec::new(),
            next: BTreeMap::new(),
            committed: BTreeMap::new(),
            paused: BTreeSet::new(),
            appended: Vec::new(),
        })
    }

    fn beat(&mut self) -> Result<(), LogError> {
        if self.beaten.is_some_and(|at| at.elapsed() < BEAT) {
            return Ok(());
        }
        let change = self.membership.beat(&mut self.store)?;
        self.beaten = Some(Instant::now());
        if !change.revoked.is_empty() {
            self.next.retain(|partition, _| !change.revoked.contains(partition));
            self.committed.retain(|partition, _| !change.revoked.contains(partition));
            self.paused.retain(|partition| !change.revoked.contains(partition));
            self.changes.push(Polled::Revoked(change.revoked));
        }
        if !change.assigned.is_empty() {
            self.rewind(&change.assigned)?;
            self.changes.push(Polled::Assigned(change.assigned));
        }
        Ok(())
    }

    /// Goes back to the committed offsets, or to the beginning of partitions without one.
    fn rewind(&mut self, partitions: &[i32]) -> Result<(), LogError> {
        let committed = self.store.positions(&self.membership.member.group, &self.topic)?;
        let bounds = self.store.bounds(&self.topic)?;
        for partition in partitions {
            let low = bounds.iter().find(|b| b.partition == *partition).map_or(0, |b| b.low);
            let at = committed.iter().find(|p| p.partition == *partition).map_or(low, |p| p.offset);
            self.next.insert(*partition, at);
            self.committed.insert(*partition, at);
        }
        Ok(())
    }

    fn take(&mut self, max: usize) -> Result<Vec<Record>, LogError> {
        let mut records: Vec<Record> = Vec::new();
        let open = self.next.len().saturating_sub(self.paused.len()).max(1);
        // Each partition gets its share, so that a busy one does not starve the others.
        let (fair, fair_bytes) = (max.div_ceil(open), POLL_BYTES.div_ceil(open));
        for (partition, next) in &mut self.next {
            if self.paused.contains(partition) || records.len() >= max {
                continue;
            }
            let left = fair.min(max - records.len());
            let part = self.store.records(&self.topic, *partition, *next, left, fair_bytes)?;
            if let Some(last) = part.last() {
                *next = last.offset + 1;
            }
            records.extend(part);
        }
        Ok(records)
    }

    fn poll_any(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError> {
        let until = Instant::now() + wait;
        loop {
            self.beat()?;
            if !self.changes.is_empty() {
                return Ok(self.changes.remove(0));
            }
            let seen = self.store.version()?;
            let records = self.take(max)?;
            if !records.is_empty() {
                return Ok(Polled::Records(records));
            }
            if !self.store.await_change(seen, until.min(Instant::now() + BEAT))? && Instant::now() >= until {
                return Ok(Polled::Idle);
            }
        }
    }

    fn write(&mut self, positions: &[Position], outputs: &[Outgoing]) -> Result<(), LogError> {
        let membership = &self.membership;
        let written = self.store.write(|tx| {
            membership.check(tx)?;
            tx.append(outputs)?;
            for position in positions {
                tx.set_position(&membership.member.group, membership.member.topic, position)?;
            }
            Ok(())
        });
        if written.is_err() {
            // The next poll checks at once whether this member is still in the group.
            self.beaten = None;
        }
        written
    }
}

impl Consumer for EmbeddedMember {
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError> {
        self.poll_any(max, wait)
    }

    fn committed(&mut self, partitions: &[i32]) -> Result<Vec<Position>, LogError> {
        let mut positions = self.store.positions(&self.membership.member.group, &self.topic)?;
        positions.retain(|p| partitions.contains(&p.partition));
        Ok(positions)
    }

    fn commit(&mut self, positions: &[Position]) -> Result<(), LogError> {
        self.write(positions, &[])
    }

    fn seek(&mut self, partition: i32, offset: i64) -> Result<(), LogError> {
        if let Some(next) = self.next.get_mut(&partition) {
            *next = offset;
        }
        Ok(())
    }

    fn pause(&mut self, partition: i32, paused: bool) -> Result<(), LogError> {
        if paused {
            self.paused.insert(partition);
        } else {
            self.paused.remove(&partition);
        }
        Ok(())
    }
}

impl Transactor for EmbeddedMember {
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError> {
        self.poll_any(max, wait)
    }

    fn append(&mut self, outputs: Vec<Outgoing>) -> Result<(), TransactError> {
        self.appended.extend(outputs);
        Ok(())
    }

    fn transact(&mut self, consumed: &[(i32, i64)], outputs: Vec<Outgoing>) -> Result<(), TransactError> {
        self.appended.extend(outputs);
        let outputs = std::mem::take(&mut self.appended);
        let positions: Vec<Position> = consumed
            .iter()
            .map(|(partition, offset)| Position {
                partition: *partition,
                offset: *offset,
                metadata: String::new(),
            })
            .collect();
        if let Some((foreign, _)) = consumed.iter().find(|(p, _)| !self.next.contains_key(p)) {
            return Err(TransactError::StartOver(format!("partition {foreign} is not ours any more")));
        }
        if !(consumed.is_empty() && outputs.is_empty()) {
            match self.write(&positions, &outputs) {
                Ok(()) => {}
                Err(LogError::Unavailable(reason)) => {
                    let rewound = self.rewind(&self.membership.owned.clone());
                    return Err(match rewound {
                        Ok(()) => TransactError::Aborted(reason),
                        Err(e) => TransactError::StartOver(e.to_string()),
                    });
                }
                Err(LogError::TooLarge(why)) => return Err(TransactError::TooLarge(why)),
                Err(e) => return Err(TransactError::StartOver(e.to_string())),
            }
        }
        self.committed.extend(consumed.iter().copied());
        // Records that were delivered but not processed are delivered again.
        self.next.clone_from(&self.committed);
        Ok(())
    }

    fn replay(
        &mut self,
        topic: &str,
        partitions: &[i32],
        each: &mut dyn FnMut(Record),
    ) -> Result<(), LogError> {
        let name: Arc<str> = topic.into();
        for partition in partitions {
            let mut next = 0;
            loop {
                let part = self.store.records(&name, *partition, next, 1000, POLL_BYTES)?;
                let Some(last) = part.last() else { break };
                next = last.offset + 1;
                part.into_iter().for_each(&mut *each);
            }
        }
        Ok(())
    }
}

impl Drop for EmbeddedMember {
    fn drop(&mut self) {
        if let Err(error) = self.membership.leave(&mut self.store) {
            let group = &self.membership.member.group;
            tracing::warn!(
                error.message = %error,
                group.name = %group,
                "{group} could not be left; its other members wait until this one counts as gone"
            );
        }
    }
}
