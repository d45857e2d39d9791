//! A network that fails between a worker and Apache Kafka: nothing lost, nothing twice, and
//! nothing that stands still.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ebasvuru_workflow::domain::application::EventKind;
use ebasvuru_workflow::log::{Log, topic};
use ebasvuru_workflow::message::{AnyEvent, CitizenStatus, Message, Notification};
use ebasvuru_workflow::testing::records;

use crate::fault_proxy::{Fault, FaultProxy};
use crate::load::{conserved, settled};
use crate::product::{On, Product, eventually};

/// How long an `EndTxn` is late, one after the other: it arrives before librdkafka's own repeat, or
/// in the midst of the next transaction.
const LATE_MS: [u64; 6] = [60, 150, 250, 400, 700, 1_000];

/// Messages a second while faults are made: more than are dealt with, so that a transaction takes
/// long and one is open at each moment.
const RATE: &str = "4000";

#[test]
fn a_late_commit_splits_no_transaction() {
    let Some(product) = Product::new(On::Kafka) else { return };
    // `E2E_LATE=60` for the long form.
    let faults: usize = std::env::var("E2E_LATE").map_or(5, |count| count.parse().unwrap());
    product.run(&["topics"]);
    let proxy = FaultProxy::start(product.proxied());
    let _ingest = product.worker("ingest", &["ingest"]);
    let mut workflow = product.worker_by_way_of(proxy.address(), "workflow", &["workflow"]);

    // For as long as it takes.
    let mut load = product.worker("load", &["load", "--rate", RATE, "--count", "10000000"]);
    let log = product.log();
    eventually("the workflow's first transactions", || (settled(log.as_ref()) > 100).then_some(()));
    for (round, late) in LATE_MS.iter().cycle().take(faults).enumerate() {
        // Now and then it is only unanswered: the commit that librdkafka repeats was done.
        let fault = if round % 7 == 6 {
            Fault::EndTxnUnanswered
        } else {
            Fault::EndTxnLate(Duration::from_millis(*late))
        };
        proxy.arm(fault, 1);
        eventually("the fault", || (proxy.faults() > round).then_some(()));
        std::thread::sleep(Duration::from_millis(800));
    }
    load.kill9();
    let count = records(log.as_ref(), topic::SUBMISSIONS).len();
    eventually("every submission's end", || (settled(log.as_ref()) >= count).then_some(()));
    assert!(proxy.requests() > 100 && !proxy.late().is_empty(), "the proxy saw no traffic");
    eprintln!("{} faults; the broker said to the late ones: {:?}", proxy.faults(), proxy.late());

    conserved(log.as_ref(), count, 0);
    each_number_is_one_applications(log.as_ref(), count);
    each_citizen_is_told_once(log.as_ref(), count);
    assert!(workflow.end(), "{}", workflow.words());
}

#[test]
fn an_assignment_that_cannot_be_looked_up_at_once_is_not_lost() {
    let Some(product) = Product::new(On::Kafka) else { return };
    product.run(&["topics"]);
    let proxy = FaultProxy::start(product.proxied());
    let _ingest = product.worker("ingest", &["ingest"]);
    // Where the partitions of a new group begin is asked for the first time.
    proxy.arm(Fault::ListOffsetsCut, 40);
    let mut workflow = product.worker_by_way_of(proxy.address(), "workflow", &["workflow"]);
    eventually("the faults", || (proxy.faults() == 40).then_some(()));
    product.run(&["load", "--count", "400"]);
    let log = product.log();
    eventually("every submission's end", || (settled(log.as_ref()) >= 400).then_some(()));
    conserved(log.as_ref(), 400, 0);
    assert!(workflow.end(), "{}", workflow.words());
}

/// No application number was given twice.
fn each_number_is_one_applications(log: &dyn Log, count: usize) {
    let mut numbers: HashMap<String, HashSet<String>> = HashMap::new();
    for record in records(log, topic::EVENTS) {
        if let AnyEvent::Application(event) = AnyEvent::from_record(&record).unwrap()
            && event.body.kind() == EventKind::Received
        {
            numbers.entry(event.facts.no.to_string()).or_default().insert(event.application.to_string());
        }
    }
    assert_eq!(numbers.len(), count, "application numbers");
    assert!(numbers.values().all(|ids| ids.len() == 1), "a number was given to two applications");
}

/// Every citizen is told of the receipt, once.
fn each_citizen_is_told_once(log: &dyn Log, count: usize) {
    let mut told: HashMap<String, usize> = HashMap::new();
    for record in records(log, topic::NOTIFICATIONS) {
        let notification = Notification::from_record(&record).unwrap();
        if notification.status == CitizenStatus::Received {
            *told.entry(notification.submission_id.to_string()).or_default() += 1;
        }
    }
    assert_eq!(told.len(), count, "citizens who were told");
    assert!(told.values().all(|times| *times == 1), "a citizen was told twice");
}
