//! The one loop that runs a processor, on either log.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::lag::tell_expired;
use super::storing::Storing;
use super::{
    Blob, BlobStore, Forward, Halt, Log, LogError, Member, Outgoing, Polled, Processor, Reader, Record,
    Start, Step, TransactError, Transactor, dead_letter,
};
use crate::clock::Clock;
use crate::error_code::ErrorCode;
use crate::health::{Health, HealthState};
use crate::metric;

/// The most records of a transaction: enough to make its fixed cost negligible, few enough that an
/// abort repeats little.
const BATCH: usize = 10_000;
/// The records that a processor gets at once: few enough that the log sends the results of one chunk
/// while the processor works on the next.
const CHUNK: usize = 1_000;
/// A batch that takes longer is committed as far as it is processed, well before the broker would
/// abort its transaction.
const COMMIT_AFTER: Duration = Duration::from_secs(5);
/// How long an idle poll waits, and so how late a timer may run.
const IDLE: Duration = Duration::from_millis(100);
/// How often timers are checked between batches.
const TICK: Duration = Duration::from_millis(250);
/// The longest pause between attempts when something does not answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Runs a processor as one member of a group.
pub struct Runner<'a> {
    /// The log.
    pub log: &'a dyn Log,
    /// This worker's place in its group.
    pub member: Member,
    /// The clock the processor decides by.
    pub clock: Clock,
    /// Where content is stored.
    pub blobs: &'a dyn BlobStore,
    /// The partition count that the state was made with. A processor with state stops when it is
    /// assigned a partition beyond it: the state of that partition's keys is in other partitions.
    pub partitions: i32,
    /// The health of the worker.
    pub health: Health,
    /// Cancelled to end the loop, between two transactions.
    pub stop: CancellationToken,
}

/// How much goes into one transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Everything that a poll returns.
    Batches,
    /// One chunk, after a batch that was not committed. Slow work (the document store, reading
    /// originals again) is then done before the transaction begins, and cannot outlast it again.
    Chunks,
}

/// Why a run of the loop ended.
enum End {
    Stopped,
    Halted(Halt),
}

