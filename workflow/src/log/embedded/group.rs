//! Which member owns which partition, by heartbeats and leases.
//!
//! A member releases the partitions that are due to another member, and takes those due to itself once
//! they are free or their owner has gone silent. Every transaction checks the leases inside itself, so
//! a member that was only slow cannot commit after another has taken over.

use rusqlite::{OptionalExtension, params};

use super::store::{Store, Tx};
use crate::log::{LogError, Member};

/// A member without a heartbeat for this many seconds is gone.
const SILENCE: f64 = 10.0;
/// How often expired records are removed, in seconds, by whichever member comes first.
const UPKEEP: f64 = 600.0;

/// One member's place in its group.
pub struct Membership {
    pub member: Member,
    /// Unique to this start of the member: a restarted member takes over from its predecessor at once.
    instance: String,
    joined: bool,
    /// The partitions it owns, in order.
    pub owned: Vec<i32>,
}

/// How many members of a group have had a heartbeat lately.
pub fn alive(store: &mut Store, group: &str, topic: &str) -> Result<usize, LogError> {
    let row = store.topic(topic)?;
    let count: i64 = store.read(|c| {
        c.prepare_cached(
            "SELECT count(*) FROM member WHERE grp = ?1 AND topic = ?2 AND seen >= unixepoch('subsec') - ?3",
        )?
        .query_row(params![group, row.id, SILENCE], |r| r.get(0))
    })?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// What a heartbeat changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub assigned: Vec<i32>,
    pub revoked: Vec<i32>,
}

impl Membership {
    pub fn new(member: &Member) -> Self {
        Self {
            member: member.clone(),
            instance: uuid::Uuid::new_v4().to_string(),
            joined: false,
            owned: Vec::new(),
        }
    }

    /// Records the heartbeat, and releases and takes the partitions that are due.
    pub fn beat(&mut self, store: &mut Store) -> Result<Change, LogError> {
        let row = store.topic(self.member.topic)?;
        let Member { group, slot, .. } = &self.member;
        let instance = &self.instance;
        let joined = self.joined;
        let owned = store.write(|tx| {
            tx.sql(|t| {
                t.execute(
                    "DELETE FROM member WHERE grp = ?1 AND topic = ?2 AND seen < unixepoch('subsec') - ?3 AND slot <> ?4",
                    params![group, row.id, SILENCE, slot],
                )?;
                let alive = if joined {
                    t.prepare_cached(
                        "UPDATE member SET seen = unixepoch('subsec')
                         WHERE grp = ?1 AND topic = ?2 AND slot = ?3 AND instance = ?4",
                    )?
                    .execute(params![group, row.id, slot, instance])?
                } else {
                    t.execute(
                        "REPLACE INTO member(grp, topic, slot, instance, seen)
                         VALUES(?1, ?2, ?3, ?4, unixepoch('subsec'))",
                        params![group, row.id, slot, instance],
                    )?
                };
                if alive == 0 {
                    let other = t
                        .prepare_cached("SELECT 1 FROM member WHERE grp = ?1 AND topic = ?2 AND slot = ?3")?
                        .exists(params![group, row.id, slot])?;
                    return Ok(Err(other));
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
                        .optional()?;
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
                Ok(Ok(owned))
            })
        })?;
        store.upkeep(UPKEEP)?;
        self.joined = true;
        let owned = match owned {
            Ok(owned) => owned,
            Err(true) => {
                return Err(LogError::Fenced(format!("slot {slot} of {group} has another instance")));
            }
            Err(false) => {
                return Err(LogError::StartOver(format!("slot {slot} of {group} was silent for too long")));
            }
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
        if self.owned.is_empty() {
            return Err(LogError::StartOver(format!("no partition of {} is ours", self.member.topic)));
        }
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

    /// Leaves the group, so that others take over at once.
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
