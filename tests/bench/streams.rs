//! `ebasvuru ingest` against the same stage as an application of Kafka Streams (`streams/`), both exactly
//! once and each as a process of its own, on one broker and one input.
//!
//! Each record must lead to the same command or dead letter on both sides. Rates and processor time count
//! from [`WARM`] records on, so that Java's compiler has done its work.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ebasvuru_ingest::generate::Mix;
use ebasvuru_workflow::domain::application::CommandBody;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::log::kafka::KafkaLog;
use ebasvuru_workflow::log::{Log, Record, Start, group, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Message};
use ebasvuru_workflow::seal::{Field, Sealer};
use jiff::Timestamp;

use crate::broker::publish;
use crate::ingest::has_inline;
use crate::installation::Installation;
use crate::process::{Process, cpu};
use crate::table::{Goal, Line, rate};
use crate::world::World;

/// So many different submissions, each published [`TIMES`] times: both sides treat a repeated one as any
/// other.
const DIFFERENT: usize = 300_000;
const TIMES: usize = 4;
const TOTAL: usize = DIFFERENT * TIMES;
const WARM: usize = TOTAL / 3;
const ROUNDS: usize = 3;
const MIX: Mix = Mix { bad: 0.01, duplicates: 0.01 };
const EVERY: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Product,
    Streams,
}

/// What a side used after it was warm.
#[derive(Clone, Copy, Debug)]
struct Used {
    /// Submissions a second.
    rate: f64,
    /// Seconds of processor time for 100,000 submissions, of the process and of the broker.
    cpu: f64,
    broker: f64,
    peak_mib: f64,
}

pub fn streams() -> Vec<Line> {
    let classes = build();
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        // What drifts meanwhile hits both alike.
        let sides =
            if round % 2 == 0 { [Side::Product, Side::Streams] } else { [Side::Streams, Side::Product] };
        let broker = Broker::start(&classes);
        let first = broker.run(sides[0]);
        let outputs = [topic::COMMANDS, topic::DLQ].map(|topic| (topic, broker.ends(topic)));
        let used = [(sides[0], first), (sides[1], broker.run(sides[1]))];
        for (side, it) in &used {
            eprintln!("{side:?}: {it:.2?}");
        }
        broker.compare(outputs);
        let of = |side| used.iter().find(|(it, _)| *it == side).map(|(_, used)| *used).unwrap();
        rounds.push((of(Side::Product), of(Side::Streams)));
    }
    let line = |what: &str, of: fn(&Used) -> f64, shown: fn(f64) -> String, goal: fn(f64) -> Goal| {
        let mut pairs: Vec<_> = rounds.iter().map(|(ours, theirs)| (of(ours), of(theirs))).collect();
        pairs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (ours, theirs) = pairs[ROUNDS / 2];
        let ratio = ours / theirs;
        Line {
            what: what.into(),
            figure: shown(ours),
            reference: shown(theirs),
            ratio: Some(ratio),
            goal: goal(ratio),
        }
    };
    let seconds = |it: f64| format!("{it:.2} s");
    vec![
        line(
            "processor time for 100,000 submissions",
            |it| it.cpu,
            seconds,
            |ratio| Goal::Of("≤ 0.50 of Kafka Streams, warm", ratio <= 0.5),
        ),
        line("submissions, by reference", |it| it.rate, rate, |ratio| Goal::Of("≥ 2.0 times", ratio >= 2.0)),
        line("  processor time of the broker beside it", |it| it.broker, seconds, |_| Goal::None),
        line("  peak memory", |it| it.peak_mib, |mib| format!("{mib:.0} MiB"), |_| Goal::None),
    ]
}

