//! Many messages: each becomes one application or one dead letter, and one row.

use std::collections::HashMap;

use ebasvuru_workflow::domain::application::EventKind;
use ebasvuru_workflow::log::{Log, topic};
use ebasvuru_workflow::message::AnyEvent;
use ebasvuru_workflow::testing::records;

use crate::product::{On, Product, eventually};

#[test]
fn load_is_conserved_on_the_embedded_log() {
    load_is_conserved(On::Embedded);
}

#[test]
fn load_is_conserved_on_kafka() {
    load_is_conserved(On::Kafka);
}

fn load_is_conserved(on: On) {
    let Some(product) = Product::up(on) else { return };
    let count = std::env::var("E2E_LOAD").unwrap_or_else(|_| "2000".into());
    product.run(&["load", "--count", &count]);
    let log = product.log();
    let count = count.parse().unwrap();
    eventually("every submission's end", || (settled(log.as_ref()) >= count).then_some(()));
    conserved(log.as_ref(), count, 0);
    counted_once(&product, count);
}

/// How many submissions have become an event or a dead letter; cheap, and never too low for
/// long.
pub fn settled(log: &dyn Log) -> usize {
    records(log, topic::DLQ).len() + received(log).values().sum::<usize>()
}

/// Each good message made one application, received once; each bad one a dead letter.
pub fn conserved(log: &dyn Log, good: usize, bad: usize) {
    let received = received(log);
    assert_eq!(received.len(), good, "applications");
    assert!(received.values().all(|times| *times == 1), "an application was received twice");
    assert_eq!(records(log, topic::DLQ).len(), bad, "dead letters");
}

/// ClickHouse has every event and every application exactly once.
pub fn counted_once(product: &Product, applications: usize) {
    // What the sink has yet to write is lag, which `reconcile` says and does not mind.
    let events = records(product.log().as_ref(), topic::EVENTS).len() as u64;
    eventually("a row for every event", || {
        (product.number("SELECT count() FROM events") >= events).then_some(())
    });
    eventually("a row for every application", || {
        (product.number("SELECT count() FROM applications FINAL") >= applications as u64).then_some(())
    });
    product.reconciles();
    let rows = product.number("SELECT count() FROM events");
    let addresses = product.number("SELECT uniqExact(topic, partition, offset) FROM events");
    let identities = product.number("SELECT uniqExact(id) FROM events");
    assert_eq!((rows, rows), (addresses, identities), "rows, addresses and events differ");
    let stored = product.number("SELECT count() FROM applications FINAL");
    assert_eq!(usize::try_from(stored).unwrap(), applications);
}

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
