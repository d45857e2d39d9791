//! The log in one SQLite file, for one machine.
//!
//! It has topics, partitions, offsets, groups with metadata, and transactions of outputs and offsets,
//! with Kafka's semantics as far as the product uses them. What is acknowledged is synced (WAL,
//! `synchronous=FULL`). Several processes may share the file: `publish`, `dlq` and `reconcile` work
//! beside a running `up`.

mod group;
mod member;
mod reader;
mod schema;
mod store;
mod upkeep;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{
    Bounds, Consumer, Log, LogError, Member, Outgoing, POLL_BYTES, Position, Producer, Reader, Record,
    RecordAddress, Start, TopicSpec, Transactor,
};
use member::EmbeddedMember;
use reader::EmbeddedReader;
use store::{Store, WriteNotifier};

/// A log in one SQLite file. Cheap to clone; every reader and writer has its own connection.
#[derive(Clone)]
pub struct EmbeddedLog {
    path: PathBuf,
    notifier: Arc<WriteNotifier>,
}

impl fmt::Debug for EmbeddedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

impl EmbeddedLog {
    /// Opens the file; creates it if it is missing.
    ///
    /// # Errors
    /// [`LogError::Refused`] if the file cannot be written or is not a log.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let log = Self { path: path.to_owned(), notifier: Arc::default() };
        log.store()?.create()?;
        Ok(log)
    }

    fn store(&self) -> Result<Store, LogError> {
        Store::open(&self.path, Arc::clone(&self.notifier))
    }
}

impl Log for EmbeddedLog {
    fn describe(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    fn ensure_topics(&self, specs: &[TopicSpec]) -> Result<Vec<String>, LogError> {
        self.store()?.ensure_topics(specs)
    }

    fn bounds(&self, topic: &str) -> Result<Vec<Bounds>, LogError> {
        self.store()?.bounds(topic)
    }

    fn record_at(&self, at: &RecordAddress) -> Result<Option<Record>, LogError> {
        let found = self.store()?.records(&at.topic, at.partition, at.offset, 1, POLL_BYTES)?;
        Ok(found.into_iter().find(|record| record.offset == at.offset))
    }

    fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, LogError> {
        self.store()?.positions(group, topic)
    }

    fn members(&self, group: &str, topic: &str) -> Result<usize, LogError> {
        group::alive(&mut self.store()?, group, topic)
    }

    fn producer(&self) -> Result<Box<dyn Producer>, LogError> {
        Ok(Box::new(EmbeddedProducer(Mutex::new(self.store()?))))
    }

    fn reader(&self, topic: &str, start: Start) -> Result<Box<dyn Reader>, LogError> {
        Ok(Box::new(EmbeddedReader::new(self.store()?, topic, &start)?))
    }

    fn consumer(&self, member: &Member) -> Result<Box<dyn Consumer>, LogError> {
        Ok(Box::new(EmbeddedMember::join(self.store()?, member)?))
    }

    fn transactor(&self, member: &Member) -> Result<Box<dyn Transactor>, LogError> {
        Ok(Box::new(EmbeddedMember::join(self.store()?, member)?))
    }
}

struct EmbeddedProducer(Mutex<Store>);

impl Producer for EmbeddedProducer {
    fn send(&self, records: Vec<Outgoing>) -> Result<Vec<(i32, i64)>, LogError> {
        let mut store = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        store.write(|tx| tx.append(&records))
    }
}
