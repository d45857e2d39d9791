//! Load: every message becomes one application or one dead letter, and one row.

use std::collections::HashMap;

use ebasvuru_workflow::domain::application::EventKind;
use ebasvuru_workflow::log::{Log, topic};
use ebasvuru_workflow::message::AnyEvent;
use ebasvuru_workflow::testing::records;

use crate::product::{Backend, Product, eventually};

#[test]
fn load_is_conserved_on_the_embedded_log() {
    load_is_conserved(Backend::Embedded);
}

#[test]
fn load_is_conserved_on_kafka() {
    load_is_conserved(Backend::Kafka);
}

fn load_is_conserved(backend: Backend) {
    let Some(product) = Product::up(backend) else { return };
    let count = std::env::var("E2E_LOAD").unwrap_or_else(|_| "2000".into());
    product.run(&["load", "--count", &count]);
    let log = product.log();
    let count = count.parse().unwrap();
    eventually("a result of every submission", || (settled(log.as_ref()) >= count).then_some(()));
    assert_conserved(log.as_ref(), count, 0);
    assert_counted_once(&product, count);
}

/// How many submissions have a result: an application or a dead letter.
pub fn settled(log: &dyn Log) -> usize {
    records(log, topic::DLQ).len() + received(log).values().sum::<usize>()
}

/// Every valid message is one application, received once, and every invalid one a dead letter.
pub fn assert_conserved(log: &dyn Log, good: usize, bad: usize) {
    let received = received(log);
    assert_eq!(received.len(), good, "applications");
    assert!(received.values().all(|times| *times == 1), "an application was received twice");
    assert_eq!(records(log, topic::DLQ).len(), bad, "dead letters");
}

/// Every event and every application is in ClickHouse exactly once.
pub fn assert_counted_once(product: &Product, applications: usize) {
    // Wait for the sink: `reconcile` accepts its lag.
    let events = records(product.log().as_ref(), topic::EVENTS).len() as u64;
    eventually("a row for every event", || {
        (product.number("SELECT count() FROM events") >= events).then_some(())
    });
    eventually("a row for every application", || {
        (product.number("SELECT count() FROM applications") >= applications as u64).then_some(())
    });
    product.assert_reconciled();
    let rows = product.number("SELECT count() FROM events");
    let addresses = product.number("SELECT uniqExact(topic, partition, offset) FROM events");
    let identities = product.number("SELECT uniqExact(id) FROM events");
    assert_eq!((rows, rows), (addresses, identities), "rows, addresses and events differ");
    let stored = product.number("SELECT count() FROM applications");
    assert_eq!(usize::try_from(stored).unwrap(), applications);
}

/// How often each application was received.
fn received(log: &dyn Log) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for record in records(log, topic::EVENTS) {
        if let AnyEvent::Application(event) = AnyEvent::from_record(&record).unwrap()
            && event.body.kind() == EventKind::Received
        {
            *times.entry(event.application.to_string()).or_default() += 1;
        }
    }
    times
}
