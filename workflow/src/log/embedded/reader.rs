//! Reading outside of any group.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::store::Store;
use crate::log::{LogError, POLL_BYTES, Reader, Record, Start};

pub struct EmbeddedReader {
    store: Store,
    topic: Arc<str>,
    /// Partition and next offset.
    next: Vec<(i32, i64)>,
}

impl EmbeddedReader {
    pub fn new(mut store: Store, topic: &str, start: &Start) -> Result<Self, LogError> {
        let bounds = store.bounds(topic)?;
        let next = match start {
            Start::Beginning => bounds.iter().map(|b| (b.partition, b.low)).collect(),
            Start::End => bounds.iter().map(|b| (b.partition, b.high)).collect(),
            Start::Each(next) => next.clone(),
        };
        Ok(Self { store, topic: topic.into(), next })
    }

    fn take(&mut self, max: usize) -> Result<Vec<Record>, LogError> {
        let mut records = Vec::new();
        let mut bytes = 0;
        let mut full = false;
        for (partition, next) in &mut self.next {
            let (left, left_bytes) = (max - records.len(), POLL_BYTES - bytes);
            let part = self.store.records(&self.topic, *partition, *next, left, left_bytes)?;
            if let Some(last) = part.last() {
                *next = last.offset + 1;
            }
            bytes += part.iter().map(Record::bytes).sum::<usize>();
            records.extend(part);
            full = records.len() == max || bytes >= POLL_BYTES;
            if full {
                break;
            }
        }
        // A busy partition must not starve the partitions after it.
        if full && !self.next.is_empty() {
            self.next.rotate_left(1);
        }
        Ok(records)
    }
}

impl Reader for EmbeddedReader {
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Vec<Record>, LogError> {
        let until = Instant::now() + wait;
        loop {
            let seen = self.store.version()?;
            let records = self.take(max)?;
            if !records.is_empty() || Instant::now() >= until {
                return Ok(records);
            }
            self.store.await_change(seen, until)?;
        }
    }

    fn read_to_end(&mut self, each: &mut dyn FnMut(Record)) -> Result<(), LogError> {
        let ends = self.store.bounds(&self.topic)?;
        for (partition, next) in &mut self.next {
            let end = ends.iter().find(|b| b.partition == *partition).map_or(0, |b| b.high);
            while *next < end {
                let part = self.store.records(&self.topic, *partition, *next, 1000, POLL_BYTES)?;
                if part.is_empty() {
                    break;
                }
                for record in part {
                    *next = record.offset + 1;
                    each(record);
                }
            }
        }
        Ok(())
    }
}
