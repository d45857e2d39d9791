//! How current the read model is, found by what the sink has yet to read of the log.

use std::collections::HashMap;

use ebasvuru_workflow::log::lag::{Lag, Unread, unread};
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

/// Asks the log again and again.
#[derive(Debug, Default)]
pub struct Probe {
    /// Where the offsets that the sink has yet to read of a partition hold no record: on Kafka, that is so
    /// after every last record, for as long as nothing happens. They are not read again.
    without_record: HashMap<(&'static str, i32), Unread>,
}

impl Probe {
    /// Asks now. Blocks. `now` is taken before, because records may be appended meanwhile. `None` if a
    /// record waits whose time cannot be read.
    ///
    /// # Errors
    /// The log's.
    pub fn ask(&mut self, log: &dyn Log, now: Timestamp) -> Result<Option<Freshness>, LogError> {
        let mut lags = Vec::new();
        let mut event_offset = 0;
        for source in Source::READ_MODEL {
            for unread in unread(log, source.group(), source.topic())? {
                if source == Source::Events {
                    event_offset += unread.next;
                }
                let place = (source.topic(), unread.partition);
                if self.without_record.get(&place) == Some(&unread) {
                    continue;
                }
                let lag = unread.lag(log, source.topic())?;
                if lag.records == 0 {
                    self.without_record.insert(place, unread);
                }
                lags.push(lag);
            }
        }
        Ok(Freshness::of(now, event_offset, &lags))
    }
}

impl Freshness {
    /// What the lag of the sink's topics says. A sink with nothing to read is not behind, however long ago
    /// the last record was appended.
    fn of(asked_at: Timestamp, event_offset: i64, lags: &[Lag]) -> Option<Self> {
        let waiting = lags.iter().filter(|lag| lag.records > 0);
        let oldest = waiting.map(|lag| lag.oldest).collect::<Option<Vec<_>>>()?;
        let as_of = oldest.into_iter().fold(asked_at, Timestamp::min);
        Some(Self { as_of, asked_at, event_offset })
    }

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
mod tests {
    use ebasvuru_workflow::message::Message;

    use super::*;
    use crate::sink::Options;
    use crate::sink::tests::{database, drain};
    use crate::testing::{self, Random, access, at, publish, random_history};

    const NOW: &str = "2026-03-20T12:00:00Z";

    fn lag_of(records: i64, oldest: Option<&str>) -> Lag {
        Lag { partition: 0, records, oldest: oldest.map(at) }
    }

    fn freshness(lag: &[Lag]) -> Option<Freshness> {
        Freshness::of(at(NOW), 0, lag)
    }

    #[test]
    fn a_sink_with_nothing_to_read_is_not_behind() {
        for lag in [&[][..], &[lag_of(0, None), lag_of(0, None)]] {
            let fresh = freshness(lag).unwrap();
            assert_eq!((fresh.as_of, fresh.lag()), (at(NOW), SignedDuration::ZERO));
            assert!(!fresh.is_behind());
        }
    }

    #[test]
    fn the_read_model_is_complete_up_to_the_oldest_record_that_waits() {
        let lag = [
            lag_of(0, None),
            lag_of(3, Some("2026-03-20T11:59:30Z")),
            lag_of(1, Some("2026-03-20T11:59:00Z")),
        ];
        let fresh = freshness(&lag).unwrap();
        assert_eq!((fresh.as_of, fresh.lag()), (at("2026-03-20T11:59:00Z"), SignedDuration::from_mins(1)));
        assert!(!fresh.is_behind(), "a minute is tolerated");
        assert!(freshness(&[lag_of(1, Some("2026-03-20T11:58:59Z"))]).unwrap().is_behind());
    }

    #[test]
    fn a_producer_whose_clock_is_ahead_makes_nothing_of_the_future_complete() {
        assert_eq!(freshness(&[lag_of(1, Some("2026-03-20T12:00:05Z"))]).unwrap().as_of, at(NOW));
    }

    #[test]
    fn a_record_whose_time_is_not_known_leaves_it_unknown() {
        assert_eq!(freshness(&[lag_of(0, None), lag_of(5_000, None)]), None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_sink_has_not_written_is_what_is_missing() {
        let (_folder, log) = testing::log();
        let client = database().await;
        let mut random = Random::new(7);
        let mut publish = |n| {
            let records = random_history(n, &mut random, at("2026-01-15T00:00:00Z")).records;
            publish(log.as_ref(), records);
        };
        // The log stamps records with the machine's time.
        let later = at("2100-01-01T00:00:00Z");
        let mut probe = Probe::default();
        let mut ask = || probe.ask(log.as_ref(), later).unwrap().unwrap();
        let empty = ask();
        assert_eq!((empty.as_of, empty.event_offset), (later, 0));
        publish(1);
        assert!(ask().is_behind());
        drain(&log, &client, &Options::new("test")).await;
        let written = ask();
        assert_eq!(written.as_of, later, "nothing waits");
        assert!(written.event_offset > 0);
        crate::testing::publish(log.as_ref(), vec![access(1).to_record()]);
        assert_eq!(ask(), written, "no list or report is made of who opens what");
        publish(2);
        let behind = ask();
        assert!(behind.as_of < later);
        assert_eq!(behind.event_offset, written.event_offset, "the sink has not read on");
    }
}
