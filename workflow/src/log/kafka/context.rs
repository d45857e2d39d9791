//! What librdkafka calls back: changes of assignment, and its own words.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{DeliveryResult, ProducerContext};

/// librdkafka's words go to the log at debug: what matters in them comes back as an error
/// from the call that failed, and is said once, by whoever deals with it.
pub(super) fn say(level: RDKafkaLogLevel, facility: &str, message: &str) {
    tracing::debug!(target: "librdkafka", { kafka.level = ?level, kafka.facility = facility }, "{message}");
}

/// The context of every client that is no group member.
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

/// The context of a transactional producer: why a delivery failed, which the transaction
/// itself only counts.
#[derive(Debug, Default)]
pub(super) struct Failures {
    first: Mutex<Option<KafkaError>>,
}

impl Failures {
    /// The first failure since this was last asked.
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

/// A change of assignment, in the order they came.
#[derive(Debug)]
pub(super) enum Change {
    Assigned(Vec<i32>),
    Revoked(Vec<i32>),
}

/// The context of a group member. Nothing blocks in here: a revocation is written down (and
/// so fences the batch in hand), an assignment starts paused; restoring comes after the poll.
#[derive(Debug, Default)]
pub(super) struct Rebalances {
    changes: Mutex<VecDeque<Change>>,
}

impl Rebalances {
    pub(super) fn next(&self) -> Option<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Puts back what could not be dealt with, to come next again.
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
