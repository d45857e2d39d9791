//! Apache Kafka with our topics, the bare copy as the reference, and a processor run by the product's
//! runner.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::health::{Health, HealthState};
use ebasvuru_workflow::log::kafka::KafkaLog;
use ebasvuru_workflow::log::runner::Runner;
use ebasvuru_workflow::log::{
    BlobStore, Log, Member, Outgoing, Processor, Record, Retention, Step, TopicSpec, topic,
};
use ebasvuru_workflow::testing::kafka::TestKafka;
use jiff::Timestamp;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio_util::sync::CancellationToken;

pub const PARTITIONS: i32 = 12;
/// Records in a transaction, as in the product's runner.
const BATCH: usize = 10_000;
/// Where the bare copy writes.
pub const COPIES: &str = "copies";

/// A broker for one measurement.
pub struct Broker {
    node: TestKafka,
    pub log: KafkaLog,
}

/// The result of one run of the runner.
pub struct Run {
    /// Records a second, from the first commit to the last.
    pub rate: f64,
    /// Records of the state that were restored before, and how many per second.
    pub restored: (u64, f64),
    /// How many of its outputs went to this topic.
    pub written: BTreeMap<&'static str, usize>,
    /// The bytes of the values that it read and wrote.
    pub bytes: (usize, usize),
}

impl Broker {
    pub fn start() -> Self {
        let node = TestKafka::start();
        let log = node.log(&[
            ("session.timeout.ms", "45000"),
            ("max.poll.interval.ms", "300000"),
            ("transaction.timeout.ms", "30000"),
            ("message.timeout.ms", "20000"),
        ]);
        let keyed = |name, retention| TopicSpec { name, partitions: PARTITIONS, retention };
        log.ensure_topics(&[
            keyed(topic::SUBMISSIONS, Retention::Forever),
            keyed(topic::DLQ, Retention::Forever),
            keyed(topic::NOTIFICATIONS, Retention::Forever),
            keyed(topic::COMMANDS, Retention::Forever),
            keyed(topic::EVENTS, Retention::Forever),
            keyed(topic::APPLICATIONS, Retention::Compact),
            keyed(topic::ARCHIVE, Retention::Compact),
            keyed(topic::REPLIES, Retention::Forever),
            keyed(COPIES, Retention::Forever),
            TopicSpec { name: topic::AUDIT, partitions: 1, retention: Retention::Forever },
            TopicSpec { name: topic::USERS, partitions: 1, retention: Retention::Compact },
            TopicSpec { name: topic::SETTINGS, partitions: 1, retention: Retention::Compact },
        ])
        .unwrap();
        Self { node, log }
    }

    pub fn publish(&self, records: impl IntoIterator<Item = Outgoing>) -> usize {
        publish(&self.log, records)
    }

