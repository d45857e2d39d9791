//! How fast the sink is, against ClickHouse alone. Run by hand:
//! `cargo test -p ebasvuru-analytics --lib speed -- --ignored --nocapture`

use std::sync::Arc;
use std::time::{Duration, Instant};

use ebasvuru_workflow::log::{Start, topic};
use futures_util::StreamExt;

use super::{Options, database, drain_one, number};
use crate::sink::batch::Batcher;
use crate::sink::row::Row;
use crate::sink::{Source, ends, healths, insert};
use crate::testing::{self, PARTITIONS, Random, at, publish, random_life};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn sink_against_raw_insert() {
    let (_folder, log) = testing::log();
    let mut random = Random(1);
    let mut events = 0;
    for from in (0..60_000).step_by(1_000) {
        let lives = (from..from + 1_000).map(|n| random_life(n, &mut random, at("2026-01-15T00:00:00Z")));
        let records: Vec<_> =
            lives.flat_map(|life| life.records).filter(|record| record.topic == topic::EVENTS).collect();
        events += records.len();
        publish(log.as_ref(), records);
    }
    let options = Options::new("test");

    // The very blocks, made before the clock starts.
    let mut batcher = Batcher::new(options.limits);
    (0..PARTITIONS).for_each(|partition| batcher.assign(partition, None));
    let now = Instant::now();
    let mut reader = log.reader(topic::EVENTS, Start::Beginning).unwrap();
    reader
        .catch_up(&mut |record| batcher.push(record.partition, record.offset, Row::of(&record), now))
        .unwrap();
    let mut batches = Vec::new();
    while !batcher.is_idle() {
        batches.extend(batcher.take(now + Duration::from_secs(1)));
        (0..PARTITIONS).for_each(|partition| batcher.landed(partition));
    }
    let until = ends(log.as_ref(), topic::EVENTS).unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = |seconds: f64| events as f64 / seconds;
    for round in 0..3 {
        let client = database().await;
        let [health, ..] = healths();
        let began = Instant::now();
        futures_util::stream::iter(&batches)
            .for_each_concurrent(options.at_once, |batch| {
                insert::write(client.clone(), topic::EVENTS, 0, batch, &health)
            })
            .await;
        let raw = rate(began.elapsed().as_secs_f64());
        assert_eq!(number(&client, "SELECT count() FROM events").await, events as u64);

        let client = database().await;
        let (_folder, fresh) = testing::log();
        let mut reader = log.reader(topic::EVENTS, Start::Beginning).unwrap();
        let mut records = Vec::new();
        reader
            .catch_up(&mut |record| {
                records.push(ebasvuru_workflow::log::Outgoing {
                    topic: topic::EVENTS,
                    partition: Some(record.partition),
                    key: record.key,
                    value: record.value,
                    headers: record.headers,
                });
            })
            .unwrap();
        publish(fresh.as_ref(), records);
        let began = Instant::now();
        drain_one(Source::Events, &Arc::clone(&fresh), &client, &options, until.clone()).await;
        let sink = rate(began.elapsed().as_secs_f64());
        assert_eq!(number(&client, "SELECT count() FROM events").await, events as u64);
        println!(
            "round {round}: {events} events, raw {raw:.0} rows/s, sink {sink:.0} rows/s, ratio {:.2}",
            sink / raw
        );
    }
}