/// Builds the application by Maven; returns its class path.
fn build() -> String {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("streams");
    let built = Command::new("mvn")
        .args(["-q", "-B", "-f", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/streams/pom.xml")])
        .arg(format!("-DbuildDirectory={}", target.display()))
        .arg("package")
        .status()
        .unwrap();
    assert!(built.success(), "Maven could not build tests/bench/streams");
    format!("{0}/classes:{0}/lib/*", target.display())
}

/// A broker with the input.
struct Broker<'a> {
    installation: Installation,
    classes: &'a str,
}

impl<'a> Broker<'a> {
    fn start(classes: &'a str) -> Self {
        let it = Self { installation: Installation::new(), classes };
        let mut catalog = it.installation.ebasvuru(&["catalog", "--json"]);
        let catalog = catalog.stdout(Stdio::piped()).output().unwrap();
        std::fs::write(it.catalog(), catalog.stdout).unwrap();
        let world = World::new();
        let log = it.log();
        for _ in 0..TIMES {
            let submissions = world.submissions(1, MIX).filter(|it| !has_inline(it)).take(DIFFERENT);
            publish(&log, submissions);
        }
        it
    }

    fn catalog(&self) -> PathBuf {
        self.installation.data().join("catalog.json")
    }

    fn log(&self) -> KafkaLog {
        self.installation.kafka.log(&[])
    }

    /// Runs one side over the whole input.
    fn run(&self, side: Side) -> Used {
        let group = if side == Side::Product { group::INGEST } else { "streams" };
        let mut process = Process::start(&mut self.command(side, group));
        let log = self.log();
        let broker = self.installation.kafka.pid().unwrap().parse().unwrap();
        let mut warm = None;
        loop {
            sleep(EVERY);
            process.check();
            let positions = log.committed(group, topic::SUBMISSIONS).unwrap_or_default();
            let done = positions.iter().map(|it| it.offset).sum::<i64>() as usize;
            let now = (done, Instant::now(), process.cpu(), cpu(broker));
            let (from, began, ours, theirs) = match warm {
                None if done >= WARM => *warm.insert(now),
                None => continue,
                Some(warm) => warm,
            };
            if done == TOTAL {
                let share = (TOTAL - from) as f64;
                let spent = |now: Duration, then: Duration| (now - then).as_secs_f64() * 100_000.0 / share;
                return Used {
                    rate: share / began.elapsed().as_secs_f64(),
                    cpu: spent(now.2, ours),
                    broker: spent(now.3, theirs),
                    peak_mib: process.peak_mib() as f64,
                };
            }
        }
    }

    fn command(&self, side: Side, group: &str) -> Command {
        if side == Side::Product {
            return self.installation.ebasvuru(&["ingest"]);
        }
        let mut command = Command::new("java");
        command
            .args(["-Xms1g", "-Xmx1g", "-XX:+UseParallelGC", "-cp", self.classes, "ebasvuru.streams.App"])
            .args([self.installation.kafka.brokers(), group])
            .args([self.catalog(), self.installation.keys(), self.installation.data().join("state")])
            .stdout(Stdio::null());
        command
    }

    /// The end of each partition.
    fn ends(&self, topic: &str) -> Vec<i64> {
        self.log().bounds(topic).unwrap().iter().map(|it| it.high).collect()
    }

    /// Panics unless each submission has led to two equal outputs, one of each side. What the first side
    /// wrote ends at these offsets.
    fn compare(&self, outputs: [(&'static str, Vec<i64>); 2]) {
        let sealer = self.installation.sealer();
        let log = self.log();
        let submissions = self.ends(topic::SUBMISSIONS).into_iter();
        let mut seen: Vec<Vec<[Option<u64>; 2]>> =
            submissions.map(|end| vec![[None; 2]; usize::try_from(end).unwrap()]).collect();
        for (topic, first) in outputs {
            let mut reader = log.reader(topic, Start::Beginning).unwrap();
            reader
                .catch_up(&mut |record| {
                    let (partition, offset, hash) = output(&sealer, &record);
                    let side = usize::from(record.offset >= first[record.partition as usize]);
                    let before = seen[partition][offset][side].replace(hash);
                    assert_eq!(before, None, "{partition}:{offset} has two outputs of one side");
                })
                .unwrap();
        }
        let equal = |[one, other]: &&[Option<u64>; 2]| one.is_some() && one == other;
        assert_eq!(seen.iter().flatten().filter(equal).count(), TOTAL, "each has an equal output of both");
    }
}

/// Of which record an output was made, and the hash of all in it that must be equal: what was sealed is
/// opened, and the time when it was made left out.
fn output(sealer: &Sealer, record: &Record) -> (usize, usize, u64) {
    let mut hash = DefaultHasher::new();
    record.key.hash(&mut hash);
    let (partition, offset) = if &*record.topic == topic::DLQ {
        record.value.hash(&mut hash);
        for (name, value) in &record.headers {
            // Which text is no JSON is equal, the parser's words for it are not.
            let own_words = name == "dlq-detail" && record.header("dlq-reason") == Some("not_json");
            if name != "dlq-at" && !own_words {
                (name, value).hash(&mut hash);
            }
        }
        let place = |name| record.header(name).unwrap().parse::<usize>().unwrap();
        (place("dlq-partition"), place("dlq-offset"))
    } else {
        record.headers.hash(&mut hash);
        let mut it = ApplicationCommand::from_record(record).unwrap();
        it.command.at = Timestamp::UNIX_EPOCH;
        let CommandBody::Receive(receive) = &mut it.command.body else { panic!("{it:?}") };
        open(sealer, it.application, Field::Content, &mut receive.content);
        for document in &mut receive.documents {
            open(sealer, it.application, Field::DocumentName, &mut document.name);
        }
        let place = (receive.source.partition as usize, receive.source.offset as usize);
        serde_json::to_vec(&it).unwrap().hash(&mut hash);
        place
    };
    (partition, offset, hash.finish())
}

fn open(sealer: &Sealer, application: ApplicationId, field: Field, sealed: &mut Sealed) {
    let plain = sealer.open_text(&application.to_string(), field, sealed).unwrap();
    let entry = sealed.0.split('.').next().unwrap();
    *sealed = Sealed(format!("{entry} {} {plain}", sealed.0.len()).into());
}