impl Runner<'_> {
    /// Runs until `stop` is cancelled, and starts over with a fresh processor whenever the transactor
    /// must. Blocks: each worker has its own thread.
    pub fn run<S: Processor>(&self, mut fresh: impl FnMut() -> S) {
        let mut pause = Duration::from_millis(100);
        let mut pace = Pace::Batches;
        while !self.stop.is_cancelled() {
            let began = Instant::now();
            match self.run_once(&mut fresh(), &mut pace) {
                Ok(End::Stopped) => return,
                Ok(End::Halted(halt)) => return self.halt(&halt),
                // The newer member stays: two that each took the slot back would do so for ever.
                Err(LogError::Fenced(why)) => return self.halt(&slot_taken(&self.member, &why)),
                Err(LogError::TooLarge(why)) => {
                    return self.halt(&Halt { code: ErrorCode::RecordTooLarge, detail: why });
                }
                Err(error) => {
                    metrics::counter!(metric::RESTARTS, "group" => self.member.group.clone()).increment(1);
                    match &error {
                        LogError::Refused(why) => self.health.refused(ErrorCode::LogRefused, why),
                        _ => self.health.waiting(&error.to_string()),
                    }
                    if began.elapsed() > LONGEST_PAUSE {
                        pause = Duration::from_millis(100);
                    }
                    self.sleep(pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Reports the halt, and waits until it is told to stop.
    fn halt(&self, halt: &Halt) {
        self.health.halted(halt.code, &halt.detail);
        while !self.stop.is_cancelled() {
            thread::sleep(IDLE);
        }
    }

    fn run_once<S: Processor>(&self, processor: &mut S, pace: &mut Pace) -> Result<End, LogError> {
        let side = processor.side_topics().iter();
        let mut side =
            side.map(|topic| self.log.reader(topic, Start::Beginning)).collect::<Result<Vec<_>, _>>()?;
        tell_expired(self.log, &self.member.group, self.member.topic)?;
        let mut transactor = self.log.transactor(&self.member)?;
        let mut owned = BTreeSet::new();
        let mut ticked = Instant::now();
        let mut wait = IDLE;
        loop {
            if self.stop.is_cancelled() {
                return Ok(End::Stopped);
            }
            let polled = match transactor.poll(BATCH, wait) {
                Ok(polled) => polled,
                // The log does not answer, but the membership holds: the state in memory stays.
                Err(LogError::Unavailable(reason)) => {
                    self.health.waiting(&reason);
                    self.sleep(IDLE);
                    continue;
                }
                Err(error) => return Err(error),
            };
            match polled {
                Polled::Assigned(partitions) => {
                    if let Some(halt) = self.foreign(processor, &partitions) {
                        return Ok(End::Halted(halt));
                    }
                    self.restore(processor, transactor.as_mut(), &mut side, &partitions)?;
                    owned.extend(partitions);
                    self.report(owned.len());
                }
                Polled::Revoked(partitions) => {
                    owned.retain(|partition| !partitions.contains(partition));
                    self.report(owned.len());
                    partitions.iter().for_each(|partition| processor.revoked(*partition));
                }
                Polled::Records(batch) => {
                    observe(processor, &mut side)?;
                    let began = Instant::now();
                    let halt = self
                        .process_batch(processor, transactor.as_mut(), &batch, pace)
                        .map_err(|e| replaced(transactor.as_mut(), name(e, &batch)))?;
                    metrics::histogram!(metric::BATCH_SECONDS, "group" => self.member.group.clone())
                        .record(began.elapsed());
                    if let Some(halt) = halt {
                        return Ok(End::Halted(halt));
                    }
                }
                Polled::Idle => {
                    observe(processor, &mut side)?;
                    self.back_again();
                }
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                wait = IDLE;
                if let Some(mut step) = processor.due(self.clock.now()) {
                    // More may be due: come back without waiting.
                    (ticked, wait) = (Instant::now().checked_sub(TICK).unwrap_or(ticked), Duration::ZERO);
                    self.store(&step.blobs)?;
                    let outputs = self.outputs(&mut step)?;
                    let committed = self
                        .commit(processor, transactor.as_mut(), &[], outputs)
                        .map_err(|e| replaced(transactor.as_mut(), e))?;
                    if let Some(halt) = step.halt.filter(|_| committed) {
                        return Ok(End::Halted(halt));
                    }
                }
            }
        }
    }

    /// The halt if a partition was added after the state was made.
    fn foreign(&self, processor: &dyn Processor, partitions: &[i32]) -> Option<Halt> {
        processor.state_topic()?;
        let added = partitions.iter().find(|partition| **partition >= self.partitions)?;
        Some(Halt {
            code: ErrorCode::PartitionsChanged,
            detail: format!(
                "{} has a partition {added}, and the state was made for {}: stop every process and run `ebasvuru repartition`",
                self.member.topic, self.partitions
            ),
        })
    }

    /// With nothing to do, a waiting worker checks whether the log is back.
    fn back_again(&self) {
        if matches!(self.health.state(), HealthState::Waiting { .. })
            && self.log.bounds(self.member.topic).is_ok()
        {
            self.health.running();
        }
    }

    fn report(&self, owned: usize) {
        self.health.running();
        metrics::gauge!(metric::PARTITIONS, "group" => self.member.group.clone(), "slot" => self.member.slot.clone())
            .set(owned as f64);
    }

    fn restore(
        &self,
        processor: &mut dyn Processor,
        transactor: &mut dyn Transactor,
        side: &mut [Box<dyn Reader>],
        partitions: &[i32],
    ) -> Result<(), LogError> {
        if let Some(topic) = processor.state_topic() {
            let began = Instant::now();
            let mut count = 0u64;
            transactor.replay(topic, partitions, &mut |record| {
                count += 1;
                processor.restore(record);
            })?;
            tracing::info!(
                group.name = %self.member.group,
                partition.count = partitions.len(),
                record.count = count,
                duration_ms = began.elapsed().as_millis(),
                "the state of {} is restored",
                self.member.group
            );
        }
        for reader in side {
            reader.catch_up(&mut |record| processor.observe(record))?;
        }
        Ok(())
    }

    /// Processes a batch, chunk by chunk, and commits it in one transaction, after the content that its
    /// outputs refer to is stored. If that takes too long, the rest of the batch is delivered again.
    fn process_batch(
        &self,
        processor: &mut dyn Processor,
        transactor: &mut dyn Transactor,
        batch: &[Record],
        pace: &mut Pace,
    ) -> Result<Option<Halt>, LogError> {
        let by_chunk = std::mem::replace(pace, Pace::Chunks) == Pace::Chunks;
        let (began, now) = (Instant::now(), self.clock.now());
        let mut processed = 0;
        let store = |blobs: &[Blob]| self.store(blobs);
        thread::scope(|scope| {
            let mut storing = Storing::new(scope, &store);
            for chunk in batch.chunks(CHUNK) {
                let mut step = processor.process(chunk, now);
                processed += step.consumed.min(chunk.len());
                storing.begin(std::mem::take(&mut step.blobs));
                let outputs = self.outputs(&mut step)?;
                let enough = by_chunk || began.elapsed() >= COMMIT_AFTER;
                if enough || processed == batch.len() || step.halt.is_some() {
                    storing.end()?;
                    let committed = self.commit(processor, transactor, &batch[..processed], outputs)?;
                    if committed {
                        *pace = Pace::Batches;
                    }
                    return Ok(step.halt.filter(|_| committed));
                }
                if let Err(error) = transactor.append(outputs) {
                    self.failed(processor, error)?;
                    break;
                }
            }
            Ok(None)
        })
    }

    /// Commits these outputs and those of the chunks before. `false` if they were aborted; the records
    /// are then delivered again.
    fn commit(
        &self,
        processor: &mut dyn Processor,
        transactor: &mut dyn Transactor,
        processed: &[Record],
        outputs: Vec<Outgoing>,
    ) -> Result<bool, LogError> {
        let group = || self.member.group.clone();
        let mut next: Vec<(i32, i64)> = Vec::new();
        for record in processed {
            match next.iter_mut().find(|(partition, _)| *partition == record.partition) {
                Some((_, offset)) => *offset = record.offset + 1,
                None => next.push((record.partition, record.offset + 1)),
            }
        }
        match transactor.transact(&next, outputs) {
            Ok(()) => {
                processor.committed();
                self.health.running();
                metrics::counter!(metric::COMMITS, "group" => group()).increment(1);
                metrics::counter!(metric::RECORDS, "group" => group()).increment(processed.len() as u64);
                Ok(true)
            }
            Err(error) => self.failed(processor, error).map(|()| false),
        }
    }

    fn failed(&self, processor: &mut dyn Processor, error: TransactError) -> Result<(), LogError> {
        match error {
            TransactError::Aborted(reason) => {
                processor.aborted();
                metrics::counter!(metric::ABORTS, "group" => self.member.group.clone()).increment(1);
                self.health.waiting(&reason);
                self.sleep(IDLE);
                Ok(())
            }
            TransactError::StartOver(reason) => Err(LogError::StartOver(reason)),
            TransactError::TooLarge(why) => Err(LogError::TooLarge(why)),
        }
    }

    /// The outputs of a step. A record that no log accepts is found here, before anything of the step is
    /// sent.
    fn outputs(&self, step: &mut Step) -> Result<Vec<Outgoing>, LogError> {
        let mut outputs = std::mem::take(&mut step.outputs);
        // In the order of the log, which reads many records at once.
        step.forwards.sort_by(|a, b| a.from.cmp(&b.from));
        for forward in step.forwards.drain(..) {
            outputs.push(self.resolve(forward)?);
        }
        outputs.iter().try_for_each(Outgoing::fits)?;
        Ok(outputs)
    }

    /// Stores content; retries until it is durable or the worker is told to stop.
    fn store(&self, blobs: &[Blob]) -> Result<(), LogError> {
        if blobs.is_empty() {
            return Ok(());
        }
        let mut pause = Duration::from_millis(50);
        while let Err(reason) = self.blobs.put(blobs) {
            if self.stop.is_cancelled() || pause > LONGEST_PAUSE {
                // Waiting longer would risk the session in the group: give the partitions back.
                return Err(LogError::Unavailable(format!("the document store does not answer: {reason}")));
            }
            self.health.waiting(&format!("the document store does not answer: {reason}"));
            self.sleep(pause);
            pause *= 2;
        }
        Ok(())
    }

    /// The copy of a record to be forwarded, or the fallback if it is gone.
    fn resolve(&self, forward: Forward) -> Result<Outgoing, LogError> {
        if let Some(original) = self.log.record_at(&forward.from)? {
            return Ok(dead_letter::copy_of(&original, forward.to, forward.headers));
        }
        let mut headers = forward.headers;
        headers.push((dead_letter::ORIGINAL.into(), dead_letter::EXPIRED.into()));
        Ok(Outgoing { topic: forward.to, partition: None, key: None, value: forward.fallback, headers })
    }

    fn sleep(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while Instant::now() < until && !self.stop.is_cancelled() {
            thread::sleep(Duration::from_millis(20).min(pause));
        }
    }
}

/// The halt of a member whose slot another process has taken.
#[must_use]
pub fn slot_taken(member: &Member, why: &str) -> Halt {
    Halt {
        code: ErrorCode::SlotTaken,
        detail: format!(
            "another process works as slot {} of {}: give each replica a kafka.slot of its own, then start this one again ({why})",
            member.slot, member.group
        ),
    }
}

/// A transaction that failed because another process took this one's slot reports only the failure;
/// the membership knows the cause.
fn replaced(transactor: &mut dyn Transactor, error: LogError) -> LogError {
    if matches!(error, LogError::StartOver(_))
        && let Err(fenced @ LogError::Fenced(_)) = transactor.poll(1, Duration::ZERO)
    {
        return fenced;
    }
    error
}

/// Adds to the error the batch that the record was made from, so that it can be found.
fn name(error: LogError, batch: &[Record]) -> LogError {
    match (error, batch.first()) {
        (LogError::TooLarge(why), Some(first)) => LogError::TooLarge(format!(
            "{why} (made of a batch of {} records of {} that begins at {}:{})",
            batch.len(),
            first.topic,
            first.partition,
            first.offset
        )),
        (error, _) => error,
    }
}

/// Passes new records of the side topics to the processor.
fn observe(processor: &mut dyn Processor, side: &mut [Box<dyn Reader>]) -> Result<(), LogError> {
    for reader in side {
        loop {
            let records = reader.poll(1000, Duration::ZERO)?;
            if records.is_empty() {
                break;
            }
            records.into_iter().for_each(|record| processor.observe(record));
        }
    }
    Ok(())
}
