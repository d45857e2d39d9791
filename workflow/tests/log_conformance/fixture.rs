//! A log for each test, with its own topics and groups.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::{
    Log, Member, Outgoing, Polled, Reader, Record, Retention, TopicSpec, Transactor,
};
use ebasvuru_workflow::testing::kafka::TestKafka;
use ebasvuru_workflow::testing::records;

pub const PARTITIONS: i32 = 4;
/// How long a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(180);

pub struct Fixture {
    pub log: Arc<dyn Log>,
    /// How a child process of the crash test reaches the same log.
    pub address: String,
    _dir: Option<tempfile::TempDir>,
}

pub fn test_kafka() -> Option<&'static TestKafka> {
    static KAFKA: OnceLock<Option<TestKafka>> = OnceLock::new();
    KAFKA.get_or_init(TestKafka::from_env_or_start).as_ref()
}

impl Fixture {
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.sqlite");
        let log = Arc::new(EmbeddedLog::open(&path).unwrap());
        Self { log, address: path.display().to_string(), _dir: Some(dir) }
    }

    pub fn kafka() -> Option<Self> {
        test_kafka().map(Self::on)
    }

    pub fn on(kafka: &TestKafka) -> Self {
        Self { log: Arc::new(kafka.log(&[])), address: kafka.brokers().to_owned(), _dir: None }
    }

    /// A new topic.
    pub fn topic(&self, retention: Retention) -> &'static str {
        let name: &'static str = Box::leak(format!("t{}", uuid::Uuid::new_v4().simple()).into_boxed_str());
        let spec = TopicSpec { name, partitions: PARTITIONS, retention };
        assert_eq!(self.log.ensure_topics(&[spec]).unwrap(), Vec::<String>::new());
        eventually(|| self.log.bounds(name).ok().filter(|b| b.len() == PARTITIONS as usize));
        name
    }

    pub fn produce(&self, records: Vec<Outgoing>) -> Vec<(i32, i64)> {
        self.log.producer().unwrap().send(records).unwrap()
    }

    /// `count` records, keyed `k0..k19`, with the values `0..count`.
    pub fn fill(&self, topic: &'static str, from: usize, count: usize) {
        self.produce(
            (from..from + count).map(|i| keyed(topic, &format!("k{}", i % 20), &i.to_string())).collect(),
        );
    }

    pub fn all(&self, topic: &str) -> Vec<Record> {
        records(self.log.as_ref(), topic)
    }

    pub fn transactor(&self, member: &Member) -> Box<dyn Transactor> {
        self.log.transactor(member).unwrap()
    }
}

pub fn member(topic: &'static str, slot: &str) -> Member {
    Member { group: format!("g.{topic}"), topic, slot: slot.into() }
}

pub fn keyed(topic: &'static str, key: &str, value: &str) -> Outgoing {
    Outgoing {
        topic,
        partition: None,
        key: Some(Bytes::copy_from_slice(key.as_bytes())),
        value: Some(Bytes::copy_from_slice(value.as_bytes())),
        headers: Vec::new(),
    }
}

pub fn value(record: &Record) -> String {
    String::from_utf8(record.value.clone().unwrap().to_vec()).unwrap()
}

/// The values as numbers, sorted.
pub fn numbers(records: &[Record]) -> Vec<usize> {
    let mut numbers: Vec<usize> = records.iter().map(|r| value(r).parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// Calls `ask` until it returns something.
pub fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < give_up, "it did not come about");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The next records; changes of assignment are ignored.
pub fn next_records(transactor: &mut dyn Transactor, max: usize) -> Vec<Record> {
    eventually(|| match transactor.poll(max, Duration::from_millis(100)).unwrap() {
        Polled::Records(records) => Some(records),
        Polled::Assigned(_) | Polled::Revoked(_) | Polled::Idle => None,
    })
}

/// Polls until all partitions are assigned.
pub fn own_all(transactor: &mut dyn Transactor) {
    let mut owned = 0;
    eventually(|| {
        match transactor.poll(1, Duration::from_millis(100)).unwrap() {
            Polled::Assigned(partitions) => owned += partitions.len(),
            Polled::Revoked(partitions) => owned -= partitions.len(),
            Polled::Records(_) => panic!("records before the whole assignment was told"),
            Polled::Idle => {}
        }
        (owned == PARTITIONS as usize).then_some(())
    });
}

/// The next offset of each partition after these records.
pub fn offsets(records: &[Record]) -> Vec<(i32, i64)> {
    let mut next = BTreeMap::new();
    for record in records {
        next.insert(record.partition, record.offset + 1);
    }
    next.into_iter().collect()
}

/// Copies of these records for another topic.
pub fn copies(records: &[Record], to: &'static str) -> Vec<Outgoing> {
    records
        .iter()
        .map(|r| Outgoing {
            topic: to,
            partition: Some(r.partition),
            key: r.key.clone(),
            value: r.value.clone(),
            headers: Vec::new(),
        })
        .collect()
}

/// Reads until nothing arrives for a moment.
pub fn poll_all(reader: &mut dyn Reader, count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    eventually(|| {
        records.extend(reader.poll(100, Duration::from_millis(100)).unwrap());
        (records.len() >= count).then_some(())
    });
    records
}