    /// Runs a processor until it has committed `count` records.
    pub fn run<S: Processor>(
        &self,
        group: &str,
        input: &'static str,
        blobs: &dyn BlobStore,
        count: usize,
        fresh: impl Fn() -> S + Send + Sync,
    ) -> Run {
        let progress = Progress::default();
        let runner = Runner {
            log: &self.log,
            member: Member { group: group.into(), topic: input, slot: "bench".into() },
            clock: Clock::System,
            blobs,
            partitions: i32::MAX,
            health: Health::new("bench"),
            stop: CancellationToken::new(),
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                runner.run(|| Watched {
                    processor: fresh(),
                    progress: &progress,
                    taken: 0,
                    written: BTreeMap::new(),
                    bytes: (0, 0),
                })
            });
            // Also if this fails: a halted worker waits to be stopped.
            let _stop = runner.stop.clone().drop_guard();
            while progress.committed.load(Ordering::SeqCst) < count as u64 {
                if let HealthState::Halted { code, detail } | HealthState::Refused { code, detail } =
                    runner.health.state()
                {
                    panic!("{code}: {detail}");
                }
                thread::sleep(Duration::from_millis(5));
            }
        });
        progress.run()
    }

    /// Copies the same records by librdkafka alone, in transactions of the same size, from the committed
    /// offsets of this group on.
    pub fn bare(&self, input: &'static str, count: usize) -> f64 {
        let group = format!("bare.{input}");
        let consumer = self.bare_consumer(&group);
        let producer = bare_producer(self.node.brokers(), &group);
        consumer.subscribe(&[input]).unwrap();
        let (mut copied, mut first, mut began) = (0, 0, Instant::now());
        while copied < count {
            let batch = copy_batch(&consumer, &producer, input);
            if first == 0 {
                (first, began) = (batch, Instant::now());
            }
            copied += batch;
        }
        (copied - first) as f64 / began.elapsed().as_secs_f64()
    }

    /// Reads so many records of all partitions by librdkafka alone; how many per second, from the first on.
    pub fn read_bare(&self, topic: &str, count: usize) -> f64 {
        let consumer = self.bare_consumer("bare");
        let mut from = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            from.add_partition_offset(topic, partition, Offset::Beginning).unwrap();
        }
        consumer.assign(&from).unwrap();
        let next = || consumer.poll(Duration::from_secs(30)).unwrap().unwrap();
        next();
        let began = Instant::now();
        for _ in 1..count {
            next();
        }
        (count - 1) as f64 / began.elapsed().as_secs_f64()
    }

    fn bare_consumer(&self, group: &str) -> BaseConsumer {
        let pairs = [
            ("group.id", group),
            ("enable.auto.commit", "false"),
            ("auto.offset.reset", "earliest"),
            ("isolation.level", "read_committed"),
            ("fetch.queue.backoff.ms", "2"),
            ("fetch.message.max.bytes", "4194304"),
            ("queued.min.messages", "200000"),
        ];
        bare_client(self.node.brokers(), &pairs).create().unwrap()
    }
}

/// A client that does without our code, for a reference.
fn bare_client(brokers: &str, pairs: &[(&str, &str)]) -> ClientConfig {
    #[expect(clippy::disallowed_methods, reason = "the reference does without our code")]
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    for (name, value) in pairs {
        config.set(*name, *value);
    }
    config
}

/// A producer of transactions for a reference.
pub fn bare_producer(brokers: &str, id: &str) -> BaseProducer {
    let pairs = [
        ("transactional.id", id),
        ("compression.type", "lz4"),
        ("linger.ms", "2"),
        ("batch.size", "1048576"),
        ("queue.buffering.max.messages", "1000000"),
        ("delivery.report.only.error", "true"),
        ("partitioner", "murmur2_random"),
    ];
    let producer: BaseProducer = bare_client(brokers, &pairs).create().unwrap();
    producer.init_transactions(Duration::from_secs(30)).unwrap();
    producer
}

/// Waits for what the open transaction has sent, and commits it.
pub fn commit_bare(producer: &BaseProducer) {
    while producer.in_flight_count() > 0 {
        producer.poll(Duration::ZERO);
        thread::sleep(Duration::from_millis(1));
    }
    producer.commit_transaction(Duration::from_secs(30)).unwrap();
}

/// Appends records; returns how many.
pub fn publish(log: &KafkaLog, records: impl IntoIterator<Item = Outgoing>) -> usize {
    let producer = log.producer().unwrap();
    let (mut records, mut sent) = (records.into_iter(), 0);
    loop {
        let batch: Vec<_> = records.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return sent;
        }
        sent += batch.len();
        producer.send(batch).unwrap();
    }
}

/// One transaction of the bare copy.
fn copy_batch(consumer: &BaseConsumer, producer: &BaseProducer, input: &'static str) -> usize {
    let mut next = [0; PARTITIONS as usize];
    let mut batch = 0;
    let mut wait = Duration::from_millis(100);
    while batch < BATCH {
        let Some(message) = consumer.poll(wait) else { break };
        let message = message.unwrap();
        if batch == 0 {
            producer.begin_transaction().unwrap();
        }
        let mut record =
            BaseRecord::to(COPIES).key(message.key().unwrap()).payload(message.payload().unwrap());
        if let Some(headers) = message.headers() {
            record = record.headers(headers.iter().fold(OwnedHeaders::new(), OwnedHeaders::insert));
        }
        producer.send(record).map_err(|(e, _)| e).unwrap();
        next[message.partition() as usize] = message.offset() + 1;
        batch += 1;
        wait = Duration::ZERO;
    }
    if batch == 0 {
        return 0;
    }
    let mut offsets = TopicPartitionList::new();
    for (partition, next) in (0..).zip(next).filter(|(_, next)| *next > 0) {
        offsets.add_partition_offset(input, partition, Offset::Offset(next)).unwrap();
    }
    let generation = consumer.group_metadata().unwrap();
    producer.send_offsets_to_transaction(&offsets, &generation, Duration::from_secs(30)).unwrap();
    commit_bare(producer);
    batch
}

