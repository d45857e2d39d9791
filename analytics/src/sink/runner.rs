//! The sink's loop over one topic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::Health;
use ebasvuru_workflow::log::lag::tell_expired;
use ebasvuru_workflow::log::runner::slot_taken;
use ebasvuru_workflow::log::{Consumer, Log, LogError, Member, Polled, Record};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::batch::{Batcher, Range};
use super::round::InFlight;
use super::row::Row;
use super::sequence::Sequences;
use super::{Options, Source, current_generation};
use crate::metric;
use crate::refusal::mend;

/// Records a poll brings at most.
const POLL: usize = 5_000;
/// How long a poll waits while something is gathered or in flight, and so how late a cut is.
const SHORT: Duration = Duration::from_millis(10);
/// How long an idle poll waits.
const LONG: Duration = Duration::from_millis(100);
/// The longest pause between attempts when the log is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How long a stop waits for what is in flight; what is left is written after the next start.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was told to.
    Stopped,
    /// It has written all that it was asked to.
    Reached,
}

/// What has to be there before a run can go on.
#[derive(Debug, thiserror::Error)]
enum Away {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("ClickHouse does not answer: {0}")]
    ClickHouse(clickhouse::error::Error),
}

impl Away {
    fn tell(&self, health: &Health) {
        match self {
            Self::Log(LogError::Refused(why)) => health.refused(ErrorCode::LogRefused, why),
            Self::ClickHouse(error) if let Some(mend) = mend(error) => {
                health.refused(ErrorCode::SinkRefused, &format!("{error}: {mend}"));
            }
            _ => health.waiting(&self.to_string()),
        }
    }
}

/// One topic's part of the sink.
pub struct Runner<'a> {
    source: Source,
    log: &'a dyn Log,
    client: &'a Client,
    options: &'a Options,
    runtime: &'a Handle,
    stop: &'a CancellationToken,
    health: &'a Health,
    /// Partition by partition the offset to reach, for a rebuild; the sink itself never ends.
    until: BTreeMap<i32, i64>,
}

impl<'a> Runner<'a> {
    pub fn new(
        source: Source,
        log: &'a dyn Log,
        client: &'a Client,
        options: &'a Options,
        runtime: &'a Handle,
        stop: &'a CancellationToken,
        health: &'a Health,
    ) -> Self {
        Self { source, log, client, options, runtime, stop, health, until: BTreeMap::new() }
    }

    /// Ends when these offsets are reached.
    pub fn until(mut self, until: BTreeMap<i32, i64>) -> Self {
        self.until = until;
        self
    }

