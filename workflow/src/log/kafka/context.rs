//! The callbacks of librdkafka: changes of assignment, delivery failures, its log.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{DeliveryResult, ProducerContext};

/// Logs librdkafka's messages at debug: what matters in them is also the error of the call that failed,
/// and is logged once, by its caller.
pub(super) fn say(level: RDKafkaLogLevel, facility: &str, message: &str) {
    tracing::debug!(target: "librdkafka", { kafka.level = ?level, kafka.facility = facility }, "{message}");
}

/// The context of clients that are no group members.
#[derive(Clone, Debug, Default)]
pub(super) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        say(level, facility, message);
    }
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", { error.message = %error }, "{reason}");
    }
}

impl ConsumerContext for Quiet {}

/// The context of a transactional producer: keeps why a delivery failed, which the transaction itself
/// only counts.
#[derive(Debug, Default)]
pub(super) struct Failures {
    first: Mutex<Option<KafkaError>>,
}

impl Failures {
    /// The first failure since the last call.
    pub(super) fn take(&self) -> Option<KafkaError> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ClientContext for Failures {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        say(level, facility, message);
    }
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", { error.message = %error }, "{reason}");
    }
}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();
    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result {
            tracing::debug!(record.topic = message.topic(), error.message = %error, "a record was not delivered");
            self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.clone());
        }
    }
}

/// A change of assignment.
#[derive(Debug)]
pub(super) enum Change {
    Assigned(Vec<i32>),
    Revoked(Vec<i32>),
}

/// The context of a group member: keeps the changes of assignment in their order. Nothing blocks in
/// here: a revocation is queued (and so fences the current batch), an assignment starts paused; the
/// state is restored after the poll.
#[derive(Debug, Default)]
pub(super) struct Rebalances {
    changes: Mutex<VecDeque<Change>>,
}

impl Rebalances {
    pub(super) fn next(&self) -> Option<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Puts back a change that could not be handled, so that it comes next again.
    pub(super) fn put_back(&self, change: Change) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push_front(change);
    }

    pub(super) fn any(&self) -> bool {
        !self.changes.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn push(&self, change: Change) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push_back(change);
    }
}

impl ClientContext for Rebalances {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        say(level, facility, message);
    }
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", { error.message = %error }, "{reason}");
    }
}

impl ConsumerContext for Rebalances {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance
            && list.count() > 0
        {
            self.push(Change::Revoked(list.elements().iter().map(|e| e.partition()).collect()));
        }
    }

    fn post_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance
            && list.count() > 0
        {
            if let Err(error) = consumer.pause(list) {
                tracing::debug!(target: "librdkafka", { error.message = %error }, "a new assignment could not be paused");
            }
            self.push(Change::Assigned(list.elements().iter().map(|e| e.partition()).collect()));
        }
    }
}
