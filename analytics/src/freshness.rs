//! How current the read model is, found by what the sink has yet to read of the log.

use std::collections::{HashMap, VecDeque};

use ebasvuru_workflow::log::lag::{Unread, count, unread};
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

/// How many moments are remembered at most.
const MOMENTS: u64 = 256;
/// How long neither the log nor the sink moves in a partition before a record is looked for there: longer than a
/// busy sink waits for more before it writes.
const SETTLED: SignedDuration = SignedDuration::from_secs(4);
/// How long a moment that was found by reading records is given again.
const FOUND_FOR: SignedDuration = SignedDuration::from_secs(10);

/// How far log and sink are, at one moment.
#[derive(Debug)]
pub struct Answer {
    /// Taken before the log is asked, because records may be appended meanwhile.
    now: Timestamp,
    unread: HashMap<Partition, Unread>,
    /// See [`Freshness::event_offset`].
    event_offset: i64,
}

impl Answer {
    /// Asks the log. Blocks; reads no records.
    ///
    /// # Errors
    /// The log's.
    pub fn ask(log: &dyn Log, now: Timestamp) -> Result<Self, LogError> {
        let mut answer = Self { now, unread: HashMap::new(), event_offset: 0 };
        for source in Source::READ_MODEL {
            for unread in unread(log, source.group(), source.topic())? {
                if source == Source::Events {
                    answer.event_offset += unread.next;
                }
                answer.unread.insert((source.topic(), unread.partition), unread);
            }
        }
        Ok(answer)
    }
}

/// Makes answers into moments. It remembers the high watermarks of earlier answers, so that it seldom has to read a
/// record to know since when one waits: with a sink that writes each few seconds, some always do.
#[derive(Debug)]
pub struct Probe {
    /// The oldest first. The sink has passed none but the first.
    moments: VecDeque<Moment>,
    /// Of the moments all are remembered whose number is a multiple of this; and the first and the last one.
    step: u64,
    /// The number of answers.
    answers: u64,
    /// Each partition as it was in the last answer.
    seen: HashMap<Partition, Seen>,
    /// The last moment that was found by reading records, and when.
    found: Option<(Timestamp, Timestamp)>,
}

impl Default for Probe {
    fn default() -> Self {
        Self { moments: VecDeque::new(), step: 1, answers: 0, seen: HashMap::new(), found: None }
    }
}

/// The high watermarks of one answer.
#[derive(Debug)]
struct Moment {
    number: u64,
    /// All that was committed before it is below them.
    at: Timestamp,
    highs: HashMap<Partition, i64>,
}

/// What the sink has yet to read of a partition.
#[derive(Clone, Copy, Debug)]
struct Seen {
    unread: Unread,
    /// Since when it is so.
    since: Timestamp,
    /// No record is between the next offset and this one. On Kafka the last offset is that of the marker of a
    /// transaction, which the sink passes only with the next record.
    empty_until: i64,
    /// When the first record that waits was appended, if that has been read.
    first: Option<Timestamp>,
}

impl Seen {
    /// The partition as it is now, after it was `before`.
    fn now(unread: Unread, now: Timestamp, before: Option<&Self>) -> Self {
        match before {
            Some(before) if before.unread == unread => *before,
            Some(before) if before.unread.next == unread.next => Self { unread, since: now, ..*before },
            _ => Self { unread, since: now, empty_until: unread.next, first: None },
        }
    }

    /// Whether the sink has every record below this watermark.
    fn has_passed(&self, high: i64) -> bool {
        high <= self.unread.next.max(self.empty_until)
    }

    /// Whether nothing is known to wait.
    fn rests(&self) -> bool {
        self.has_passed(self.unread.high)
    }

    /// Reads since when a record waits, if one does.
    fn look(&mut self, log: &dyn Log, topic: &str) -> Result<(), LogError> {
        if let [lag] = count(log, topic, &[self.unread])?[..] {
            self.first = lag.oldest;
            if lag.records == 0 {
                self.empty_until = self.unread.high;
            }
        }
        Ok(())
    }
}

impl Probe {
    /// Takes the next answer. Returns whether the sink or the clock has been set back, as `ebasvuru rebuild` does with
    /// the sink: what ClickHouse said before may not count any more.
    pub fn take(&mut self, answer: &Answer) -> bool {
        let now = answer.now;
        let set_back = self.moments.back().is_some_and(|last| now < last.at)
            || self.seen.iter().any(|(partition, seen)| {
                answer.unread.get(partition).is_none_or(|unread| unread.next < seen.unread.next)
            });
        if set_back {
            *self = Self { answers: self.answers, ..Self::default() };
        }
        let before = &self.seen;
        let seen = answer.unread.iter();
        let seen =
            seen.map(|(partition, unread)| (*partition, Seen::now(*unread, now, before.get(partition))));
        self.seen = seen.collect();
        set_back
    }

    /// How current the read model was at the time of the answer taken last. What it says is true, but its moment may
    /// be earlier than it could be, by some answers. `None` if a record waits whose time cannot be read. Blocks; may
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
            if !seen.rests() && seen.first.is_none() && now.duration_since(seen.since) >= SETTLED {
                // Without it, the moments tell less.
                let _ = seen.look(log, topic);
            }
        }
        let waiting = || self.seen.iter().filter(|(_, seen)| !seen.rests());
        if waiting().next().is_none() {
            self.moments.clear();
            self.found = None;
            return Ok(Some(now));
        }
        // A partition that was not there had nothing.
        let is_passed = |moment: &Moment| {
            waiting().all(|(partition, seen)| {
                moment.highs.get(partition).is_none_or(|high| seen.has_passed(*high))
            })
        };
        if let Some(last) = self.moments.iter().rposition(is_passed) {
            self.moments.drain(..last);
            self.found = None;
            return Ok(self.moments.front().map(|moment| moment.at));
        }
        // It has been behind since before the first answer. What was found then is still true.
        if let Some((as_of, at)) = self.found
            && now.duration_since(at) < FOUND_FOR
        {
            return Ok(Some(as_of));
        }
        let mut oldest = now;
        for ((topic, _), seen) in self.seen.iter_mut().filter(|(_, seen)| !seen.rests()) {
            if seen.first.is_none() {
                seen.look(log, topic)?;
            }
            match seen.first {
                Some(first) => oldest = oldest.min(first),
                None if seen.rests() => {}
                None => return Ok(None),
            }
        }
        self.found = Some((oldest, now));
        Ok(Some(oldest))
    }

    fn remember(&mut self, at: Timestamp) {
        let span = self.moments.front().map_or(0, |first| self.answers - first.number);
        while self.step > 1 && span / (self.step / 2) < MOMENTS {
            self.step /= 2;
        }
        if self.moments.len() > 1 && self.moments.back().is_some_and(|last| last.number % self.step != 0) {
            self.moments.pop_back();
        }
        self.answers += 1;
        let highs = self.seen.iter().map(|(partition, seen)| (*partition, seen.unread.high)).collect();
        self.moments.push_back(Moment { number: self.answers, at, highs });
        if self.moments.len() as u64 > MOMENTS {
            self.step *= 2;
            let first = self.moments.front().map(|moment| moment.number);
            let (step, last) = (self.step, self.answers);
            self.moments.retain(|it| it.number % step == 0 || it.number == last || Some(it.number) == first);
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
