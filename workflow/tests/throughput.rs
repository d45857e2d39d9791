//! How fast the loop carries records, against a bare copy on the same Kafka in the same run.
//! Measurements, not assertions: `cargo test --test throughput -- --ignored --nocapture`.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::health::Health;
use ebasvuru_workflow::log::drive::{BlobStore, Driver};
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::{Blob, Log, Member, Outgoing, Record, Retention, Stage, Start, Step, TopicSpec};
use ebasvuru_workflow::testing::kafka::TestKafka;
use jiff::Timestamp;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio_util::sync::CancellationToken;

const PARTITIONS: i32 = 12;
const BATCH: usize = 10_000;

fn records() -> usize {
    std::env::var("RECORDS").map_or(300_000, |n| n.parse().unwrap())
}

fn topic(log: &dyn Log) -> &'static str {
    let name: &'static str = Box::leak(format!("t{}", uuid::Uuid::new_v4().simple()).into_boxed_str());
    log.ensure_topics(&[TopicSpec { name, partitions: PARTITIONS, retention: Retention::Forever }]).unwrap();
    name
}

/// Records of the size of a command.
fn fill(log: &dyn Log, topic: &'static str, count: usize) {
    let producer = log.producer().unwrap();
    let value: Vec<u8> = (0..700_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for start in (0..count).step_by(BATCH) {
        let batch = (start..count.min(start + BATCH)).map(|i| Outgoing {
            topic,
            partition: None,
            key: Some(Bytes::from(format!("{i:036}"))),
            value: Some(Bytes::copy_from_slice(&value)),
            headers: Vec::new(),
        });
        producer.send(batch.collect()).unwrap();
    }
}

struct Identity(&'static str);

impl Stage for Identity {
    fn state_topic(&self) -> Option<&'static str> {
        None
    }
    fn side_topic(&self) -> Option<&'static str> {
        None
    }
    fn restore(&mut self, _: i32, _: Record) {}
    fn revoked(&mut self, _: i32) {}
    fn observe(&mut self, _: Record) {}
    fn process(&mut self, batch: &[Record], _: Timestamp) -> Step {
        let outputs = batch.iter().map(|r| Outgoing {
            topic: self.0,
            partition: None,
            key: r.key.clone(),
            value: r.value.clone(),
            headers: Vec::new(),
        });
        Step { consumed: batch.len(), outputs: outputs.collect(), ..Step::default() }
    }
    fn due(&mut self, _: Timestamp) -> Option<Step> {
        None
    }
    fn committed(&mut self) {}
    fn aborted(&mut self) {}
}

struct NoBlobs;
impl BlobStore for NoBlobs {
    fn put(&self, _: &Blob) -> Result<(), String> {
        Ok(())
    }
}

/// Records a second through the loop, from the first commit's batch to the last.
fn driven(log: &dyn Log, input: &'static str, count: usize) -> f64 {
    let output = topic(log);
    let driver = Driver {
        log,
        member: Member { group: format!("driven.{output}"), topic: input, slot: "a".into() },
        clock: Clock::System,
        blobs: &NoBlobs,
        health: Health::new("bench"),
        stop: CancellationToken::new(),
    };
    let wanted = i64::try_from(count).unwrap();
    let done = || log.committed(&driver.member.group, input).unwrap().iter().map(|p| p.offset).sum::<i64>();
    thread::scope(|scope| {
        scope.spawn(|| driver.run(|| Identity(output)));
        let (mut began, mut from) = (Instant::now(), 0);
        loop {
            let now = done();
            if from == 0 {
                (began, from) = (Instant::now(), now);
            }
            if now >= wanted {
                driver.stop.cancel();
                return (now - from) as f64 / began.elapsed().as_secs_f64();
            }
            thread::sleep(Duration::from_millis(20));
        }
    })
}

