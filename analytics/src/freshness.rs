//! How current the read model is, found by what the sink has yet to read of the log.

use std::collections::{HashMap, VecDeque};

use ebasvuru_workflow::log::lag::{Unread, unread};
use ebasvuru_workflow::log::{Log, LogError};
use jiff::{SignedDuration, Timestamp};

use crate::sink::Source;

/// Beyond this, people are warned.
const TOLERATED: SignedDuration = SignedDuration::from_mins(1);

/// The read model compared with the log at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// All that was appended to the log before this moment is in the read model.
    pub as_of: Timestamp,
    /// When the log was asked: `as_of` of a read model that has everything.
    pub asked_at: Timestamp,
    /// How far the sink has read `ebasvuru.events`: its next offsets, summed over the partitions. Of two
    /// documents, the one with the larger sum was made of more events.
    pub event_offset: i64,
}

/// A partition of a topic.
type Place = (&'static str, i32);

/// How many moments are remembered. When there are more, every second one is forgotten: the longer ago, the
/// further they are apart.
const MOMENTS: usize = 1_024;

/// How long neither the log nor the sink moves in a partition before it is looked up whether a record waits there.
const SETTLED: SignedDuration = SignedDuration::from_secs(4);

/// Asks the log again and again. It remembers where the partitions ended each time, so that it seldom has to read
/// a record to know since when one waits: with a sink that writes each few seconds, some always do.
#[derive(Debug, Default)]
pub struct Probe {
    /// The oldest first.
    moments: VecDeque<Moment>,
    /// Each partition as it was when the log was asked last.
    seen: HashMap<Place, Seen>,
}

/// Where the partitions ended, once.
#[derive(Debug)]
struct Moment {
    /// Taken before: all that was appended before it is below the ends.
    at: Timestamp,
    ends: HashMap<Place, i64>,
}

/// What the sink has yet to read of a partition.
#[derive(Clone, Copy, Debug)]
struct Seen {
    unread: Unread,
    /// Since when it is so.
    since: Timestamp,
    /// Whether a record is among these offsets; `None`: not known. On Kafka there is none after every last record,
    /// for as long as nothing happens.
    holds: Option<bool>,
}

impl Seen {
    /// The partition as it is now, after it was `before`.
    fn now(unread: Unread, now: Timestamp, before: Option<&Self>) -> Self {
        match before {
            Some(before) if before.unread == unread => *before,
            // The first of them still waits.
            Some(Self { holds: Some(true), unread: Unread { next, .. }, .. }) if *next == unread.next => {
                Self { unread, since: now, holds: Some(true) }
            }
            _ => Self { unread, since: now, holds: (unread.next >= unread.high).then_some(false) },
        }
    }
}

impl Probe {
    /// Asks now. Blocks. `now` is taken before, because records may be appended meanwhile. What the answer says is
    /// true, but its moment may be earlier than it could be, by the time of some questions. `None` if a record waits
    /// whose time cannot be read.
    ///
    /// # Errors
    /// The log's.
    pub fn ask(&mut self, log: &dyn Log, now: Timestamp) -> Result<Option<Freshness>, LogError> {
        let (mut seen, mut event_offset) = (HashMap::new(), 0);
        for source in Source::READ_MODEL {
            for unread in unread(log, source.group(), source.topic())? {
                if source == Source::Events {
                    event_offset += unread.next;
                }
                let place = (source.topic(), unread.partition);
                seen.insert(place, Seen::now(unread, now, self.seen.get(&place)));
            }
        }
        self.seen = seen;
        let as_of = self.as_of(log, now)?;
        let ends = self.seen.iter().map(|(place, seen)| (*place, seen.unread.high)).collect();
        self.remember(Moment { at: now, ends });
        Ok(as_of.map(|as_of| Freshness { as_of: as_of.min(now), asked_at: now, event_offset }))
    }

    /// The latest moment before which the sink has read everything.
    fn as_of(&mut self, log: &dyn Log, now: Timestamp) -> Result<Option<Timestamp>, LogError> {
        let unsettled = |seen: &&mut Seen| seen.holds.is_none() && now.duration_since(seen.since) >= SETTLED;
        for ((topic, _), seen) in self.seen.iter_mut().filter(|(_, seen)| unsettled(seen)) {
            seen.holds = Some(seen.unread.lag(log, topic)?.records > 0);
        }
        let waiting = || self.seen.iter().filter(|(_, seen)| seen.holds != Some(false));
        if waiting().next().is_none() {
            return Ok(Some(now));
        }
        // A partition that was not there had nothing.
        let is_read = |moment: &&Moment| {
            waiting().all(|(place, seen)| moment.ends.get(place).is_none_or(|end| *end <= seen.unread.next))
        };
        if let Some(moment) = self.moments.iter().rev().find(is_read) {
            return Ok(Some(moment.at));
        }
        // It is behind since before the first question: the first record of each partition tells.
        let mut oldest = now;
        for ((topic, _), seen) in waiting() {
            let lag = seen.unread.lag(log, topic)?;
            if lag.records > 0 {
                let Some(at) = lag.oldest else { return Ok(None) };
                oldest = oldest.min(at);
            }
        }
        Ok(Some(oldest))
    }

    fn remember(&mut self, moment: Moment) {
        self.moments.push_back(moment);
        if self.moments.len() > MOMENTS {
            let mut keeps = false;
            self.moments.retain(|_| {
                keeps = !keeps;
                keeps
            });
        }
    }
}

impl Freshness {
    /// How far the sink was behind.
    #[must_use]
    pub fn lag(&self) -> SignedDuration {
        self.asked_at.duration_since(self.as_of)
    }

    /// Whether people must be warned: numbers and lists lack what happened more than a minute ago.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.lag() > TOLERATED
    }
}

#[cfg(test)]
mod tests;
