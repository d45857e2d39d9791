//! `kill -9` while rows are written.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use clickhouse::{Client, Row};
use serde::{Deserialize, Serialize};

use crate::engine::testing;

const KILLS: usize = 3;
const ROWS: u64 = 2_000;

#[derive(Row, Serialize, Deserialize)]
struct Line {
    batch: u64,
    line: u64,
}

/// Writes batches until the engine is gone, and returns the acknowledged ones.
async fn write(client: Client, first: u64) -> Vec<u64> {
    let mut acknowledged = Vec::new();
    for batch in first.. {
        let written = async {
            let mut insert = client.insert::<Line>("lines").await?;
            for line in 0..ROWS {
                insert.write(&Line { batch, line }).await?;
            }
            insert.end().await
        };
        if written.await.is_err() {
            break;
        }
        acknowledged.push(batch);
    }
    acknowledged
}

/// The engine restarts by itself on the same address.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_no_acknowledged_batch_and_leaves_no_partial_one() {
    let folder = tempfile::tempdir().unwrap();
    let engine = testing::start(&folder, 1024);
    let client = engine.client("default").unwrap();
    client
        .query("CREATE TABLE lines (batch UInt64, line UInt64) ENGINE = MergeTree ORDER BY (batch, line)")
        .execute()
        .await
        .unwrap();
    let mut acknowledged = BTreeSet::new();
    for kill in 0..KILLS {
        let writers: Vec<_> = (0..3)
            .map(|writer| tokio::spawn(write(client.clone(), (kill * 3 + writer) as u64 * 1_000_000)))
            .collect();
        // At a random time.
        let some_time = 300 + u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 2;
        tokio::time::sleep(Duration::from_millis(some_time)).await;
        // SAFETY: signals the child that the engine owns.
        unsafe { libc::kill(i32::try_from(engine.process_id()).unwrap(), libc::SIGKILL) };
        // Meanwhile nobody else can get the port, and with it the token that clients send.
        let taken = TcpListener::bind(engine.url().strip_prefix("http://").unwrap());
        assert_eq!(taken.unwrap_err().kind(), ErrorKind::AddrInUse);
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        while client.query("SELECT 1").fetch_one::<u8>().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(acknowledged.len() > KILLS, "too few batches were written: {acknowledged:?}");
    let found = client
        .query("SELECT batch, count() AS line FROM lines GROUP BY batch")
        .fetch_all::<Line>()
        .await
        .unwrap();
    let partial: Vec<u64> =
        found.iter().filter(|found| found.line != ROWS).map(|found| found.batch).collect();
    assert!(partial.is_empty(), "{partial:?}");
    let found: BTreeSet<u64> = found.iter().map(|found| found.batch).collect();
    assert!(acknowledged.is_subset(&found), "{:?}", acknowledged.difference(&found));
}
