//! The log on Apache Kafka, exactly once.
//!
//! Exactly-once depends on: the settings of every client ([`config`]); the order producer, membership,
//! poll, transaction (`transactor`); rebalance callbacks that do not block (`context`); stable
//! committed offsets and no open transaction on the state partition before a replay (`group`,
//! `lookup`); the right meaning of each error (`error`).

pub mod config;
mod consumer;
mod context;
mod error;
mod flush;
mod group;
mod lookback;
mod lookup;
mod producer;
mod reader;
mod record;
mod topics;
mod transactor;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

pub use self::config::KafkaConfig;
use super::{
    Bounds, Consumer, Log, LogError, Member, Position, Producer, Reader, Record, RecordAddress, Start,
    TopicSpec, Transactor,
};

/// The log on Kafka. Cheap to clone; every reader, member and producer has its own client.
#[derive(Clone)]
pub struct KafkaLog {
    config: Arc<KafkaConfig>,
    lookup: Arc<lookup::Lookup>,
    lookback: Arc<Mutex<lookback::Lookback>>,
}

impl fmt::Debug for KafkaLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

impl KafkaLog {
    /// Checks the settings. The brokers need not be up yet.
    ///
    /// # Errors
    /// [`LogError::Refused`] for a property that would break a guarantee, time-outs that contradict
    /// each other, or a property that librdkafka does not know.
    pub fn new(config: KafkaConfig) -> Result<Self, LogError> {
        config.check()?;
        let lookup = Arc::new(lookup::Lookup::new(&config)?);
        Ok(Self { config: Arc::new(config), lookup, lookback: Arc::default() })
    }
}

impl Log for KafkaLog {
    fn describe(&self) -> String {
        format!("kafka:{}", self.config.brokers)
    }

    fn ensure_topics(&self, specs: &[TopicSpec]) -> Result<Vec<String>, LogError> {
        topics::ensure(&self.config, &self.lookup, specs)
    }

    fn bounds(&self, topic: &str) -> Result<Vec<Bounds>, LogError> {
        self.lookup.bounds(topic)
    }

    fn record_at(&self, at: &RecordAddress) -> Result<Option<Record>, LogError> {
        let mut lookback = self.lookback.lock().unwrap_or_else(PoisonError::into_inner);
        lookback.record_at(&self.lookup, at)
    }

    fn committed(&self, group: &str, topic: &str) -> Result<Vec<Position>, LogError> {
        self.lookup.positions(group, topic)
    }

    fn members(&self, group: &str, _topic: &str) -> Result<usize, LogError> {
        self.lookup.members(group)
    }

    fn producer(&self) -> Result<Box<dyn Producer>, LogError> {
        Ok(Box::new(producer::KafkaProducer::new(&self.config)?))
    }

    fn reader(&self, topic: &str, start: Start) -> Result<Box<dyn Reader>, LogError> {
        Ok(Box::new(reader::KafkaReader::new(Arc::clone(&self.lookup), topic, &start)?))
    }

    fn consumer(&self, member: &Member) -> Result<Box<dyn Consumer>, LogError> {
        Ok(Box::new(consumer::KafkaConsumer::new(&self.config, Arc::clone(&self.lookup), member)?))
    }

    fn transactor(&self, member: &Member) -> Result<Box<dyn Transactor>, LogError> {
        Ok(Box::new(transactor::KafkaTransactor::new(&self.config, Arc::clone(&self.lookup), member)?))
    }
}
