//! `kill -9` of every worker under load, on Apache Kafka: no message is lost or processed twice.

use std::sync::Arc;
use std::time::Duration;

use ebasvuru_analytics::engine::{Engine, EngineOptions, library};
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::{Log, Outgoing, topic};

use crate::load::{assert_conserved, assert_counted_once, settled};
use crate::product::{Backend, Process, Product, catalog, eventually};

/// How many messages are sent between two kills: more than one batch of a worker, so that it also dies
/// in the middle of a transaction.
const MESSAGES_PER_KILL: usize = 1_500;
/// One message in this many is invalid.
const INVALID_EVERY: usize = 10;

#[test]
fn kill_minus_nine_loses_nothing_on_kafka() {
    let Some(product) = Product::new(Backend::Kafka) else { return };
    let engine = Engine::start(EngineOptions {
        program: (env!("CARGO_BIN_EXE_ebasvuru").into(), vec!["engine-serve".into()]),
        library: library(None, &|line| eprintln!("{line}")).unwrap(),
        data: product.data().join("clickhouse"),
        memory_mib: 1024,
    })
    .unwrap();
    product.set_clickhouse(&engine);
    product.run(&["topics"]);
    product.run(&["migrate"]);
    product.run(&["keys", "init"]);

    let names = ["ingest", "workflow", "analytics"];
    let mut workers: Vec<Process> = names.iter().map(|name| product.worker(name, &[name])).collect();
    let rounds: usize = std::env::var("E2E_KILL_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap());
    let mut load = Load::new(product.log());
    for round in 0..rounds {
        for (name, worker) in names.iter().zip(&mut workers) {
            // While messages come, kill the worker at a random time, and start it again later.
            load.send(MESSAGES_PER_KILL);
            std::thread::sleep(random_pause());
            worker.kill();
            load.send(MESSAGES_PER_KILL);
            std::thread::sleep(random_pause());
            *worker = product.worker(name, &[name]);
            // This read waits until the new process has ended the open transaction.
            let settled = settled(load.log.as_ref());
            eprintln!("round {round}: {name} killed, {} sent, {settled} settled", load.sent());
        }
    }
    eventually("a result of every submission", || (settled(load.log.as_ref()) >= load.sent()).then_some(()));
    assert_conserved(load.log.as_ref(), load.good, load.bad);
    assert_counted_once(&product, load.good);
    for (name, mut worker) in names.iter().zip(workers) {
        assert!(worker.stop(), "{name} did not stop cleanly:\n{}", worker.output());
    }
}

/// Sends messages, valid and invalid ones.
struct Load {
    log: Arc<dyn Log>,
    submissions: Generator,
    invalid: Generator,
    good: usize,
    bad: usize,
}

impl Load {
    fn new(log: Arc<dyn Log>) -> Self {
        let (catalog, now) = (catalog(), Clock::System.now());
        let bad = Mix { bad: 1.0, ..Mix::default() };
        Self {
            log,
            submissions: Generator::new(&catalog, Mix::default(), 21, now),
            invalid: Generator::new(&catalog, bad, 22, now),
            good: 0,
            bad: 0,
        }
    }

    fn sent(&self) -> usize {
        self.good + self.bad
    }

    fn send(&mut self, count: usize) {
        let records = (0..count).map(|i| {
            let from = if i % INVALID_EVERY == 0 { &mut self.invalid } else { &mut self.submissions };
            *(if i % INVALID_EVERY == 0 { &mut self.bad } else { &mut self.good }) += 1;
            let (key, value) = from.next().unwrap();
            let (key, value) = (Some(key), Some(value));
            Outgoing { topic: topic::SUBMISSIONS, partition: None, key, value, headers: Vec::new() }
        });
        self.log.producer().unwrap().send(records.collect()).unwrap();
    }
}

/// Up to a second and a half.
fn random_pause() -> Duration {
    Duration::from_millis(u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 6)
}
