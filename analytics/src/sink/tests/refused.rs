//! ClickHouse refuses rows until a person has fixed the table.

use std::sync::Arc;
use std::time::Duration;

use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::HealthState;
use ebasvuru_workflow::log::topic;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{End, Options, Runner, Source, database, healths, high_watermarks, number};
use crate::testing::{self, Random, at, publish, random_history};

/// Also when the client has cached the columns of the table from before.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_fix_and_the_rows_are_written_after_it() {
    for (breaking, fixing) in [
        ("RENAME TABLE events TO away", "RENAME TABLE away TO events"),
        (
            "ALTER TABLE events RENAME COLUMN actor TO wrong",
            "ALTER TABLE events RENAME COLUMN wrong TO actor",
        ),
        ("RENAME TABLE generations TO away", "RENAME TABLE away TO generations"),
    ] {
        let (_folder, log) = testing::log();
        let client = database().await;
        let history = random_history(1, &mut Random::new(3), at("2026-01-15T00:00:00Z"));
        publish(log.as_ref(), history.records.clone());
        client.query(breaking).execute().await.unwrap();
        let until = high_watermarks(log.as_ref(), topic::EVENTS).unwrap();
        let [health, ..] = healths();
        let (seen, stop) = (health.clone(), CancellationToken::new());
        let (log, sink, runtime) = (Arc::clone(&log), client.clone(), Handle::current());
        let sink = tokio::task::spawn_blocking(move || {
            let options = Options::new("test");
            let runner = Runner::new(Source::Events, log.as_ref(), &sink, &options, &runtime, &stop, &health);
            runner.until(until).run()
        });
        let detail = loop {
            match seen.state() {
                HealthState::Refused { code: ErrorCode::SinkRefused, detail } => break detail,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        assert!(detail.contains("ebasvuru migrate"), "{breaking}: {detail}");
        client.query(fixing).execute().await.unwrap();
        assert_eq!(sink.await.unwrap(), End::Reached);
        assert_eq!(seen.state(), HealthState::Running, "{breaking}");
        assert_eq!(number(&client, "SELECT count() FROM events").await, history.events.len() as u64);
    }
}
