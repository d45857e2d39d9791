//! Messages that cannot be accepted: each is kept under its code, unchanged, and can be published again.

use std::collections::{BTreeMap, BTreeSet};

use ebasvuru_ingest::check::Code;
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::topic;
use ebasvuru_workflow::testing::records;
use jiff::SignedDuration;
use serde_json::Value;

use crate::product::{Backend, Product, catalog, eventually};

#[test]
fn every_dlq_code_is_reached_on_the_embedded_log() {
    every_dlq_code_is_reached(Backend::Embedded);
}

#[test]
fn every_dlq_code_is_reached_on_kafka() {
    every_dlq_code_is_reached(Backend::Kafka);
}

fn every_dlq_code_is_reached(backend: Backend) {
    let Some(product) = Product::up(backend) else { return };
    // All but `not_routable`: it needs a catalog without a route, which is refused at the start.
    let codes: Vec<&str> =
        Code::ALL.into_iter().filter(|c| *c != Code::NotRoutable).map(Code::as_str).collect();
    let now = Clock::System.now();
    let good: Vec<u8> = generate(now, 0.0).next().unwrap();
    let mut other: Value = serde_json::from_slice(&good).unwrap();
    other["form"]["text"] = "Başka bir metin.".into();
    let conflict = other.to_string().into_bytes();
    let parsed: Value = serde_json::from_slice(&good).unwrap();
    let again = serde_json::to_string_pretty(&parsed).unwrap().replace('\n', " ").into_bytes();
    assert_ne!(again, good);
    let invalid: Vec<Vec<u8>> = generate(now, 1.0).take(codes.len()).collect();

    let publish = |lines: &[Vec<u8>]| {
        let file = product.data().join("messages");
        std::fs::write(&file, lines.join(&b'\n')).unwrap();
        product.run(&["publish", &file.display().to_string()]);
    };
    publish(std::slice::from_ref(&good));
    received(&product, 1);
    // The same content with other bytes is the same submission and not a dead letter.
    publish(&[vec![again], invalid.clone(), vec![conflict.clone()]].concat());

    let expected: BTreeSet<&str> = codes.iter().copied().chain(["duplicate_conflict"]).collect();
    let listed = eventually("a dead letter for every code", || {
        let listed = list(&product);
        (listed.values().sum::<usize>() >= expected.len()).then_some(listed)
    });
    assert_eq!(listed.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    assert!(listed.values().all(|count| *count == 1), "{listed:?}");
    let sent: BTreeSet<Vec<u8>> = invalid.into_iter().chain([conflict.clone()]).collect();
    assert_eq!(dead_letters(&product), sent, "unchanged bytes");

    let line = product.run(&["dlq", "list", "--json", "--reason", "duplicate_conflict"]);
    let line: Value = serde_json::from_str(&line).unwrap();
    let shown = product.try_run(&["dlq", "show", line["address"].as_str().unwrap()]).stdout;
    assert!(shown.windows(conflict.len()).any(|window| window == conflict));

    product.run(&["dlq", "replay", "--reason", "not_confirmed"]);
    product.run(&["dlq", "replay", "--reason", "duplicate_conflict"]);
    eventually("two messages that failed again", || {
        let lines = product.run(&["dlq", "list", "--json"]);
        (lines.matches("\"failed_again\":true").count() == 2).then_some(())
    });
    assert!(list(&product).values().all(|count| *count == 1), "each is still one dead letter");
    let again = product.run(&["dlq", "replay", "--reason", "not_confirmed"]);
    assert!(again.starts_with("0 published again") && again.contains("--again"), "{again}");
    assert_eq!(dead_letters(&product), sent, "unchanged bytes after the replay");
    received(&product, 1);
    product.assert_reconciled();
}

#[test]
fn a_dead_letter_whose_cause_is_gone_goes_through_on_the_embedded_log() {
    a_dead_letter_whose_cause_is_gone_goes_through(Backend::Embedded);
}

#[test]
fn a_dead_letter_whose_cause_is_gone_goes_through_on_kafka() {
    a_dead_letter_whose_cause_is_gone_goes_through(Backend::Kafka);
}

/// A submission from ahead of our clock is accepted once its time has come, under its own time.
fn a_dead_letter_whose_cause_is_gone_goes_through(backend: Backend) {
    let Some(product) = Product::up(backend) else { return };
    let now = Clock::System.now();
    let mut message: Value = serde_json::from_slice(&generate(now, 0.0).next().unwrap()).unwrap();
    message["submitted_at"] = (now + SignedDuration::from_secs(5 * 60 + 15)).to_string().into();
    let file = product.data().join("message");
    std::fs::write(&file, message.to_string()).unwrap();
    product.run(&["publish", &file.display().to_string()]);
    let lines = |filter: &[&str]| {
        let lines = product.run(&[&["dlq", "list", "--json"], filter].concat());
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    eventually("the dead letter", || lines(&["--state", "new"]).pop());
    let replay = || product.run(&["dlq", "replay", "--again", "--reason", "submitted_at_future"]);
    eventually("one that went through", || {
        replay();
        let decided =
            eventually("what became of it", || lines(&[]).pop().filter(|line| line["state"] != "replayed"));
        (decided["state"] == "gone_through").then_some(())
    });
    assert_eq!(lines(&[]).len(), 1, "one message, however often it failed");
    assert_eq!(lines(&["--state", "new"]).len(), 0);
    received(&product, 1);
    product.assert_reconciled();
}

fn generate(now: jiff::Timestamp, bad: f64) -> impl Iterator<Item = Vec<u8>> {
    let mix = Mix { bad, ..Mix::default() };
    Generator::new(&catalog(), mix, 11, now).map(|(_, value)| value.to_vec())
}

fn list(product: &Product) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in product.run(&["dlq", "list", "--json"]).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        *counts.entry(line["reason"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

fn dead_letters(product: &Product) -> BTreeSet<Vec<u8>> {
    let records = records(product.log().as_ref(), topic::DLQ);
    records.into_iter().map(|record| record.value.unwrap().to_vec()).collect()
}

/// Waits until this many applications are received.
fn received(product: &Product, count: usize) {
    let log = product.log();
    eventually("the received application", || {
        (records(log.as_ref(), topic::NOTIFICATIONS).len() == count).then_some(())
    });
}
