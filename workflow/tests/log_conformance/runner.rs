//! A processor run by the runner.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::{Health, HealthState};
use ebasvuru_workflow::log::runner::Runner;
use ebasvuru_workflow::log::{
    Blob, BlobStore, Forward, Halt, Processor, Record, RecordAddress, Retention, Step, dead_letter,
};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::fixture::{Fixture, PARTITIONS, eventually, keyed, member, value};

/// Numbers the records of each key; the numbers are its state.
struct Numbering {
    state: &'static str,
    output: &'static str,
    kept: HashMap<(i32, Bytes), u64>,
    /// The changes since the last commit.
    open: HashMap<(i32, Bytes), u64>,
}

impl Processor for Numbering {
    fn state_topic(&self) -> Option<&'static str> {
        Some(self.state)
    }
    fn side_topics(&self) -> &'static [&'static str] {
        &[]
    }
    fn restore(&mut self, record: Record) {
        let number = value(&record).parse().unwrap();
        self.kept.insert((record.partition, record.key.unwrap()), number);
    }
    fn revoked(&mut self, partition: i32) {
        self.kept.retain(|(p, _), _| *p != partition);
    }
    fn observe(&mut self, _: Record) {}
    fn process(&mut self, batch: &[Record], _: Timestamp) -> Step {
        let mut step = Step::default();
        for record in batch {
            if record.value.as_deref() == Some(b"halt") {
                step.halt = Some(Halt { code: ErrorCode::IngestTooManyBad, detail: "told so".into() });
                return step;
            }
            let key = record.key.clone().unwrap();
            let place = (record.partition, key.clone());
            let number = 1 + self.open.get(&place).or_else(|| self.kept.get(&place)).copied().unwrap_or(0);
            self.open.insert(place, number);
            for topic in [self.state, self.output] {
                step.outputs.push(keyed(topic, std::str::from_utf8(&key).unwrap(), &number.to_string()));
            }
            if record.value.as_deref() == Some(b"large") {
                step.outputs.push(keyed(self.output, "k", &"x".repeat(budget::RECORD)));
            }
            if record.value.as_deref() == Some(b"forward") {
                for offset in [record.offset, record.offset + 1_000_000] {
                    step.forwards.push(Forward {
                        from: RecordAddress { offset, ..record.address() },
                        to: self.output,
                        headers: vec![(dead_letter::REASON.into(), Bytes::from_static(b"test"))],
                        fallback: Some(Bytes::from_static(b"fallback")),
                    });
                }
                step.blobs.push(Blob { sha256: "00".into(), bytes: Bytes::from_static(b"blob") });
            }
            step.consumed += 1;
        }
        step
    }
    fn due(&mut self, _: Timestamp) -> Option<Step> {
        None
    }
    fn committed(&mut self) {
        self.kept.extend(self.open.drain());
    }
    fn aborted(&mut self) {
        self.open.clear();
    }
}

#[derive(Default)]
pub struct Blobs {
    kept: Mutex<Vec<Blob>>,
    refused_once: Mutex<bool>,
    /// How long each call takes.
    slow: Duration,
}

impl BlobStore for Blobs {
    fn put(&self, blobs: &[Blob]) -> Result<(), String> {
        if !std::mem::replace(&mut *self.refused_once.lock().unwrap(), true) {
            return Err("not yet".into());
        }
        thread::sleep(self.slow);
        self.kept.lock().unwrap().extend_from_slice(blobs);
        Ok(())
    }
}

pub struct Pipe {
    pub input: &'static str,
    state: &'static str,
    output: &'static str,
}

impl Pipe {
    pub fn new(f: &Fixture) -> Self {
        Self {
            input: f.topic(Retention::Forever),
            state: f.topic(Retention::Compact),
            output: f.topic(Retention::Forever),
        }
    }

    /// Runs a worker until `done`.
    pub fn run(&self, f: &Fixture, blobs: &Blobs, mut done: impl FnMut(&Health) -> bool) -> Health {
        let runner = self.runner(f, blobs);
        thread::scope(|scope| {
            // Also if the test fails, or the scope would wait for ever.
            let _stop = runner.stop.clone().drop_guard();
            scope.spawn(|| runner.run(|| self.processor()));
            eventually(|| done(&runner.health).then_some(()));
        });
        runner.health
    }

