//! Messages that cannot be accepted: each under its code, bytes untouched, and sent again.

use std::collections::{BTreeMap, BTreeSet};

use ebasvuru_ingest::check::Code;
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::topic;
use ebasvuru_workflow::testing::records;
use serde_json::Value;

use crate::product::{On, Product, catalog, eventually};

#[test]
fn every_dlq_code_is_reached_on_the_embedded_log() {
    every_dlq_code_is_reached(On::Embedded);
}

#[test]
fn every_dlq_code_is_reached_on_kafka() {
    every_dlq_code_is_reached(On::Kafka);
}

fn every_dlq_code_is_reached(on: On) {
    let Some(product) = Product::up(on) else { return };
    // `not_routable` alone is missing: it is the catalog's fault, and a catalog with a route
    // missing is refused at start.
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
    let spoilt: Vec<Vec<u8>> = generate(now, 1.0).take(codes.len()).collect();

    let publish = |lines: &[Vec<u8>]| {
        let file = product.data().join("messages");
        std::fs::write(&file, lines.join(&b'\n')).unwrap();
        product.run(&["publish", &file.display().to_string()]);
    };
    publish(std::slice::from_ref(&good));
    received(&product, 1);
    // The same content with other bytes is the same submission, and no dead letter.
    publish(&[vec![again], spoilt.clone(), vec![conflict.clone()]].concat());

    let expected: BTreeSet<&str> = codes.iter().copied().chain(["duplicate_conflict"]).collect();
    let listed = eventually("a dead letter for every code", || {
        let listed = list(&product);
        (listed.values().sum::<usize>() >= expected.len()).then_some(listed)
    });
    assert_eq!(listed.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    assert!(listed.values().all(|count| *count == 1), "{listed:?}");
    let sent: BTreeSet<Vec<u8>> = spoilt.into_iter().chain([conflict.clone()]).collect();
    assert_eq!(letters(&product), sent, "bytes untouched");

    let line = product.run(&["dlq", "list", "--json", "--reason", "duplicate_conflict"]);
    let line: Value = serde_json::from_str(&line).unwrap();
    let shown = product.try_run(&["dlq", "show", line["address"].as_str().unwrap()]).stdout;
    assert!(shown.windows(conflict.len()).any(|window| window == conflict));

    product.run(&["dlq", "replay", "--reason", "not_confirmed"]);
    product.run(&["dlq", "replay", "--reason", "duplicate_conflict"]);
    eventually("both fail again", || {
        let lines = product.run(&["dlq", "list", "--json"]);
        (lines.matches("\"failed_again\":true").count() == 2).then_some(())
    });
    assert!(list(&product).values().all(|count| *count == 1), "each is one dead letter still");
    let again = product.run(&["dlq", "replay", "--reason", "not_confirmed"]);
    assert!(again.starts_with("0 published again") && again.contains("--again"), "{again}");
    assert_eq!(letters(&product), sent, "bytes untouched by the replay");
    received(&product, 1);
    product.reconciles();
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

fn letters(product: &Product) -> BTreeSet<Vec<u8>> {
    let records = records(product.log().as_ref(), topic::DLQ);
    records.into_iter().map(|record| record.value.unwrap().to_vec()).collect()
}

fn received(product: &Product, count: usize) {
    let log = product.log();
    eventually("the received application", || {
        (records(log.as_ref(), topic::NOTIFICATIONS).len() == count).then_some(())
    });
}
