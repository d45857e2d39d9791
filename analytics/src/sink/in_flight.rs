//! The batches that are being inserted. Their ranges are committed as pending before, and the next
//! offsets after.

use std::sync::Arc;
use std::time::Instant;

use clickhouse::Client;
use ebasvuru_workflow::health::Health;
use ebasvuru_workflow::log::{Consumer, LogError, Position};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::Source;
use super::batch::{Batch, Range};
use super::insert;
use crate::metric;

/// The batches of one topic that are in flight. Dropping it aborts them; their ranges stay pending.
pub struct InFlight<'a> {
    pub source: Source,
    pub client: &'a Client,
    pub generation: u64,
    pub runtime: &'a Handle,
    pub health: &'a Health,
    pub permits: Arc<Semaphore>,
    pub inserts: Vec<InFlightInsert>,
}

pub struct InFlightInsert {
    partition: i32,
    range: Range,
    began: Instant,
    task: JoinHandle<()>,
}

impl Drop for InFlightInsert {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl InFlight<'_> {
    /// Commits the ranges as pending, and only then starts to insert.
    pub fn start(&mut self, consumer: &mut dyn Consumer, batches: Vec<Batch>) -> Result<(), LogError> {
        let pending: Vec<Position> = batches
            .iter()
            .filter(|batch| !batch.blocks.is_empty())
            .map(|Batch { partition, range, .. }| Position {
                partition: *partition,
                offset: range.min,
                metadata: range.to_metadata(),
            })
            .collect();
        if !pending.is_empty() {
            consumer.commit(&pending)?;
        }
        for batch in batches {
            let (topic, generation) = (self.source.topic(), self.generation);
            let (client, health) = (self.client.clone(), self.health.clone());
            let permits = Arc::clone(&self.permits);
            let (partition, range) = (batch.partition, batch.range);
            let task = self.runtime.spawn(async move {
                let _permit = permits.acquire().await;
                insert::write(client, topic, generation, &batch, &health).await;
            });
            self.inserts.push(InFlightInsert { partition, range, began: Instant::now(), task });
        }
        Ok(())
    }

    /// Commits the next offsets of the batches that have been inserted, and returns their partitions.
    pub fn commit_finished(&mut self, consumer: &mut dyn Consumer) -> Result<Vec<i32>, LogError> {
        let finished: Vec<InFlightInsert> =
            self.inserts.extract_if(.., |insert| insert.task.is_finished()).collect();
        if finished.is_empty() {
            return Ok(Vec::new());
        }
        let next: Vec<Position> = finished
            .iter()
            .map(|insert| Position {
                partition: insert.partition,
                offset: insert.range.max + 1,
                metadata: String::new(),
            })
            .collect();
        for mut insert in finished {
            let began = insert.began;
            // The task has finished, so this does not wait. It returns an error if the task panicked.
            self.runtime
                .block_on(&mut insert.task)
                .map_err(|e| LogError::StartOver(format!("the task of an insert ended: {e}")))?;
            metrics::histogram!(metric::BATCH_SECONDS, "topic" => self.source.topic())
                .record(began.elapsed());
        }
        consumer.commit(&next)?;
        Ok(next.into_iter().map(|position| position.partition).collect())
    }

    /// Aborts the batches of these partitions: their new owner writes them.
    pub fn abort(&mut self, partitions: &[i32]) {
        self.inserts.retain(|insert| !partitions.contains(&insert.partition));
    }
}
