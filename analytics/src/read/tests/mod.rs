//! The reads on the real engine, against the same thing computed in Rust.

mod lists;
mod reports;

use clickhouse::Client;
use jiff::Timestamp;

use super::ReadModel;
use crate::sink::Options;
use crate::sink::tests::{database, drain};
use crate::testing::{self, Life, Random, at, publish, random_life};

/// When it is asked: some deadlines have passed, some have not.
pub fn now() -> Timestamp {
    at("2026-03-20T12:00:00Z")
}

/// Random lives, brought in by the sink.
pub async fn filled(count: u32, seed: u64) -> (Client, ReadModel, Vec<Life>) {
    let (_folder, log) = testing::log();
    let client = database().await;
    let mut random = Random::new(seed);
    let lives: Vec<_> = (0..count).map(|n| random_life(n, &mut random, at("2026-01-15T00:00:00Z"))).collect();
    publish(log.as_ref(), lives.iter().flat_map(|life| life.records.clone()).collect());
    drain(&log, &client, &Options::new("test")).await;
    (client.clone(), ReadModel::new(client), lives)
}
