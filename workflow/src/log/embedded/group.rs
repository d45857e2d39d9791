//! Who owns which partition: members with a heartbeat, leases handed over one by one.
//!
//! A member releases what is due to another, and takes what is due to it once it is free
//! or its owner has gone silent. Every transaction checks its leases inside itself, so a
//! member that was only slow commits nothing after a takeover.

use rusqlite::params;

use super::store::{Store, Tx};
use crate::log::{LogError, Member};

/// A member that has not been heard of for so many seconds is gone.
const SILENCE: f64 = 10.0;

/// One member's place in its group.
pub struct Membership {
    pub member: Member,
    /// Unique to this incarnation: a restarted member takes over from its former self at once.
    instance: String,
    /// The partitions it owns, in order.
    pub owned: Vec<i32>,
}

/// What a heartbeat changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub assigned: Vec<i32>,
    pub revoked: Vec<i32>,
}

impl Membership {
    pub fn new(member: &Member) -> Self {
        Self { member: member.clone(), instance: uuid::Uuid::new_v4().to_string(), owned: Vec::new() }
    }

    /// Says that this member lives, and gives and takes what is due.
    pub fn beat(&mut self, store: &mut Store) -> Result<Change, LogError> {
        let row = store.topic(self.member.topic)?;
        let Member { group, slot, .. } = &self.member;
        let instance = &self.instance;
        let owned_before = self.owned.clone();
        let owned = store.write(|tx| {
            tx.sql(|t| {
                t.execute(
                    "DELETE FROM member WHERE grp = ?1 AND topic = ?2 AND seen < unixepoch('subsec') - ?3 AND slot <> ?4",
                    params![group, row.id, SILENCE, slot],
                )?;
                t.execute(
                    "INSERT INTO member(grp, topic, slot, instance, seen) VALUES(?1, ?2, ?3, ?4, unixepoch('subsec'))
                     ON CONFLICT(grp, topic, slot) DO UPDATE SET
                         seen = excluded.seen,
                         instance = CASE WHEN ?5 THEN member.instance ELSE excluded.instance END",
                    params![group, row.id, slot, instance, !owned_before.is_empty()],
                )?;
                let current: String = t.query_row(
                    "SELECT instance FROM member WHERE grp = ?1 AND topic = ?2 AND slot = ?3",
                    params![group, row.id, slot],
                    |r| r.get(0),
                )?;
                if current != *instance {
                    return Ok(None);
                }
                let members: Vec<String> = t
                    .prepare_cached("SELECT instance FROM member WHERE grp = ?1 AND topic = ?2 ORDER BY slot")?
                    .query_map(params![group, row.id], |r| r.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                let due: Vec<i32> = (0..row.partitions)
                    .zip(members.iter().cycle())
                    .filter(|(_, owner)| *owner == instance)
                    .map(|(partition, _)| partition)
                    .collect();
                let mut owned = Vec::new();
                for partition in 0..row.partitions {
                    let holder: Option<String> = t
                        .prepare_cached("SELECT instance FROM lease WHERE grp = ?1 AND topic = ?2 AND partition = ?3")?
                        .query_row(params![group, row.id, partition], |r| r.get(0))
                        .map(Some)
                        .or_else(|e| if e == rusqlite::Error::QueryReturnedNoRows { Ok(None) } else { Err(e) })?;
                    let mine = holder.as_ref() == Some(instance);
                    let free = holder.as_ref().is_none_or(|holder| !members.contains(holder));
                    if due.contains(&partition) && (mine || free) {
                        owned.push(partition);
                        t.prepare_cached(
                            "INSERT INTO lease(grp, topic, partition, instance) VALUES(?1, ?2, ?3, ?4)
                             ON CONFLICT(grp, topic, partition) DO UPDATE SET instance = excluded.instance",
                        )?
                        .execute(params![group, row.id, partition, instance])?;
                    } else if mine {
                        t.prepare_cached("DELETE FROM lease WHERE grp = ?1 AND topic = ?2 AND partition = ?3")?
                            .execute(params![group, row.id, partition])?;
                    }
                }
                Ok(Some(owned))
            })
        })?;
        let Some(owned) = owned else {
            return Err(LogError::StartOver(format!(
                "slot {slot} of {group} was taken over by another instance"
            )));
        };
        let change = Change {
            assigned: owned.iter().copied().filter(|p| !self.owned.contains(p)).collect(),
            revoked: self.owned.iter().copied().filter(|p| !owned.contains(p)).collect(),
        };
        self.owned = owned;
        Ok(change)
    }

    /// Fails unless this member still owns everything it believes it owns.
    pub fn check(&self, tx: &mut Tx<'_>) -> Result<(), LogError> {
        let row = tx.topic(self.member.topic)?;
        let count: i64 = tx.sql(|t| {
            t.prepare_cached("SELECT count(*) FROM lease WHERE grp = ?1 AND topic = ?2 AND instance = ?3")?
                .query_row(params![self.member.group, row.id, self.instance], |r| r.get(0))
        })?;
        if usize::try_from(count) == Ok(self.owned.len()) {
            Ok(())
        } else {
            Err(LogError::StartOver(format!(
                "partitions of {} were taken over by another member",
                self.member.group
            )))
        }
    }

    /// Leaves, so that others need not wait for the silence.
    pub fn leave(&mut self, store: &mut Store) -> Result<(), LogError> {
        let row = store.topic(self.member.topic)?;
        store.write(|tx| {
            tx.sql(|t| {
                t.execute(
                    "DELETE FROM lease WHERE grp = ?1 AND topic = ?2 AND instance = ?3",
                    params![self.member.group, row.id, self.instance],
                )?;
                t.execute(
                    "DELETE FROM member WHERE grp = ?1 AND topic = ?2 AND instance = ?3",
                    params![self.member.group, row.id, self.instance],
                )
            })
        })?;
        Ok(())
    }
}
