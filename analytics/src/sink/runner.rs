//! The loop of the sink over one topic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::{Health, HealthState};
use ebasvuru_workflow::log::lag::tell_expired;
use ebasvuru_workflow::log::runner::slot_taken;
use ebasvuru_workflow::log::{Consumer, Log, LogError, Member, Polled, Record};
use rayon::prelude::*;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::batch::{Batcher, Range};
use super::in_flight::InFlight;
use super::row::Row;
use super::sequence::Sequences;
use super::{Options, Source, current_generation};
use crate::exception::fix_for;
use crate::metric;

/// The most records of one poll.
const POLL_RECORDS: usize = 5_000;
/// As many records as are worth waking another thread for.
const PART: usize = 100;
/// How long a poll waits while rows are collected or in flight, and so how late a batch may be cut.
const BUSY_WAIT: Duration = Duration::from_millis(10);
/// How long an idle poll waits.
const IDLE_WAIT: Duration = Duration::from_millis(100);
/// The longest pause between attempts while the log is away.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// How often a replica without a partition asks whether others have them all.
const STAND_BY: Duration = Duration::from_secs(5);
/// How long a stop waits for the inserts in flight. The next start repeats those that are left.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was told to.
    Stopped,
    /// It has reached the offsets that it was given.
    Reached,
}

/// Why a run cannot go on.
#[derive(Debug, thiserror::Error)]
enum SinkError {
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("ClickHouse does not answer: {0}")]
    ClickHouse(clickhouse::error::Error),
}

impl SinkError {
    fn report(&self, health: &Health) {
        match self {
            Self::Log(LogError::Refused(why)) => health.refused(ErrorCode::LogRefused, why),
            Self::ClickHouse(error) if let Some(fix) = fix_for(error) => {
                health.refused(ErrorCode::SinkRefused, &format!("{error}: {fix}"));
            }
            _ => health.waiting(&self.to_string()),
        }
    }
}

