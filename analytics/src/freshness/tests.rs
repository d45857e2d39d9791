use std::sync::Mutex;
use std::time::Duration;

use ebasvuru_workflow::log::{
    Bounds, Consumer, Member, Position, Producer, Reader, Record, RecordAddress, Start, TopicSpec,
    Transactor, topic,
};
use ebasvuru_workflow::message::Message;

use super::*;
use crate::sink::Options;
use crate::sink::tests::{database, drain};
use crate::testing::{self, Random, access, at, publish, random_history};

/// `ebasvuru.events` on a Kafka: what is at each offset, and how far the sink has read.
#[derive(Debug, Default)]
struct Events {
    partitions: Mutex<Vec<Partition>>,
    /// How often a record was looked up.
    lookups: Mutex<usize>,
}

#[derive(Clone, Debug, Default)]
struct Partition {
    /// When the record was appended; `None`: the marker of a transaction.
    offsets: Vec<Option<Timestamp>>,
    next: usize,
}

struct Waiting(Vec<Record>);

impl Reader for Waiting {
    fn poll(&mut self, max: usize, _: Duration) -> Result<Vec<Record>, LogError> {
        Ok(self.0.drain(..max.min(self.0.len())).collect())
    }
    fn read_to_end(&mut self, each: &mut dyn FnMut(Record)) -> Result<(), LogError> {
        self.0.drain(..).for_each(each);
        Ok(())
    }
}

impl Log for Events {
    fn bounds(&self, of: &str) -> Result<Vec<Bounds>, LogError> {
        let partitions = self.partitions.lock().unwrap();
        let bounds =
            |(partition, it): (i32, &Partition)| Bounds { partition, low: 0, high: it.offsets.len() as i64 };
        Ok((0..).zip(partitions.iter()).filter(|_| of == topic::EVENTS).map(bounds).collect())
    }
    fn committed(&self, _: &str, of: &str) -> Result<Vec<Position>, LogError> {
        let partitions = self.partitions.lock().unwrap();
        let position = |(partition, it): (i32, &Partition)| Position {
            partition,
            offset: it.next as i64,
            metadata: String::new(),
        };
        Ok((0..).zip(partitions.iter()).filter(|_| of == topic::EVENTS).map(position).collect())
    }
    fn reader(&self, _: &str, start: Start) -> Result<Box<dyn Reader>, LogError> {
        let Start::Each(from) = start else { unreachable!() };
        let [(partition, offset)] = from[..] else { unreachable!() };
        *self.lookups.lock().unwrap() += 1;
        let offsets = self.partitions.lock().unwrap()[partition as usize].offsets.clone();
        let record = |(offset, timestamp): (i64, Option<Timestamp>)| {
            let topic = topic::EVENTS.into();
            Some(Record {
                topic,
                partition,
                offset,
                timestamp: timestamp?,
                key: None,
                value: None,
                headers: vec![],
            })
        };
        let waiting = (0..).zip(offsets).skip(offset as usize).filter_map(record);
        Ok(Box::new(Waiting(waiting.collect())))
    }
    fn describe(&self) -> String {
        unreachable!()
    }
    fn ensure_topics(&self, _: &[TopicSpec]) -> Result<Vec<String>, LogError> {
        unreachable!()
    }
    fn record_at(&self, _: &RecordAddress) -> Result<Option<Record>, LogError> {
        unreachable!()
    }
    fn members(&self, _: &str, _: &str) -> Result<usize, LogError> {
        unreachable!()
    }
    fn producer(&self) -> Result<Box<dyn Producer>, LogError> {
        unreachable!()
    }
    fn consumer(&self, _: &Member) -> Result<Box<dyn Consumer>, LogError> {
        unreachable!()
    }
    fn transactor(&self, _: &Member) -> Result<Box<dyn Transactor>, LogError> {
        unreachable!()
    }
}

impl Events {
    fn of(partitions: usize) -> Self {
        Self { partitions: Mutex::new(vec![Partition::default(); partitions]), ..Self::default() }
    }

    /// A transaction appends so many records to a partition.
    fn append(&self, partition: usize, records: usize, now: Timestamp) {
        let offsets = &mut self.partitions.lock().unwrap()[partition].offsets;
        offsets.extend(std::iter::repeat_n(Some(now), records));
        offsets.push(None);
    }