    fn runner<'a>(&self, f: &'a Fixture, blobs: &'a Blobs) -> Runner<'a> {
        Runner {
            log: f.log.as_ref(),
            member: member(self.input, "a"),
            clock: Clock::System,
            blobs,
            partitions: PARTITIONS,
            health: Health::new("test"),
            stop: CancellationToken::new(),
        }
    }

    fn processor(&self) -> Numbering {
        Numbering { state: self.state, output: self.output, kept: HashMap::new(), open: HashMap::new() }
    }

    pub fn count(&self, f: &Fixture) -> usize {
        f.all(self.output).len()
    }

    /// The records of each key are numbered without gaps or repetitions.
    pub fn is_exact(&self, f: &Fixture) {
        let mut expected: BTreeMap<Bytes, Vec<u64>> = BTreeMap::new();
        for record in f.all(self.input) {
            let numbers = expected.entry(record.key.unwrap()).or_default();
            numbers.push(numbers.len() as u64 + 1);
        }
        assert_eq!(self.numbers(f), expected);
    }

    /// The numbers of the records of each key, in order.
    fn numbers(&self, f: &Fixture) -> BTreeMap<Bytes, Vec<u64>> {
        let mut came: BTreeMap<Bytes, Vec<u64>> = BTreeMap::new();
        for record in f.all(self.output) {
            came.entry(record.key.clone().unwrap()).or_default().push(value(&record).parse().unwrap());
        }
        came
    }
}

pub fn state_survives_a_new_worker(f: &Fixture) {
    let pipe = Pipe::new(f);
    for round in 0..3 {
        f.fill(pipe.input, 400 * round, 400);
        pipe.run(f, &Blobs::default(), |_| pipe.count(f) >= 400 * (round + 1));
    }
    assert_eq!(pipe.count(f), 1200);
    pipe.is_exact(f);
}

pub fn a_batch_of_many_chunks_is_processed_once(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.fill(pipe.input, 0, 3_500);
    f.produce(vec![keyed(pipe.input, "k0", "halt")]);
    pipe.run(f, &Blobs::default(), |health| matches!(health.state(), HealthState::Halted { .. }));
    let came = pipe.numbers(f);
    assert_eq!(came[&b"k0"[..]].len(), 175, "all before the halt, nothing after it");
    for (key, numbers) in came {
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{key:?}: {numbers:?}");
    }
}

/// Otherwise the two would take the slot from each other for ever.
pub fn of_two_members_in_one_slot_one_halts(f: &Fixture) {
    let pipe = Pipe::new(f);
    let blobs = Blobs::default();
    let (one, two) = (pipe.runner(f, &blobs), pipe.runner(f, &blobs));
    thread::scope(|scope| {
        let _stops = [one.stop.clone().drop_guard(), two.stop.clone().drop_guard()];
        scope.spawn(|| one.run(|| pipe.processor()));
        f.fill(pipe.input, 0, 40);
        eventually(|| (pipe.count(f) >= 40).then_some(()));
        scope.spawn(|| two.run(|| pipe.processor()));
        let mut sent = 40;
        let state = eventually(|| {
            f.fill(pipe.input, sent, 20);
            sent += 20;
            thread::sleep(std::time::Duration::from_millis(100));
            [&one, &two].into_iter().find_map(|it| it.health.state().code().map(|_| it.health.state()))
        });
        let HealthState::Halted { code: ErrorCode::SlotTaken, detail } = state else { panic!("{state:?}") };
        assert!(detail.contains("slot a of ") && detail.contains("kafka.slot"), "{detail}");
        eventually(|| (pipe.count(f) >= sent).then_some(()));
        let halted = [&one, &two].into_iter().filter(|it| it.health.state().code().is_some());
        assert_eq!(halted.count(), 1, "the other goes on");
    });
    pipe.is_exact(f);
}

pub fn a_halt_commits_what_is_processed(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.produce(["1", "2", "halt", "3"].map(|v| keyed(pipe.input, "k", v)).into());
    let health =
        pipe.run(f, &Blobs::default(), |health| matches!(health.state(), HealthState::Halted { .. }));
    assert_eq!(
        health.state(),
        HealthState::Halted { code: ErrorCode::IngestTooManyBad, detail: "told so".into() }
    );
    assert_eq!(f.all(pipe.output).iter().map(value).collect::<Vec<_>>(), ["1", "2"]);
    let group = member(pipe.input, "a").group;
    assert_eq!(f.log.committed(&group, pipe.input).unwrap().iter().map(|p| p.offset).sum::<i64>(), 2);
}