/// The progress of a run.
#[derive(Default)]
struct Progress {
    committed: AtomicU64,
    /// When the first commit was and its number of records, and when the last one was.
    commits: Mutex<Option<(Instant, u64, Instant)>>,
    restored: AtomicU64,
    restoring: Mutex<Option<(Instant, Instant)>>,
    written: Mutex<BTreeMap<&'static str, usize>>,
    bytes: Mutex<(usize, usize)>,
}

impl Progress {
    fn run(&self) -> Run {
        let seconds = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64();
        let (first, taken, last) = self.commits.lock().unwrap().unwrap();
        let (committed, restored) =
            (self.committed.load(Ordering::SeqCst), self.restored.load(Ordering::SeqCst));
        let restoring = self.restoring.lock().unwrap().map_or(f64::INFINITY, |(from, to)| seconds(from, to));
        Run {
            rate: (committed - taken) as f64 / seconds(first, last),
            restored: (restored, restored as f64 / restoring),
            written: std::mem::take(&mut self.written.lock().unwrap()),
            bytes: *self.bytes.lock().unwrap(),
        }
    }
}

/// A processor whose progress is recorded.
struct Watched<'a, S> {
    processor: S,
    progress: &'a Progress,
    /// What the steps since the last commit read and wrote.
    taken: u64,
    written: BTreeMap<&'static str, usize>,
    bytes: (usize, usize),
}

impl<S> Watched<'_, S> {
    fn forget(&mut self) {
        self.taken = 0;
        self.written.clear();
        self.bytes = (0, 0);
    }
}

impl<S: Processor> Processor for Watched<'_, S> {
    fn state_topic(&self) -> Option<&'static str> {
        self.processor.state_topic()
    }
    fn side_topics(&self) -> &'static [&'static str] {
        self.processor.side_topics()
    }
    fn restore(&mut self, record: Record) {
        self.processor.restore(record);
        // Only sometimes: reading the clock for each record would slow down the restore.
        if self.progress.restored.fetch_add(1, Ordering::Relaxed).is_multiple_of(64) {
            let now = Instant::now();
            self.progress.restoring.lock().unwrap().get_or_insert((now, now)).1 = now;
        }
    }
    fn revoked(&mut self, partition: i32) {
        self.processor.revoked(partition);
    }
    fn observe(&mut self, record: Record) {
        self.processor.observe(record);
    }
    fn process(&mut self, batch: &[Record], now: Timestamp) -> Step {
        let step = self.processor.process(batch, now);
        self.taken += step.consumed as u64;
        let size = |value: &Option<bytes::Bytes>| value.as_ref().map_or(0, |value| value.len());
        self.bytes.0 += batch[..step.consumed].iter().map(|it| size(&it.value)).sum::<usize>();
        self.bytes.1 += step.outputs.iter().map(|it| size(&it.value)).sum::<usize>();
        step.outputs.iter().for_each(|output| *self.written.entry(output.topic).or_default() += 1);
        step
    }
    fn due(&mut self, now: Timestamp) -> Option<Step> {
        self.processor.due(now)
    }
    fn committed(&mut self) {
        self.processor.committed();
        let now = Instant::now();
        let mut commits = self.progress.commits.lock().unwrap();
        commits.get_or_insert((now, self.taken, now)).2 = now;
        let mut written = self.progress.written.lock().unwrap();
        self.written.iter().for_each(|(topic, count)| *written.entry(topic).or_default() += count);
        {
            let mut bytes = self.progress.bytes.lock().unwrap();
            *bytes = (bytes.0 + self.bytes.0, bytes.1 + self.bytes.1);
        }
        self.progress.committed.fetch_add(self.taken, Ordering::SeqCst);
        self.forget();
    }
    fn aborted(&mut self) {
        self.forget();
        self.processor.aborted();
    }
}
