//! Reads from the real engine, compared with the same computed in Rust.

mod lists;
mod overview;
pub mod reports;
pub mod totals;

use clickhouse::Client;
use jiff::Timestamp;

use super::ReadModel;
use crate::sink::tests::{database, drain};
use crate::sink::{Options, Source};
use crate::sweep::sweep;
use crate::testing::{self, History, Random, at, publish, random_history};

/// The time of the queries: some deadlines have passed, some have not.
pub fn now() -> Timestamp {
    at("2026-03-20T12:00:00Z")
}

/// A database with random histories, written by the sink: of some that are closed a sweep has brought
/// the rows, of some not.
pub async fn filled(count: u32, seed: u64) -> (Client, ReadModel, Vec<History>) {
    let (_folder, log) = testing::log();
    let client = database().await;
    let mut random = Random::new(seed);
    let histories: Vec<_> =
        (0..count).map(|n| random_history(n, &mut random, at("2026-01-15T00:00:00Z"))).collect();
    for third in 0..3 {
        let records = histories.iter().skip(third).step_by(3).flat_map(|history| history.records.clone());
        publish(log.as_ref(), records.collect());
        drain(&log, &client, &Options::new("test")).await;
        if third < 2 {
            let archive = Source::Archive;
            let committed = log.committed(archive.group(), archive.topic()).unwrap();
            let swept = sweep(&client, &committed, now().as_millisecond()).await.unwrap();
            assert!(swept.is_some_and(|swept| swept.applications > 0), "{swept:?}");
        }
    }
    (client.clone(), ReadModel::new(client), histories)
}
