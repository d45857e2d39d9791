//! Reads from the real engine, compared with the same computed in Rust.

mod lists;
mod overview;
mod reports;
mod totals;

use clickhouse::Client;
use jiff::Timestamp;

use super::ReadModel;
use crate::sink::Options;
use crate::sink::tests::{database, drain};
use crate::testing::{self, History, Random, at, publish, random_history};

/// The time of the queries: some deadlines have passed, some have not.
pub fn now() -> Timestamp {
    at("2026-03-20T12:00:00Z")
}

/// A database with random histories, written by the sink.
pub async fn filled(count: u32, seed: u64) -> (Client, ReadModel, Vec<History>) {
    let (_folder, log) = testing::log();
    let client = database().await;
    let mut random = Random::new(seed);
    let histories: Vec<_> =
        (0..count).map(|n| random_history(n, &mut random, at("2026-01-15T00:00:00Z"))).collect();
    publish(log.as_ref(), histories.iter().flat_map(|history| history.records.clone()).collect());
    drain(&log, &client, &Options::new("test")).await;
    (client.clone(), ReadModel::new(client), histories)
}