/// The same copy on librdkafka alone, with the same settings and transactions.
fn bare(brokers: &str, log: &dyn Log, input: &'static str, count: usize) -> f64 {
    let output = topic(log);
    let client = |pairs: &[(&str, &str)]| {
        #[expect(clippy::disallowed_methods, reason = "the reference, by itself")]
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", brokers);
        for (name, value) in pairs {
            config.set(*name, *value);
        }
        config
    };
    let group = format!("bare.{output}");
    let consumer: BaseConsumer = client(&[
        ("group.id", &group),
        ("enable.auto.commit", "false"),
        ("auto.offset.reset", "earliest"),
        ("isolation.level", "read_committed"),
        ("fetch.queue.backoff.ms", "2"),
        ("fetch.message.max.bytes", "4194304"),
        ("queued.min.messages", "200000"),
    ])
    .create()
    .unwrap();
    let producer: BaseProducer = client(&[
        ("transactional.id", &group),
        ("compression.type", "lz4"),
        ("linger.ms", "2"),
        ("batch.size", "1048576"),
        ("queue.buffering.max.messages", "1000000"),
        ("delivery.report.only.error", "true"),
        ("partitioner", "murmur2_random"),
    ])
    .create()
    .unwrap();
    producer.init_transactions(Duration::from_secs(30)).unwrap();
    consumer.subscribe(&[input]).unwrap();
    let (mut began, mut first, mut copied) = (Instant::now(), 0, 0);
    while copied < count {
        let mut offsets = TopicPartitionList::new();
        let mut next = [0; PARTITIONS as usize];
        let mut batch = 0;
        let mut wait = Duration::from_millis(100);
        while batch < BATCH {
            let Some(message) = consumer.poll(wait) else { break };
            let message = message.unwrap();
            if batch == 0 {
                producer.begin_transaction().unwrap();
            }
            producer
                .send(BaseRecord::to(output).key(message.key().unwrap()).payload(message.payload().unwrap()))
                .map_err(|(e, _)| e)
                .unwrap();
            next[message.partition() as usize] = message.offset() + 1;
            batch += 1;
            wait = Duration::ZERO;
        }
        if batch == 0 {
            continue;
        }
        for (partition, next) in next.iter().enumerate().filter(|(_, next)| **next > 0) {
            offsets.add_partition_offset(input, partition as i32, Offset::Offset(*next)).unwrap();
        }
        producer
            .send_offsets_to_transaction(
                &offsets,
                &consumer.group_metadata().unwrap(),
                Duration::from_secs(30),
            )
            .unwrap();
        while producer.in_flight_count() > 0 {
            producer.poll(Duration::from_millis(1));
        }
        producer.commit_transaction(Duration::from_secs(30)).unwrap();
        copied += batch;
        if first == 0 {
            (began, first) = (Instant::now(), copied);
        }
    }
    (copied - first) as f64 / began.elapsed().as_secs_f64()
}

#[test]
#[ignore = "a measurement"]
fn against_a_bare_copy_on_kafka() {
    let Some(kafka) = TestKafka::from_env_or_start() else { return };
    let log = kafka.log(&[("session.timeout.ms", "45000"), ("max.poll.interval.ms", "60000")]);
    let input = topic(&log);
    fill(&log, input, records());
    for round in 1..=3 {
        let bare = bare(kafka.brokers(), &log, input, records());
        let driven = driven(&log, input, records());
        println!("round {round}: bare {bare:.0}/s, driven {driven:.0}/s, ratio {:.2}", driven / bare);
    }
    let replayed = Instant::now();
    let mut count = 0;
    log.reader(input, Start::Beginning).unwrap().catch_up(&mut |_| count += 1).unwrap();
    println!("catch_up: {:.0}/s", f64::from(count) / replayed.elapsed().as_secs_f64());
}

#[test]
#[ignore = "a measurement"]
fn on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let log: Arc<dyn Log> = Arc::new(EmbeddedLog::open(&dir.path().join("log.sqlite")).unwrap());
    let input = topic(log.as_ref());
    let began = Instant::now();
    fill(log.as_ref(), input, records());
    println!("append: {:.0}/s", records() as f64 / began.elapsed().as_secs_f64());
    for _ in 0..2 {
        println!("driven: {:.0}/s", driven(log.as_ref(), input, records()));
    }
}
