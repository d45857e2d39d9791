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
    /// All that was committed to the log before this moment is in the read model.
    pub as_of: Timestamp,
    /// When the log was asked: `as_of` of a read model that has everything.
    pub asked_at: Timestamp,
    /// How far the sink has read `ebasvuru.events`: its next offsets, summed over the partitions. Of two
    /// documents, the one with the larger sum was made of more events.
    pub event_offset: i64,
}

/// A partition of a topic.
type Partition = (&'static str, i32);

/// How many moments are remembered at most. A lag is known to a hundredth of its length.
const MOMENTS: usize = 256;
/// How long neither the log nor the sink moves in a partition before a record is looked for there: longer than a
/// busy sink waits for more before it writes.
const SETTLED: SignedDuration = SignedDuration::from_secs(4);
/// How long a moment that was found by reading records is given again.
const FOUND_FOR: SignedDuration = SignedDuration::from_secs(10);

/// Asks the log again and again. It remembers the high watermarks that it was told before, so that it seldom has to
/// read a record to know since when one waits: with a sink that writes each few seconds, some always do.
#[derive(Debug)]
pub struct Probe {
    /// The oldest first. The sink has passed none but the first.
    moments: VecDeque<Moment>,
    /// Of the moments all are remembered whose number is a multiple of this; and the first and the last one.
    step: u64,
    /// How often the log was asked.
    asked: u64,
    /// Each partition as it was when the log was asked last.
    seen: HashMap<Partition, Seen>,
    /// The last moment that was found by reading records, and when.
    found: Option<(Timestamp, Timestamp)>,
}

impl Default for Probe {
    fn default() -> Self {
        Self { moments: VecDeque::new(), step: 1, asked: 0, seen: HashMap::new(), found: None }
    }
}

/// The high watermarks once.
#[derive(Debug)]
struct Moment {
    number: u64,
    /// Taken before: all that was committed before it is below them.
    at: Timestamp,
    highs: HashMap<Partition, i64>,
}

/// What the sink has yet to read of a partition.
#[derive(Clone, Copy, Debug)]
struct Seen {
    unread: Unread,
    /// Since when it is so.
    since: Timestamp,
    waits: Waits,
}

/// Whether a record waits. On Kafka none does after every last record, for as long as nothing happens: there is only
/// the marker of its transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Unknown,
    No,
    /// One that was appended then; `None`: its time cannot be read.
    Since(Option<Timestamp>),
}

impl Seen {
    /// The partition as it is now, after it was `before`.
    fn now(unread: Unread, now: Timestamp, before: Option<&Self>) -> Self {
        let waits = match before {
            Some(before) if before.unread == unread => return *before,
            _ if unread.next >= unread.high => Waits::No,
            // The first one still waits.
            Some(Self { waits: waits @ Waits::Since(_), unread: before, .. })
                if before.next == unread.next =>
            {
                *waits
            }
            _ => Waits::Unknown,
        };
        Self { unread, since: now, waits }
    }

    /// Reads whether a record waits.
    fn look(&mut self, log: &dyn Log, topic: &str) -> Result<(), LogError> {
        let lag = self.unread.lag(log, topic)?;
        self.waits = if lag.records > 0 { Waits::Since(lag.oldest) } else { Waits::No };
        Ok(())
    }
}

/// What the log answered to a question; [`Probe::freshness`] tells what follows.
#[derive(Debug)]
pub struct Answer {
    now: Timestamp,
    event_offset: i64,
    /// The sink has been set back, as by `ebasvuru rebuild`: what ClickHouse said before may not count any more.
    pub set_back: bool,
}

