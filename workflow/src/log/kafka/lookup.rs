//! Queries to the cluster: partitions, replicas, watermarks, and how far groups are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::config::{ANSWER, ClientKind, KafkaConfig};
use super::context::Quiet;
use super::error::{classify, of_code};
use super::group::{list, positions};
use crate::log::{Bounds, LogError, Position};

/// Clients that only query. They stay, because they are asked often, and a new one has to find the cluster first.
pub(super) struct Lookup {
    config: KafkaConfig,
    /// Sees what is committed.
    committed: BaseConsumer<Quiet>,
    /// Sees also what is not committed yet.
    written: BaseConsumer<Quiet>,
    /// One for each group whose positions are asked for.
    groups: Mutex<HashMap<String, Arc<BaseConsumer<Quiet>>>>,
    /// How long to wait for the open transaction of another member: by then it has ended or timed out.
    pub(super) patience: Duration,
}

impl Lookup {
    pub(super) fn new(config: &KafkaConfig) -> Result<Self, LogError> {
        Ok(Self {
            committed: create(config, ClientKind::Committed)?,
            written: create(config, ClientKind::Written)?,
            groups: Mutex::default(),
            patience: config.transaction_timeout() * 2,
            config: config.clone(),
        })
    }

    /// A new client that joins no group.
    pub(super) fn client(&self, kind: ClientKind<'_>) -> Result<BaseConsumer<Quiet>, LogError> {
        create(&self.config, kind)
    }

    /// How many partitions a topic has.
    pub(super) fn partitions(&self, topic: &str) -> Result<i32, LogError> {
        self.existing_partitions(topic)?
            .ok_or_else(|| LogError::Refused(format!("there is no topic {topic}: run `ebasvuru topics`")))
    }

    /// The same; `None` if there is no such topic.
    pub(super) fn existing_partitions(&self, topic: &str) -> Result<Option<i32>, LogError> {
        let metadata = self.committed.fetch_metadata(Some(topic), ANSWER).map_err(|e| classify(&e))?;
        let Some(found) = metadata.topics().iter().find(|t| t.name() == topic) else { return Ok(None) };
        match found.error().map(Code::from) {
            None => Ok(Some(i32::try_from(found.partitions().len()).unwrap_or(i32::MAX)).filter(|n| *n > 0)),
            Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => Ok(None),
            Some(code) => Err(of_code(code, format!("topic {topic}: {code}"))),
        }
    }

    /// How many brokers the cluster has.
    pub(super) fn brokers(&self) -> Result<i32, LogError> {
        let metadata = self.committed.fetch_metadata(None, ANSWER).map_err(|e| classify(&e))?;
        Ok(i32::try_from(metadata.brokers().len()).unwrap_or(i32::MAX))
    }

    /// How many replicas each partition of a topic has; the lowest number, if they differ.
    pub(super) fn copies(&self, topic: &str) -> Result<i32, LogError> {
        let metadata = self.committed.fetch_metadata(Some(topic), ANSWER).map_err(|e| classify(&e))?;
        let found = metadata.topics().iter().filter(|t| t.name() == topic);
        let copies = found.flat_map(|t| t.partitions()).map(|p| p.replicas().len()).min();
        Ok(copies.and_then(|copies| i32::try_from(copies).ok()).unwrap_or_default())
    }

    /// The first offset, and the high watermark: one past the last committed offset.
    pub(super) fn watermarks(&self, topic: &str, partition: i32) -> Result<(i64, i64), LogError> {
        ask(|| self.committed.fetch_watermarks(topic, partition, ANSWER))
    }

    pub(super) fn bounds(&self, topic: &str) -> Result<Vec<Bounds>, LogError> {
        (0..self.partitions(topic)?)
            .map(|partition| {
                let (low, high) = self.watermarks(topic, partition)?;
                Ok(Bounds { partition, low, high })
            })
            .collect()
    }

    /// The committed positions of a group on a topic.
    pub(super) fn positions(&self, group: &str, topic: &str) -> Result<Vec<Position>, LogError> {
        let asked = list(topic, (0..self.partitions(topic)?).map(|p| (p, Offset::Invalid)))?;
        let client = self.of_group(group)?;
        let found = client.committed_offsets(asked, ANSWER).and_then(|found| positions(&found));
        found.map_err(|error| {
            // Another one looks for the coordinator anew.
            self.groups.lock().unwrap_or_else(PoisonError::into_inner).remove(group);
            classify(&error)
        })
    }

    fn of_group(&self, group: &str) -> Result<Arc<BaseConsumer<Quiet>>, LogError> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = groups.get(group) {
            return Ok(Arc::clone(client));
        }
        let new = Arc::new(self.client(ClientKind::Group(group))?);
        groups.insert(group.to_owned(), Arc::clone(&new));
        Ok(new)
    }

    /// How many members a group has.
    pub(super) fn members(&self, group: &str) -> Result<usize, LogError> {
        let found = self.committed.fetch_group_list(Some(group), ANSWER).map_err(|e| classify(&e))?;
        Ok(found.groups().iter().filter(|it| it.name() == group).map(|it| it.members().len()).sum())
    }

    /// Waits until everything that is in the partition now is committed or aborted: a read to the end
    /// then includes all of it. (The high watermark alone is not enough: an open transaction holds it
    /// back, KAFKA-10167.)
    pub(super) fn settle(&self, topic: &str, partition: i32) -> Result<(), LogError> {
        let written = ask(|| self.written.fetch_watermarks(topic, partition, ANSWER))?.1;
        let give_up = Instant::now() + self.patience;
        while self.watermarks(topic, partition)?.1 < written {
            if Instant::now() > give_up {
                return Err(LogError::Unavailable(format!(
                    "a transaction on {topic} {partition} stays open"
                )));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

fn create(config: &KafkaConfig, kind: ClientKind<'_>) -> Result<BaseConsumer<Quiet>, LogError> {
    config.client(kind).create_with_context(Quiet).map_err(|e| classify(&e))
}

/// Asks once more after an error, because the leader may just have moved.
fn ask<T>(question: impl Fn() -> Result<T, KafkaError>) -> Result<T, LogError> {
    question().or_else(|_| question()).map_err(|e| classify(&e))
}