    /// Runs until told to stop, starting over from the committed offsets whenever the log
    /// or a commit fails: what is in memory never counts.
    pub fn run(&self) -> End {
        let mut pause = Duration::from_millis(100);
        loop {
            let began = Instant::now();
            match self.run_once() {
                Ok(end) => return end,
                Err(_) if self.stop.is_cancelled() => return End::Stopped,
                Err(Away::Log(LogError::Fenced(why))) => {
                    let halt = slot_taken(&self.member(), &why);
                    self.health.halted(halt.code, &halt.detail);
                    // A rebuild ends with it; a sink holds still.
                    while self.until.is_empty() && !self.stop.is_cancelled() {
                        std::thread::sleep(LONG);
                    }
                    return End::Stopped;
                }
                Err(error) => {
                    error.tell(self.health);
                    if began.elapsed() > LONGEST_PAUSE {
                        pause = Duration::from_millis(100);
                    }
                    self.sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn run_once(&self) -> Result<End, Away> {
        let generation = self.runtime.block_on(current_generation(self.client)).map_err(Away::ClickHouse)?;
        let member = self.member();
        if self.source == Source::Events {
            tell_expired(self.log, &member.group, member.topic)?;
        }
        let mut consumer = self.log.consumer(&member)?;
        let mut work = Work {
            batcher: Batcher::new(self.options.limits),
            sequences: Sequences::default(),
            owned: Vec::new(),
            paused: false,
            in_flight: InFlight {
                source: self.source,
                client: self.client,
                generation,
                runtime: self.runtime,
                health: self.health,
                permits: Arc::new(Semaphore::new(self.options.at_once)),
                inserts: Vec::new(),
            },
        };
        while !self.stop.is_cancelled() {
            let wait = if work.batcher.is_idle() { LONG } else { SHORT };
            match consumer.poll(POLL, wait)? {
                Polled::Assigned(partitions) => {
                    work.assigned(consumer.as_mut(), &partitions)?;
                    self.health.running();
                }
                Polled::Revoked(partitions) => work.revoked(&partitions),
                Polled::Records(records) => work.gather(self.source, &records),
                Polled::Idle => {}
            }
            work.land(consumer.as_mut())?;
            work.launch(consumer.as_mut())?;
            work.balance(consumer.as_mut(), self.options.memory)?;
            if !self.until.is_empty() && work.batcher.is_idle() && self.reached(consumer.as_mut())? {
                return Ok(End::Reached);
            }
        }
        let farewell = Instant::now();
        while !work.in_flight.inserts.is_empty() && farewell.elapsed() < FAREWELL {
            std::thread::sleep(SHORT);
            work.land(consumer.as_mut())?;
        }
        Ok(End::Stopped)
    }

    fn member(&self) -> Member {
        Member {
            group: self.source.group().into(),
            topic: self.source.topic(),
            slot: self.options.slot.clone(),
        }
    }

    /// Whether the group has come as far as it was asked to.
    fn reached(&self, consumer: &mut dyn Consumer) -> Result<bool, LogError> {
        let partitions: Vec<i32> = self.until.keys().copied().collect();
        let committed = consumer.committed(&partitions)?;
        Ok(self.until.iter().all(|(partition, until)| {
            committed.iter().any(|p| p.partition == *partition && p.offset >= *until && p.metadata.is_empty())
        }))
    }

    fn sleep(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while Instant::now() < until && !self.stop.is_cancelled() {
            std::thread::sleep(SHORT);
        }
    }
}

/// What is in memory between two starts.
struct Work<'a> {
    batcher: Batcher,
    sequences: Sequences,
    in_flight: InFlight<'a>,
    owned: Vec<i32>,
    /// Whether reading waits for writing.
    paused: bool,
}

impl Work<'_> {
    fn assigned(&mut self, consumer: &mut dyn Consumer, partitions: &[i32]) -> Result<(), LogError> {
        let committed = consumer.committed(partitions)?;
        for partition in partitions {
            let pending = committed
                .iter()
                .find(|position| position.partition == *partition)
                .and_then(|position| Range::from_metadata(&position.metadata));
            if let Some(Range { min, max }) = pending {
                let topic = self.in_flight.source.topic();
                tracing::info!(
                    record.topic = topic,
                    record.partition = partition,
                    record.offset_min = min,
                    record.offset_max = max,
                    "a batch of {topic} was in flight when its writer ended; it is written again under the same token"
                );
            }
            self.batcher.assign(*partition, pending);
            self.owned.push(*partition);
            if self.paused {
                consumer.pause(*partition, true)?;
            }
        }
        Ok(())
    }

    fn revoked(&mut self, partitions: &[i32]) {
        self.in_flight.abandon(partitions);
        self.owned.retain(|partition| !partitions.contains(partition));
        for partition in partitions {
            self.batcher.revoke(*partition);
            self.sequences.forget(*partition);
        }
    }

    fn gather(&mut self, source: Source, records: &[Record]) {
        let now = Instant::now();
        for record in records {
            let row = Row::of(record);
            if let Some(row) = &row {
                self.sequences.check(record.partition, row);
            }
            if let Some(Row::Reject(reject)) = &row {
                let topic = source.topic();
                metrics::counter!(metric::REJECTS, "topic" => topic).increment(1);
                tracing::error!(
                    error.code = ErrorCode::SinkUnreadableRecord.as_str(),
                    error.message = reject.reason,
                    record.topic = topic,
                    record.partition = record.partition,
                    record.offset = record.offset,
                    "a record of {topic} cannot be read and is kept in sink_rejects"
                );
            }
            self.batcher.push(record.partition, record.offset, row, now);
        }
    }

    fn land(&mut self, consumer: &mut dyn Consumer) -> Result<(), LogError> {
        for partition in self.in_flight.land(consumer)? {
            self.batcher.landed(partition);
        }
        Ok(())
    }

    fn launch(&mut self, consumer: &mut dyn Consumer) -> Result<(), LogError> {
        let due = self.batcher.take(Instant::now());
        if due.is_empty() { Ok(()) } else { self.in_flight.launch(consumer, due) }
    }

    /// Stops reading while too much is gathered, staying in the group.
    fn balance(&mut self, consumer: &mut dyn Consumer, memory: usize) -> Result<(), LogError> {
        let most = if self.paused { memory / 2 } else { memory };
        // With nothing in flight only reading brings the next batch about.
        let pause = self.batcher.bytes() > most && !self.in_flight.inserts.is_empty();
        if pause != self.paused {
            for partition in &self.owned {
                consumer.pause(*partition, pause)?;
            }
            self.paused = pause;
        }
        Ok(())
    }
}
