//! kill -9 of every worker under load, on Apache Kafka: nothing lost, nothing twice.

use std::sync::Arc;
use std::time::Duration;

use ebasvuru_analytics::engine::{Engine, EngineOptions, library};
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::{Log, Outgoing, topic};

use crate::load::{conserved, counted_once, settled};
use crate::product::{On, Product, Worker, catalog, eventually};

/// How many messages come between two kills: more than a worker is given at once, so that it dies
/// in the middle of a transaction as well.
const BETWEEN: usize = 1_500;
/// One in so many is bad.
const BAD: usize = 10;

#[test]
fn kill_minus_nine_loses_nothing_on_kafka() {
    let Some(product) = Product::new(On::Kafka) else { return };
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
    let mut workers: Vec<Worker> = names.iter().map(|name| product.worker(name, &[name])).collect();
    let rounds: usize = std::env::var("E2E_KILL_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap());
    let mut load = Load::new(product.log());
    for round in 0..rounds {
        for (name, worker) in names.iter().zip(&mut workers) {
            // While messages come, die at a moment nobody chose, and stay away a while.
            load.send(BETWEEN);
            std::thread::sleep(some_time());
            worker.kill9();
            load.send(BETWEEN);
            std::thread::sleep(some_time());
            *worker = product.worker(name, &[name]);
            // Read once its successor has ended what it left open.
            let settled = settled(load.log.as_ref());
            eprintln!("round {round}: {name} killed, {} sent, {settled} settled", load.sent());
        }
    }
    eventually("every submission's end", || (settled(load.log.as_ref()) >= load.sent()).then_some(()));
    conserved(load.log.as_ref(), load.good, load.bad);
    counted_once(&product, load.good);
    for (name, mut worker) in names.iter().zip(workers) {
        assert!(worker.end(), "{name} did not end well:\n{}", worker.words());
    }
}

struct Load {
    log: Arc<dyn Log>,
    submissions: Generator,
    spoilt: Generator,
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
            spoilt: Generator::new(&catalog, bad, 22, now),
            good: 0,
            bad: 0,
        }
    }

    fn sent(&self) -> usize {
        self.good + self.bad
    }

    fn send(&mut self, count: usize) {
        let records = (0..count).map(|i| {
            let from = if i % BAD == 0 { &mut self.spoilt } else { &mut self.submissions };
            *(if i % BAD == 0 { &mut self.bad } else { &mut self.good }) += 1;
            let (key, value) = from.next().unwrap();
            let (key, value) = (Some(key), Some(value));
            Outgoing { topic: topic::SUBMISSIONS, partition: None, key, value, headers: Vec::new() }
        });
        self.log.producer().unwrap().send(records.collect()).unwrap();
    }
}

/// Up to a second and a half.
fn some_time() -> Duration {
    Duration::from_millis(u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 6)
}
