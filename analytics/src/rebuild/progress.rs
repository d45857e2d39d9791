//! How far a rebuild is, and how long it will still take.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

use ebasvuru_workflow::log::{Log, LogError};

use crate::sink::Source;

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// The log is being written to ClickHouse.
    Writing(Share),
    /// The closed applications are being brought apart.
    Sweeping(Share),
}

/// How much of some work is done, and how long it took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// How much is done.
    pub done: u64,
    /// How much there is.
    pub all: u64,
    /// Since the work began.
    pub elapsed: Duration,
}

impl Share {
    /// The time that the rest takes at the same speed; `None` before anything is done.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        let rest = self.all.saturating_sub(self.done);
        (self.done > 0).then(|| self.elapsed.mul_f64(rest as f64 / self.done as f64))
    }

    fn percent(&self) -> u64 {
        (self.done * 100).checked_div(self.all).unwrap_or(100).min(100)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.percent())?;
        let Some(remaining) = self.remaining() else { return Ok(()) };
        let seconds = remaining.as_secs();
        write!(f, ", about {} min {:02} s left", seconds / 60, seconds % 60)
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Writing(share) => write!(f, "written: {share}"),
            Self::Sweeping(share) => {
                write!(f, "closed applications apart: {} of {}, {share}", share.done, share.all)
            }
        }
    }
}

/// The offsets that a rebuild is to write.
pub(super) struct Offsets {
    /// Those of each partition.
    ranges: Vec<(Source, BTreeMap<i32, Range<i64>>)>,
    began: Instant,
}

impl Offsets {
    pub(super) fn new(log: &dyn Log, until: &[(Source, BTreeMap<i32, i64>)]) -> Result<Self, LogError> {
        let ranges = until.iter().map(|(source, until)| {
            let bounds = log.bounds(source.topic())?.into_iter();
            let of = bounds.filter_map(|it| Some((it.partition, it.low..*until.get(&it.partition)?)));
            Ok((*source, of.collect()))
        });
        Ok(Self { ranges: ranges.collect::<Result<_, LogError>>()?, began: Instant::now() })
    }

    /// How many of them the groups of the sink have committed.
    pub(super) fn committed(&self, log: &dyn Log) -> Result<Share, LogError> {
        let (mut done, mut all) = (0, 0);
        for (source, ranges) in &self.ranges {
            for position in log.committed(source.group(), source.topic())? {
                let Some(range) = ranges.get(&position.partition) else { continue };
                done += (position.offset.min(range.end) - range.start).max(0).unsigned_abs();
            }
            all += ranges.values().map(|range| (range.end - range.start).max(0).unsigned_abs()).sum::<u64>();
        }
        Ok(Share { done, all, elapsed: self.began.elapsed() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done_did() {
        let share = |done, all| Share { done, all, elapsed: Duration::from_secs(100) };
        assert_eq!(share(0, 10).remaining(), None);
        assert_eq!(share(0, 10).to_string(), "0 %");
        assert_eq!(share(0, 0).to_string(), "100 %");
        assert_eq!(share(40, 100).to_string(), "40 %, about 2 min 30 s left");
        assert_eq!(
            Progress::Sweeping(share(100, 100)).to_string(),
            "closed applications apart: 100 of 100, 100 %, about 0 min 00 s left"
        );
    }
}
