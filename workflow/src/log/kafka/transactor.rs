//! Commits outputs and offsets in one Kafka transaction.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::config::{ANSWER, ClientKind, KafkaConfig, SENT_ONCE};
use super::context::Failures;
use super::error::classify;
use super::flush::flush;
use super::group::Group;
use super::lookup::Lookup;
use super::reader::KafkaReader;
use super::record::headers;
use crate::log::{LogError, Member, Outgoing, Polled, Reader, Record, TransactError, Transactor};
use crate::metric;

/// How long a flush waits before errors are looked for.
const FLUSH: Duration = Duration::from_millis(100);

pub(super) struct KafkaTransactor {
    // Dropped in this order: the producer, with its records in flight, before the membership that
    // fences it.
    producer: BaseProducer<Failures>,
    group: Group,
    config: KafkaConfig,
    lookup: Arc<Lookup>,
    member: Member,
    /// Whether a second copy of a request of this producer may still reach the coordinator.
    in_doubt: Cell<bool>,
    /// The time by which the open transaction must be committed.
    open: Option<Instant>,
    /// Set when an outcome is unknown: the producer is never used after that.
    over: Option<String>,
}

/// Why an attempt failed: an error of librdkafka, or of the log.
enum Failure {
    Kafka(KafkaError),
    Log(LogError),
}

impl From<KafkaError> for Failure {
    fn from(error: KafkaError) -> Self {
        Self::Kafka(error)
    }
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl KafkaTransactor {
    pub(super) fn new(config: &KafkaConfig, lookup: Arc<Lookup>, member: &Member) -> Result<Self, LogError> {
        // The producer first: its new epoch fences what its predecessor left in flight.
        let producer = producer(config, member)?;
        let group = Group::join(config, Arc::clone(&lookup), member)?;
        Ok(Self {
            producer,
            group,
            config: config.clone(),
            lookup,
            member: member.clone(),
            in_doubt: Cell::new(false),
            open: None,
            over: None,
        })
    }

    /// Ends a transaction whose outcome is known. If librdkafka may have sent a request to the
    /// coordinator twice, one of the two may arrive late and end the next transaction too early:
    /// without KIP-890 the coordinator cannot tell them apart (librdkafka #5423). The epoch of a new
    /// producer fences the late one.
    fn ended(&mut self) -> Result<(), LogError> {
        self.open = None;
        if self.in_doubt.take() {
            metrics::counter!(metric::PRODUCERS_RENEWED, "group" => self.member.group.clone()).increment(1);
            self.producer = producer(&self.config, &self.member)?;
        }
        Ok(())
    }

    /// Makes a call to the coordinator, retries it while librdkafka calls the error retriable, and
    /// notes whether more than one request may have been sent.
    fn coordinate(
        &self,
        patience: Duration,
        call: impl Fn() -> Result<(), KafkaError>,
    ) -> Result<(), KafkaError> {
        let began = Instant::now();
        let answer = retry(patience, call);
        if began.elapsed() >= SENT_ONCE {
            self.in_doubt.set(true);
        }
        answer
    }

    /// Sends in the open transaction, or in a new one; returns by when it must be committed.
    fn sent(&mut self, outputs: &[Outgoing]) -> Result<Instant, Failure> {
        let until = match self.open {
            Some(until) => until,
            None => {
                self.producer.begin_transaction()?;
                *self.open.insert(Instant::now() + self.config.transaction_timeout())
            }
        };
        for outgoing in outputs {
            self.send(outgoing, until)?;
        }
        Ok(until)
    }

    fn attempt(&mut self, consumed: &[(i32, i64)], outputs: &[Outgoing]) -> Result<(), Failure> {
        let offsets = self.group.offsets_after(consumed)?;
        let until = self.sent(outputs)?;
        let left = || until.saturating_duration_since(Instant::now());
        // Before the offsets, so that an abort finds few records that were not sent.
        while self.producer.in_flight_count() > 0 && !left().is_zero() {
            flush(&self.producer, left().min(FLUSH));
            self.producer.poll(Duration::ZERO);
            if let Some(error) = self.producer.context().take() {
                return Err(error.into());
            }
        }
        self.coordinate(left(), || {
            let generation = self.group.generation().ok_or(KafkaError::Canceled)?;
            self.producer.send_offsets_to_transaction(&offsets, &generation, left())
        })?;
        self.coordinate(left(), || self.producer.commit_transaction(left()))?;
        Ok(())
    }

    /// Aborts the open transaction. What was not sent of it comes back as failed deliveries, and the abort ends
    /// only when they have been taken, so it is asked for little by little.
    fn abort(&self) -> Result<(), KafkaError> {
        let until = Instant::now() + ANSWER;
        loop {
            let aborted = self.producer.abort_transaction(FLUSH);
            for _ in 0..self.producer.in_flight_count() {
                self.producer.poll(Duration::ZERO);
            }
            match aborted {
                Err(KafkaError::Transaction(e)) if e.is_retriable() && Instant::now() < until => {}
                aborted => return aborted,
            }
        }
    }

    fn send(&self, outgoing: &Outgoing, until: Instant) -> Result<(), KafkaError> {
        let mut record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(outgoing.topic);
        record.partition = outgoing.partition;
        record.key = outgoing.key.as_deref();
        record.payload = outgoing.value.as_deref();
        record.headers = headers(outgoing);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(Code::QueueFull), back)) if Instant::now() < until => {
                    record = back;
                    self.producer.poll(Duration::ZERO);
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Aborts and rewinds if the error allows it; any other error ends this transactor.
    fn failed(&mut self, failure: Failure) -> TransactError {
        self.open = None;
        self.producer.poll(Duration::ZERO);
        // The error of a delivery says more than that of the transaction.
        let cause = match (self.producer.context().take(), failure) {
            (Some(cause), _) => cause,
            (None, Failure::Kafka(error)) => error,
            (None, Failure::Log(error)) => return self.end(error.to_string()),
        };
        let text = cause.to_string();
        let abortable = match &cause {
            KafkaError::Transaction(e) => e.txn_requires_abort() && !e.is_fatal(),
            // A record that can never be sent (no such topic) would abort for ever: start over,
            // with growing pauses, and report why. A record that is too large stops the worker.
            other => matches!(classify(other), LogError::Unavailable(_)),
        };
        if !abortable {
            let ended = self.end(text);
            return match classify(&cause) {
                LogError::TooLarge(why) => TransactError::TooLarge(why),
                _ => ended,
            };
        }
        let aborted = self
            .coordinate(Duration::ZERO, || self.abort())
            .map_err(|e| classify(&e))
            .and_then(|()| {
                self.producer.poll(Duration::ZERO);
                self.producer.context().take();
                self.ended()
            })
            .and_then(|()| self.group.rewind());
        match aborted {
            Ok(()) => TransactError::Aborted(text),
            Err(error) => self.end(format!("{text}; then {error}")),
        }
    }