    /// The sink writes what it has read: it ends after a record, never after a marker.
    fn write(&self, partition: usize, most: usize) {
        let Partition { offsets, next } = &mut self.partitions.lock().unwrap()[partition];
        let until = offsets.len().min(next.saturating_add(most));
        *next += offsets[*next..until].iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    }

    /// The oldest record that the sink has not written.
    fn oldest(&self) -> Option<Timestamp> {
        let partitions = self.partitions.lock().unwrap();
        partitions.iter().filter_map(|it| it.offsets[it.next..].iter().flatten().next().copied()).min()
    }
}

fn ask(probe: &mut Probe, log: &dyn Log, now: Timestamp) -> Freshness {
    let answer = Answer::ask(log, now).unwrap();
    probe.take(&answer);
    probe.freshness(log, &answer).unwrap().unwrap()
}

fn second(n: i64) -> Timestamp {
    at("2026-03-20T12:00:00Z") + SignedDuration::from_secs(n)
}

#[test]
fn no_record_that_was_appended_before_that_moment_waits() {
    for seed in 0..500 {
        let (log, mut probe, mut now) = (Events::of(3), Probe::default(), 0);
        let mut random = Random::new(seed);
        let mut below = |end| random.below(end) as usize;
        for _ in 0..60 {
            let partition = below(3);
            match below(3) {
                0 => log.append(partition, 1 + below(3), second(now)),
                1 => log.write(partition, 1 + below(8)),
                _ => {
                    now += 1 + below(4) as i64;
                    let fresh = ask(&mut probe, &log, second(now));
                    assert!(fresh.asked_at == second(now) && fresh.as_of <= second(now), "{seed}: {fresh:?}");
                    assert!(log.oldest().is_none_or(|oldest| fresh.as_of <= oldest), "{seed}: {fresh:?}");
                }
            }
        }
        // When everything is written and nothing happens any more, that is soon known.
        (0..3).for_each(|partition| log.write(partition, usize::MAX));
        for _ in 0..2 {
            now += SETTLED.as_secs();
            ask(&mut probe, &log, second(now));
        }
        let looked_up = *log.lookups.lock().unwrap();
        let fresh = ask(&mut probe, &log, second(now + 1));
        assert_eq!(fresh.as_of, second(now + 1), "{seed}");
        assert_eq!(*log.lookups.lock().unwrap(), looked_up, "{seed}: it is known");
    }
}

#[test]
fn of_a_sink_that_keeps_up_nothing_is_looked_up() {
    let (log, mut probe) = (Events::of(2), Probe::default());
    ask(&mut probe, &log, second(0));
    for now in 1..200 {
        for partition in 0..2 {
            log.append(partition, 5, second(now));
            // Each few seconds, and not both at once.
            if (now as usize + partition).is_multiple_of(3) {
                log.write(partition, usize::MAX);
            }
        }
        let fresh = ask(&mut probe, &log, second(now));
        assert!(fresh.lag() <= SignedDuration::from_secs(6), "{fresh:?}");
    }
    assert_eq!(*log.lookups.lock().unwrap(), 0);
}

#[test]
fn a_sink_that_was_behind_before_the_first_question_is_as_old_as_what_waits() {
    let (log, mut probe) = (Events::of(2), Probe::default());
    log.append(0, 2, second(-90));
    log.append(1, 2, second(-30));
    let fresh = ask(&mut probe, &log, second(0));
    assert_eq!((fresh.as_of, fresh.is_behind()), (second(-90), true));
    log.write(0, 9);
    let fresh = ask(&mut probe, &log, second(12));
    assert_eq!((fresh.as_of, fresh.is_behind()), (second(-30), false));
    // A producer's clock may be ahead.
    let (log, mut probe) = (Events::of(1), Probe::default());
    log.append(0, 1, second(9));
    assert_eq!(ask(&mut probe, &log, second(0)).as_of, second(0));
}

#[test]
fn a_sink_that_was_behind_before_the_first_question_is_not_read_each_time() {
    let (log, mut probe) = (Events::of(3), Probe::default());
    (0..3).for_each(|partition| log.append(partition, 9, second(-90)));
    for now in 0..50 {
        // One partition moves all the time.
        log.append(0, 2, second(now));
        log.write(0, 3);
        let fresh = ask(&mut probe, &log, second(now));
        assert!(fresh.as_of <= second(-90), "{fresh:?}");
    }
    let looked_up = *log.lookups.lock().unwrap();
    assert!((3..10).contains(&looked_up), "{looked_up}");
}