/// The sink of one topic.
pub struct Runner<'a> {
    source: Source,
    log: &'a dyn Log,
    client: &'a Client,
    options: &'a Options,
    runtime: &'a Handle,
    stop: &'a CancellationToken,
    health: &'a Health,
    /// The offset to reach in each partition, for a rebuild; empty for a sink, which never ends.
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

    /// Ends once these offsets are reached.
    pub fn until(mut self, until: BTreeMap<i32, i64>) -> Self {
        self.until = until;
        self
    }

    /// Runs until the stop. It starts over from the committed offsets whenever the log or a commit
    /// fails; nothing in memory counts.
    pub fn run(&self) -> End {
        let mut pause = Duration::from_millis(100);
        loop {
            let began = Instant::now();
            match self.run_once() {
                Ok(end) => return end,
                Err(_) if self.stop.is_cancelled() => return End::Stopped,
                Err(SinkError::Log(LogError::Fenced(why))) => {
                    let halt = slot_taken(&self.member(), &why);
                    self.health.halted(halt.code, &halt.detail);
                    // A rebuild ends; a sink stands still.
                    while self.until.is_empty() && !self.stop.is_cancelled() {
                        std::thread::sleep(IDLE_WAIT);
                    }
                    return End::Stopped;
                }
                Err(error) => {
                    error.report(self.health);
                    if began.elapsed() > MAX_PAUSE {
                        pause = Duration::from_millis(100);
                    }
                    self.sleep(pause);
                    pause = (pause * 2).min(MAX_PAUSE);
                }
            }
        }
    }

    fn run_once(&self) -> Result<End, SinkError> {
        let generation =
            self.runtime.block_on(current_generation(self.client)).map_err(SinkError::ClickHouse)?;
        let member = self.member();
        if matches!(self.source, Source::Events | Source::Audit) {
            tell_expired(self.log, &member.group, member.topic)?;
        }
        let mut consumer = self.log.consumer(&member)?;
        let mut state = RunState {
            batcher: Batcher::new(self.options.limits),
            sequences: Sequences::default(),
            owned: Vec::new(),
            paused: false,
            behind: false,
            in_flight: InFlight {
                source: self.source,
                client: self.client,
                generation,
                runtime: self.runtime,
                health: self.health,
                permits: Arc::new(Semaphore::new(self.options.max_inserts)),
                inserts: Vec::new(),
            },
        };
        let mut asked = Instant::now();
        while !self.stop.is_cancelled() {
            let wait = if state.batcher.is_idle() { IDLE_WAIT } else { BUSY_WAIT };
            let polled = consumer.poll(POLL_RECORDS, wait)?;
            // A full poll left something in the log.
            state.behind = matches!(&polled, Polled::Records(records) if records.len() >= POLL_RECORDS);
            match polled {
                Polled::Assigned(partitions) => {
                    let current = self.runtime.block_on(current_generation(self.client));
                    if current.map_err(SinkError::ClickHouse)? != generation {
                        return Err(LogError::StartOver("the read model was rebuilt".to_owned()).into());
                    }
                    state.assigned(consumer.as_mut(), &partitions)?;
                    self.health.running();
                }
                Polled::Revoked(partitions) => state.revoked(&partitions),
                Polled::Records(records) => state.collect(self.source, &records),
                Polled::Idle if state.owned.is_empty() && asked.elapsed() > STAND_BY => {
                    asked = Instant::now();
                    self.stand_by()?;
                }
                Polled::Idle => {}
            }
            state.commit_finished(consumer.as_mut())?;
            state.start_due(consumer.as_mut())?;
            state.limit_memory(consumer.as_mut(), self.options.max_bytes)?;
            if !self.until.is_empty() && state.batcher.is_idle() && self.reached(consumer.as_mut())? {
                return Ok(End::Reached);
            }
        }
        let stopping = Instant::now();
        while !state.in_flight.inserts.is_empty() && stopping.elapsed() < STOP_TIMEOUT {
            std::thread::sleep(BUSY_WAIT);
            state.commit_finished(consumer.as_mut())?;
        }
        Ok(End::Stopped)
    }

    /// A replica without a partition is ready if its group has more members than there are partitions.
    fn stand_by(&self) -> Result<(), LogError> {
        let (group, topic) = (self.source.group(), self.source.topic());
        if self.health.state() != HealthState::Running
            && self.log.members(group, topic)? > self.log.bounds(topic)?.len()
        {
            self.health.running();
        }
        Ok(())
    }

    fn member(&self) -> Member {
        Member {
            group: self.source.group().into(),
            topic: self.source.topic(),
            slot: self.options.slot.clone(),
        }
    }

    /// Whether the group has reached the given offsets.
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
            std::thread::sleep(BUSY_WAIT);
        }
    }
}

/// What a run has in memory.
struct RunState<'a> {
    batcher: Batcher,
    sequences: Sequences,
    in_flight: InFlight<'a>,
    owned: Vec<i32>,
    /// Whether reading waits for writing.
    paused: bool,
    /// Whether the log had more to read.
    behind: bool,
}

impl RunState<'_> {
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
        self.in_flight.abort(partitions);
        self.owned.retain(|partition| !partitions.contains(partition));
        for partition in partitions {
            self.batcher.revoke(*partition);
            self.sequences.forget(*partition);
        }
    }

    fn collect(&mut self, source: Source, records: &[Record]) {
        let now = Instant::now();
        let rows: Vec<_> = records.par_iter().with_min_len(PART).map(Row::of).collect();
        for (record, row) in records.iter().zip(rows) {
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

    fn commit_finished(&mut self, consumer: &mut dyn Consumer) -> Result<(), LogError> {
        for partition in self.in_flight.commit_finished(consumer)? {
            self.batcher.committed(partition);
        }
        Ok(())
    }

    fn start_due(&mut self, consumer: &mut dyn Consumer) -> Result<(), LogError> {
        let due = self.batcher.take(Instant::now(), self.behind);
        if due.is_empty() { Ok(()) } else { self.in_flight.start(consumer, due) }
    }

    /// Pauses reading while too much is in memory. The sink stays in the group.
    fn limit_memory(&mut self, consumer: &mut dyn Consumer, max_bytes: usize) -> Result<(), LogError> {
        let most = if self.paused { max_bytes / 2 } else { max_bytes };
        // With nothing in flight, the next batch comes only from reading.
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
