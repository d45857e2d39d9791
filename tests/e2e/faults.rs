//! Network faults between a worker and Apache Kafka: no message is lost or processed twice, and the
//! worker continues.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ebasvuru_workflow::domain::application::EventKind;
use ebasvuru_workflow::log::{Log, topic};
use ebasvuru_workflow::message::{AnyEvent, CitizenStatus, Message, Notification};
use ebasvuru_workflow::testing::records;

use crate::fault_proxy::{Fault, FaultProxy};
use crate::load::{assert_conserved, settled};
use crate::product::{Backend, Product, eventually};

/// How late each `EndTxn` is, in turn: it arrives before librdkafka repeats it, or during the next
/// transaction.
const LATE_MS: [u64; 6] = [60, 150, 250, 400, 700, 1_000];

/// Messages a second while faults are injected: more than the worker processes, so that a transaction
/// is always open.
const RATE: &str = "4000";

#[test]
fn a_late_commit_splits_no_transaction() {
    let Some(product) = Product::new(Backend::Kafka) else { return };
    // `E2E_LATE=60` for the long form.
    let faults: usize = std::env::var("E2E_LATE").map_or(5, |count| count.parse().unwrap());
    product.run(&["topics"]);
    let proxy = FaultProxy::start(product.proxy_ports());
    let _ingest = product.worker("ingest", &["ingest"]);
    let mut workflow = product.worker_through(proxy.address(), "workflow", &["workflow"]);

    // More than needed: it is killed at the end.
    let mut load = product.worker("load", &["load", "--rate", RATE, "--count", "10000000"]);
    let log = product.log();
    eventually("the workflow's first transactions", || (settled(log.as_ref()) > 100).then_some(()));
    for (round, late) in LATE_MS.iter().cycle().take(faults).enumerate() {
        // Every seventh is only unanswered: librdkafka repeats a commit that succeeded.
        let fault = if round % 7 == 6 {
            Fault::EndTxnUnanswered
        } else {
            Fault::EndTxnLate(Duration::from_millis(*late))
        };
        proxy.inject(fault, 1);
        eventually("the fault", || (proxy.injected() > round).then_some(()));
        std::thread::sleep(Duration::from_millis(800));
    }
    load.kill();
    let count = records(log.as_ref(), topic::SUBMISSIONS).len();
    eventually("a result of every submission", || (settled(log.as_ref()) >= count).then_some(()));
    assert!(proxy.requests() > 100 && !proxy.late_results().is_empty(), "the proxy saw no traffic");
    eprintln!("{} faults; results of the late ones: {:?}", proxy.injected(), proxy.late_results());

    assert_conserved(log.as_ref(), count, 0);
    assert_each_number_is_issued_once(log.as_ref(), count);
    assert_each_citizen_is_notified_once(log.as_ref(), count);
    assert!(workflow.stop(), "{}", workflow.output());
}

#[test]
fn a_partition_whose_offsets_cannot_be_looked_up_at_first_is_processed_later() {
    let Some(product) = Product::new(Backend::Kafka) else { return };
    product.run(&["topics"]);
    let proxy = FaultProxy::start(product.proxy_ports());
    let _ingest = product.worker("ingest", &["ingest"]);
    // The worker looks up the first offsets of a new group.
    proxy.inject(Fault::ListOffsetsCut, 40);
    let mut workflow = product.worker_through(proxy.address(), "workflow", &["workflow"]);
    eventually("all faults", || (proxy.injected() == 40).then_some(()));
    product.run(&["load", "--count", "400"]);
    let log = product.log();
    eventually("a result of every submission", || (settled(log.as_ref()) >= 400).then_some(()));
    assert_conserved(log.as_ref(), 400, 0);
    assert!(workflow.stop(), "{}", workflow.output());
}

/// librdkafka then waits for the coordinator of the group until it is back, however long (its issue 5456).
#[test]
fn a_worker_whose_broker_goes_away_between_two_steps_of_a_commit_continues_and_stops() {
    let Some(mut product) = Product::new(Backend::Kafka) else { return };
    // So that what a stopped worker has left open is soon aborted.
    for (name, ms) in [("TRANSACTION", "6000"), ("MESSAGE", "4000")] {
        product.set(&format!("EBASVURU__KAFKA__PROPERTIES__{name}__TIMEOUT__MS"), ms);
    }
    product.run(&["topics"]);
    let proxy = FaultProxy::start(product.proxy_ports());
    let _ingest = product.worker("ingest", &["ingest"]);
    let log = product.log();
    let go_away = |count: &str, times: usize| {
        proxy.inject(Fault::AwayOnTxnOffsetCommit, 1);
        product.run(&["load", "--count", count, "--seed", count]);
        eventually("the fault", || (proxy.injected() == times).then_some(()));
    };

    let mut workflow = product.worker_through(proxy.address(), "workflow", &["workflow"]);
    go_away("400", 1);
    // So long that librdkafka forgets all brokers and looks for them anew.
    std::thread::sleep(Duration::from_secs(10));
    proxy.come_back();
    eventually("a result of every submission", || (settled(log.as_ref()) >= 400).then_some(()));
    go_away("300", 2);
    assert!(workflow.stop(), "{}", workflow.output());
    assert!(workflow.output().contains("workflow-0 does not end"), "{}", workflow.output());

    proxy.come_back();
    let mut workflow = product.worker_through(proxy.address(), "workflow", &["workflow"]);
    eventually("a result of every submission", || (settled(log.as_ref()) >= 700).then_some(()));
    assert_conserved(log.as_ref(), 700, 0);
    assert!(workflow.stop(), "{}", workflow.output());
}

/// No two applications have the same number.
fn assert_each_number_is_issued_once(log: &dyn Log, count: usize) {
    let mut numbers: HashMap<String, HashSet<String>> = HashMap::new();
    for record in records(log, topic::EVENTS) {
        if let AnyEvent::Application(event) = AnyEvent::from_record(&record).unwrap()
            && event.body.kind() == EventKind::Received
        {
            numbers.entry(event.facts.no.to_string()).or_default().insert(event.application.to_string());
        }
    }
    assert_eq!(numbers.len(), count, "application numbers");
    assert!(numbers.values().all(|ids| ids.len() == 1), "two applications have the same number");
}

/// Every citizen gets one notification of the receipt.
fn assert_each_citizen_is_notified_once(log: &dyn Log, count: usize) {
    let mut notified: HashMap<String, usize> = HashMap::new();
    for record in records(log, topic::NOTIFICATIONS) {
        let notification = Notification::from_record(&record).unwrap();
        if notification.status == CitizenStatus::Received {
            *notified.entry(notification.submission_id.to_string()).or_default() += 1;
        }
    }
    assert_eq!(notified.len(), count, "notified citizens");
    assert!(notified.values().all(|times| *times == 1), "a citizen was notified twice");
}
