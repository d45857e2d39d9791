//! Sends now what a producer holds back to make larger batches.

use std::time::Duration;

use rdkafka::bindings::rd_kafka_flush;
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};

/// Sends without waiting for `linger.ms`, and waits until everything is delivered, at most this long. What has
/// failed counts as not delivered until polls have taken it.
///
/// rust-rdkafka's own `flush` asks librdkafka to flush for no time at all, so that lingering goes on, and sleeps
/// in steps of 100 ms.
pub(super) fn flush<C: ProducerContext>(producer: &BaseProducer<C>, patience: Duration) {
    let ms = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: the producer keeps the client alive, and librdkafka lets any thread call this. Whether it has timed
    // out is not asked: the caller counts what is in flight.
    let _ = unsafe { rd_kafka_flush(producer.client().native_ptr(), ms) };
}