    fn end(&mut self, text: String) -> TransactError {
        self.over = Some(text.clone());
        TransactError::StartOver(text)
    }
}

impl Transactor for KafkaTransactor {
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Polled, LogError> {
        let Some(text) = self.over.clone() else { return self.group.poll(max, wait) };
        match self.group.poll(max, Duration::ZERO) {
            Err(fenced @ LogError::Fenced(_)) => Err(fenced),
            _ => Err(LogError::StartOver(text)),
        }
    }

    fn append(&mut self, outputs: Vec<Outgoing>) -> Result<(), TransactError> {
        if let Some(text) = &self.over {
            return Err(TransactError::StartOver(text.clone()));
        }
        self.sent(&outputs).map(drop).map_err(|failure| self.failed(failure))
    }

    fn transact(&mut self, consumed: &[(i32, i64)], outputs: Vec<Outgoing>) -> Result<(), TransactError> {
        if let Some(text) = &self.over {
            return Err(TransactError::StartOver(text.clone()));
        }
        if consumed.is_empty() && outputs.is_empty() && self.open.is_none() {
            return self.group.rewind().map_err(|e| self.end(e.to_string()));
        }
        match self.attempt(consumed, &outputs) {
            Ok(()) => {
                // The transaction is committed, even if what follows fails.
                if let Err(error) = self.ended() {
                    self.end(format!("committed; then no new producer: {error}"));
                }
                self.group.committed(consumed).map_err(|e| self.end(e.to_string()))
            }
            Err(failure) => Err(self.failed(failure)),
        }
    }

    fn replay(
        &mut self,
        topic: &str,
        partitions: &[i32],
        each: &mut dyn FnMut(Record),
    ) -> Result<(), LogError> {
        // The assignment was returned only after the committed offsets were stable, so all records of
        // the previous owner's transactions are written. `catch_up` waits until they are committed or
        // aborted, and reads to the end.
        let from = partitions.iter().map(|partition| (*partition, Offset::Beginning)).collect();
        KafkaReader::of_partitions(Arc::clone(&self.lookup), topic, from)?.catch_up(each)
    }
}

/// The producer of the member's transactions; an earlier producer with the same id is fenced.
fn producer(config: &KafkaConfig, member: &Member) -> Result<BaseProducer<Failures>, LogError> {
    let producer: BaseProducer<Failures> = config
        .client(ClientKind::Transactions(member))
        .create_with_context(Failures::default())
        .map_err(|e| classify(&e))?;
    retry(ANSWER, || producer.init_transactions(ANSWER)).map_err(|e| classify(&e))?;
    Ok(producer)
}

/// Makes the same call again while librdkafka calls the error retriable; no sooner than librdkafka
/// itself would repeat it.
fn retry(patience: Duration, call: impl Fn() -> Result<(), KafkaError>) -> Result<(), KafkaError> {
    let until = Instant::now() + patience;
    loop {
        match call() {
            Err(KafkaError::Transaction(e)) if e.is_retriable() && Instant::now() < until => {
                std::thread::sleep(SENT_ONCE);
            }
            other => return other,
        }
    }
}