/// Also if it is for longer than moments are remembered, and after it has kept up for long.
#[test]
fn of_a_sink_that_stands_still_it_is_known_since_when() {
    for stands in [100, 1_000, 20_000] {
        let (log, mut probe, mut now) = (Events::of(2), Probe::default(), 0);
        let mut tick = |writes: bool| {
            now += 1;
            log.append(0, 1, second(now));
            if writes {
                log.write(0, usize::MAX);
            }
            let fresh = ask(&mut probe, &log, second(now));
            assert!(probe.moments.len() as u64 <= MOMENTS);
            (now, fresh)
        };
        let (stopped, _) = (0..3_000).map(|_| tick(true)).last().unwrap();
        for _ in 0..stands {
            let (_, fresh) = tick(false);
            assert!((stopped - 2..=stopped).any(|at| fresh.as_of == second(at)), "{stands}: {fresh:?}");
        }
        assert!(*log.lookups.lock().unwrap() <= 2);
        // It moves on: its lag is known to a hundredth of the longest.
        let end = log.partitions.lock().unwrap()[0].offsets.len();
        for part in 1..10 {
            let reached = stopped + stands * part / 10;
            log.partitions.lock().unwrap()[0].next = 2 * reached as usize - 1;
            let lag = ask(&mut probe, &log, second(stopped + stands)).lag().as_secs();
            let true_lag = stopped + stands - reached;
            assert!((true_lag..=true_lag + 2 + stands / 100).contains(&lag), "{stands}, {part}: {lag}");
        }
        // From now on it is always three seconds behind.
        log.partitions.lock().unwrap()[0].next = end - 7;
        for now in stopped + stands + 1..stopped + stands + 50 {
            log.append(0, 1, second(now));
            log.partitions.lock().unwrap()[0].next += 2;
            let lag = ask(&mut probe, &log, second(now)).lag().as_secs();
            assert!((3..=5).contains(&lag) || now < stopped + stands + 10, "{stands}: {lag}");
        }
    }
}

#[test]
fn what_was_remembered_does_not_count_for_a_sink_or_a_clock_that_is_set_back() {
    let (log, mut probe) = (Events::of(1), Probe::default());
    log.append(0, 1, second(0));
    log.write(0, 9);
    let mut set_back = |log: &Events, now| {
        let answer = Answer::ask(log, second(now)).unwrap();
        (probe.take(&answer), probe.freshness(log, &answer).unwrap().unwrap().as_of)
    };
    for now in [10, 20, 30] {
        assert_eq!(set_back(&log, now), (false, second(now)));
    }
    log.append(0, 1, second(40));
    assert_eq!(set_back(&log, -15), (true, second(-15)));
    assert_eq!(set_back(&log, 45), (false, second(40)));
    log.partitions.lock().unwrap()[0].next = 0;
    assert_eq!(set_back(&log, 50), (true, second(0)));
}

/// Each record costs one look at the marker after it, and none at the record itself.
#[test]
fn a_record_after_a_rest_is_not_looked_up() {
    let (log, mut probe) = (Events::of(3), Probe::default());
    for now in 0..1_000 {
        if now % 20 == 1 {
            log.append(now as usize / 20 % 3, 1, second(now));
        }
        if now % 20 == 4 {
            (0..3).for_each(|partition| log.write(partition, usize::MAX));
        }
        let fresh = ask(&mut probe, &log, second(now));
        assert!(fresh.lag() <= SignedDuration::from_secs(8), "{now}: {fresh:?}");
    }
    assert!(*log.lookups.lock().unwrap() <= 50);
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
    let (mut probe, mut now) = (Probe::default(), at("2100-01-01T00:00:00Z"));
    let mut ask = || {
        now += SignedDuration::from_secs(1);
        (super::tests::ask(&mut probe, log.as_ref(), now), now)
    };
    let (empty, first) = ask();
    assert_eq!((empty.as_of, empty.event_offset), (first, 0));
    publish(1);
    assert_eq!(ask().0.as_of, first);
    drain(&log, &client, &Options::new("test")).await;
    let (written, now) = ask();
    assert_eq!(written.as_of, now, "nothing waits");
    assert!(written.event_offset > 0);
    crate::testing::publish(log.as_ref(), vec![access(1).to_record()]);
    let (unread, now) = ask();
    assert_eq!(unread.as_of, now, "no list or report is made of who opens what");
    publish(2);
    let (behind, _) = ask();
    assert_eq!(behind.as_of, now);
    assert_eq!(behind.event_offset, written.event_offset, "the sink has not read on");
}