/// It is a defect of the product: reported once and never tried again.
pub fn a_record_too_large_stops_the_worker(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.produce(vec![keyed(pipe.input, "k", "large")]);
    let health = pipe.run(f, &Blobs::default(), |health| {
        assert!(
            !matches!(health.state(), HealthState::Waiting { .. } | HealthState::Refused { .. }),
            "{:?}",
            health.state()
        );
        matches!(health.state(), HealthState::Halted { .. })
    });
    let HealthState::Halted { code, detail } = health.state() else { panic!("{:?}", health.state()) };
    assert_eq!(code, ErrorCode::RecordTooLarge);
    for word in [pipe.output, pipe.input, "\"k\""] {
        assert!(detail.contains(word), "{detail}");
    }
    assert_eq!(pipe.count(f), 0);
}

pub fn a_missing_original_is_replaced_by_its_fallback(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.fill(pipe.input, 0, 3);
    let mut original = keyed(pipe.input, "k", "forward");
    original.headers = ["traceparent", dead_letter::ORIGIN, dead_letter::AT]
        .map(|n| (n.into(), "of the original".into()))
        .into();
    f.produce(vec![original]);
    let blobs = Blobs::default();
    pipe.run(f, &blobs, |_| pipe.count(f) >= 6);
    let forwarded: Vec<_> = f.all(pipe.output).into_iter().filter(|r| !r.headers.is_empty()).collect();
    let mut values: Vec<_> = forwarded.iter().map(value).collect();
    values.sort();
    assert_eq!(values, ["fallback", "forward"]);
    assert!(forwarded.iter().all(|r| r.headers.iter().any(|(name, _)| name == dead_letter::REASON)));
    let copy = forwarded.iter().find(|r| value(r) == "forward").unwrap();
    let names: Vec<_> = copy.headers.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        names,
        ["traceparent", dead_letter::ORIGIN, dead_letter::REASON],
        "its own, and which dead letter it was"
    );
    assert_eq!(blobs.kept.lock().unwrap().len(), 1);
}

pub fn thousands_of_conflicts_are_forwarded(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.produce((0..1_500).map(|i| keyed(pipe.input, &format!("k{}", i % 20), "forward")).collect());
    pipe.run(f, &Blobs::default(), |_| pipe.count(f) >= 3 * 1_500);
    assert_eq!(pipe.count(f), 3 * 1_500, "its number, its original and its fallback for each");
}

pub fn a_record_is_visible_only_after_its_content_is_stored(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.produce((0..1_500).map(|i| keyed(pipe.input, &format!("k{}", i % 20), "forward")).collect());
    let slow = Blobs { slow: Duration::from_millis(500), ..Blobs::default() };
    pipe.run(f, &slow, |_| {
        let visible = pipe.count(f);
        assert!(visible <= 3 * slow.kept.lock().unwrap().len());
        visible >= 3 * 1_500
    });
}

/// The document store takes longer than the transaction may, in the middle of a batch.
pub fn a_batch_that_outlasts_its_transaction_continues_by_chunks(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.fill(pipe.input, 0, 1_500);
    f.produce(vec![keyed(pipe.input, "k", "forward")]);
    let slow = Blobs { slow: Duration::from_secs(6), ..Blobs::default() };
    pipe.run(f, &slow, |_| pipe.count(f) >= 1_503);
    assert_eq!(pipe.count(f), 1_503);
}

/// The state of its keys is in other partitions.
pub fn a_partition_added_after_the_state_was_made_halts_the_worker(f: &Fixture) {
    let pipe = Pipe::new(f);
    f.fill(pipe.input, 0, 10);
    let blobs = Blobs::default();
    let runner = Runner { partitions: PARTITIONS - 1, ..pipe.runner(f, &blobs) };
    thread::scope(|scope| {
        let _stop = runner.stop.clone().drop_guard();
        scope.spawn(|| runner.run(|| pipe.processor()));
        eventually(|| {
            matches!(runner.health.state(), HealthState::Halted { code: ErrorCode::PartitionsChanged, .. })
                .then_some(())
        });
    });
    assert_eq!(pipe.count(f), 0);
}