impl Probe {
    /// Asks how far log and sink are. Blocks; reads no records. `now` is taken before, because records may be
    /// appended meanwhile.
    ///
    /// # Errors
    /// The log's.
    pub fn ask(&mut self, log: &dyn Log, now: Timestamp) -> Result<Answer, LogError> {
        let (mut seen, mut event_offset) = (HashMap::new(), 0);
        for source in Source::READ_MODEL {
            for unread in unread(log, source.group(), source.topic())? {
                if source == Source::Events {
                    event_offset += unread.next;
                }
                let partition = (source.topic(), unread.partition);
                seen.insert(partition, Seen::now(unread, now, self.seen.get(&partition)));
            }
        }
        let is_behind = |(partition, before): (&Partition, &Seen)| {
            seen.get(partition).is_none_or(|seen| seen.unread.next < before.unread.next)
        };
        let set_back = self.seen.iter().any(is_behind);
        // The moments of a clock that has been set back would lie in the future.
        if set_back || self.moments.back().is_some_and(|last| now < last.at) {
            *self = Self { asked: self.asked, ..Self::default() };
            seen.values_mut().for_each(|seen| seen.since = now);
        }
        self.seen = seen;
        Ok(Answer { now, event_offset, set_back })
    }

    /// How current the read model was at the time of the question. What it says is true, but its moment may be
    /// earlier than it could be, by some questions. `None` if a record waits whose time cannot be read. Blocks; may
    /// read records.
    ///
    /// # Errors
    /// The log's.
    pub fn freshness(&mut self, log: &dyn Log, answer: &Answer) -> Result<Option<Freshness>, LogError> {
        let Answer { now, event_offset, .. } = *answer;
        let as_of = self.as_of(log, now);
        self.remember(now);
        Ok(as_of?.map(|as_of| Freshness { as_of: as_of.min(now), asked_at: now, event_offset }))
    }

    /// The latest known moment before which the sink has read everything.
    fn as_of(&mut self, log: &dyn Log, now: Timestamp) -> Result<Option<Timestamp>, LogError> {
        for ((topic, _), seen) in &mut self.seen {
            if seen.waits == Waits::Unknown && now.duration_since(seen.since) >= SETTLED {
                seen.look(log, topic)?;
            }
        }
        let waiting = || self.seen.iter().filter(|(_, seen)| seen.waits != Waits::No);
        if waiting().next().is_none() {
            self.moments.clear();
            return Ok(Some(now));
        }
        // A partition that was not there had nothing.
        let is_read = |moment: &Moment| {
            let passed = |(partition, seen): (&Partition, &Seen)| {
                moment.highs.get(partition).is_none_or(|high| *high <= seen.unread.next)
            };
            waiting().all(passed)
        };
        if let Some(last) = self.moments.iter().rposition(is_read) {
            self.moments.drain(..last);
            return Ok(self.moments.front().map(|moment| moment.at));
        }
        // It has been behind since before the first question. What was found then is still true.
        if let Some((as_of, at)) = self.found
            && now.duration_since(at) < FOUND_FOR
        {
            return Ok(Some(as_of));
        }
        let mut oldest = now;
        for ((topic, _), seen) in &mut self.seen {
            if seen.waits == Waits::Unknown {
                seen.look(log, topic)?;
            }
            match seen.waits {
                Waits::Since(Some(at)) => oldest = oldest.min(at),
                Waits::Since(None) => return Ok(None),
                Waits::No | Waits::Unknown => {}
            }
        }
        self.found = Some((oldest, now));
        Ok(Some(oldest))
    }

    fn remember(&mut self, at: Timestamp) {
        if self.moments.len() == 1 {
            self.step = 1;
        } else if self.moments.back().is_some_and(|last| last.number % self.step != 0) {
            self.moments.pop_back();
        }
        self.asked += 1;
        let highs = self.seen.iter().map(|(partition, seen)| (*partition, seen.unread.high)).collect();
        self.moments.push_back(Moment { number: self.asked, at, highs });
        if self.moments.len() > MOMENTS {
            self.step *= 2;
            let (step, ends) = (self.step, [self.moments.front(), self.moments.back()]);
            let ends = ends.map(|moment| moment.map(|moment| moment.number));
            self.moments.retain(|it| it.number % step == 0 || ends.contains(&Some(it.number)));
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
