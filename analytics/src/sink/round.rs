//! Batches on their way into ClickHouse: pending is committed before, next after.

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

/// The batches in flight of one topic. Dropping it abandons them: their ranges stay pending.
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
    /// Commits the ranges as pending, and only then begins to write them.
    pub fn launch(&mut self, consumer: &mut dyn Consumer, batches: Vec<Batch>) -> Result<(), LogError> {
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

    /// Commits what follows the batches that have been written, and returns their partitions.
    pub fn land(&mut self, consumer: &mut dyn Consumer) -> Result<Vec<i32>, LogError> {
        let landed: Vec<InFlightInsert> =
            self.inserts.extract_if(.., |flight| flight.task.is_finished()).collect();
        if landed.is_empty() {
            return Ok(Vec::new());
        }
        let next: Vec<Position> = landed
            .iter()
            .map(|flight| Position {
                partition: flight.partition,
                offset: flight.range.max + 1,
                metadata: String::new(),
            })
            .collect();
        for mut flight in landed {
            let began = flight.began;
            // Finished: this does not wait. A panic inside is no success.
            self.runtime
                .block_on(&mut flight.task)
                .map_err(|e| LogError::StartOver(format!("an insert's task ended: {e}")))?;
            metrics::histogram!(metric::BATCH_SECONDS, "topic" => self.source.topic())
                .record(began.elapsed());
        }
        consumer.commit(&next)?;
        Ok(next.into_iter().map(|position| position.partition).collect())
    }

    /// Lets go of what is in flight of these partitions: their new owner writes it.
    pub fn abandon(&mut self, partitions: &[i32]) {
        self.inserts.retain(|flight| !partitions.contains(&flight.partition));
    }
}
