//! Appends outside of transactions, and waits until the records are durable.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DeliveryResult, ProducerContext, ThreadedProducer};

use super::config::{ClientKind, KafkaConfig};
use super::context::say;
use super::error::classify;
use super::record::headers;
use crate::log::{LogError, Outgoing, Producer};

/// One call of `send`, shared with the delivery callbacks of its records.
#[derive(Default)]
struct Call {
    report: Mutex<DeliveryReport>,
    done: Condvar,
}

/// What became of the records of a call.
#[derive(Default)]
struct DeliveryReport {
    in_flight: usize,
    places: Vec<(i32, i64)>,
    failed: Option<KafkaError>,
}

impl Call {
    fn settle(&self, index: usize, result: Result<(i32, i64), KafkaError>) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.in_flight -= 1;
        match result {
            Ok(place) => report.places[index] = place,
            Err(error) => report.failed = Some(error),
        }
        if report.in_flight == 0 {
            self.done.notify_all();
        }
    }
}

struct Deliveries;

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        say(level, facility, message);
    }
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "librdkafka", { error.message = %error }, "{reason}");
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Box<(usize, Arc<Call>)>;

    fn delivery(&self, result: &DeliveryResult<'_>, opaque: Self::DeliveryOpaque) {
        let (index, call) = *opaque;
        call.settle(
            index,
            match result {
                Ok(message) => Ok((message.partition(), message.offset())),
                Err((error, _)) => Err(error.clone()),
            },
        );
    }
}

pub(super) struct KafkaProducer(ThreadedProducer<Deliveries>);

impl KafkaProducer {
    pub(super) fn new(config: &KafkaConfig) -> Result<Self, LogError> {
        config
            .client(ClientKind::Producer)
            .create_with_context(Deliveries)
            .map(Self)
            .map_err(|e| classify(&e))
    }
}

impl Producer for KafkaProducer {
    fn send(&self, records: Vec<Outgoing>) -> Result<Vec<(i32, i64)>, LogError> {
        records.iter().try_for_each(Outgoing::fits)?;
        let call = Arc::new(Call::default());
        {
            let mut report = call.report.lock().unwrap_or_else(PoisonError::into_inner);
            report.in_flight = records.len();
            report.places = vec![(0, 0); records.len()];
        }
        for (index, outgoing) in records.iter().enumerate() {
            let mut record: BaseRecord<'_, [u8], [u8], _> =
                BaseRecord::with_opaque_to(outgoing.topic, Box::new((index, Arc::clone(&call))));
            record.partition = outgoing.partition;
            record.key = outgoing.key.as_deref();
            record.payload = outgoing.value.as_deref();
            record.headers = headers(outgoing);
            loop {
                match self.0.send(record) {
                    Ok(()) => break,
                    Err((KafkaError::MessageProduction(Code::QueueFull), back)) => {
                        record = back;
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    Err((error, _)) => {
                        call.settle(index, Err(error));
                        break;
                    }
                }
            }
        }
        // Every record is delivered or fails within message.timeout.ms.
        let report = call.report.lock().unwrap_or_else(PoisonError::into_inner);
        let mut report = call
            .done
            .wait_while(report, |report| report.in_flight > 0)
            .unwrap_or_else(PoisonError::into_inner);
        match report.failed.take() {
            None => Ok(std::mem::take(&mut report.places)),
            Some(error) => Err(classify(&error)),
        }
    }
}
