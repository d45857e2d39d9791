//! A group member that commits offsets by hand, with metadata (for the sink).

use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::{Offset, TopicPartitionList};

use std::sync::Arc;
use std::time::Duration;

use super::config::KafkaConfig;
use super::error::classify;
use super::group::Group;
use super::lookup::Lookup;
use crate::log::{Consumer, LogError, Member, Polled, Position};

pub(super) struct KafkaConsumer(Group);

impl KafkaConsumer {
    pub(super) fn new(config: &KafkaConfig, lookup: Arc<Lookup>, member: &Member) -> Result<Self, LogError> {
        Ok(Self(Group::join(config, lookup, member)?))
    }
}

impl Consumer for KafkaConsumer {
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError> {
        self.0.poll(max, wait)
    }

    fn committed(&mut self, partitions: &[i32]) -> Result<Vec<Position>, LogError> {
        self.0.stable_positions(partitions)
    }

    fn commit(&mut self, positions: &[Position]) -> Result<(), LogError> {
        let mut list = TopicPartitionList::new();
        for position in positions {
            let mut element = list.add_partition(&self.0.topic, position.partition);
            element.set_offset(Offset::Offset(position.offset)).map_err(|e| classify(&e))?;
            element.set_metadata(&position.metadata);
        }
        // The broker refuses it, by the old generation, if the partitions have a new owner.
        self.0.consumer().commit(&list, CommitMode::Sync).map_err(|e| classify(&e))
    }

    fn seek(&mut self, partition: i32, offset: i64) -> Result<(), LogError> {
        self.0.seek(&[(partition, offset)])
    }

    fn pause(&mut self, partition: i32, paused: bool) -> Result<(), LogError> {
        self.0.pause(partition, paused)
    }
}
