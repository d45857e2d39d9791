use std::sync::Arc;

use ebasvuru_workflow::log::{Log, topic};

use super::faulty::{Fault, Faulty};
use super::{Options, database, drain, drain_one, number};
use crate::sink::Source;
use crate::testing::{self, Random, at, publish, random_life};

/// Cuts often, so that one topic makes many batches.
fn small() -> Options {
    let mut options = Options::new("test");
    options.limits.rows = 7;
    options
}

/// Wherever it dies, or loses its partitions and gets them back, every event is one row, and
/// that without any help of merging or FINAL.
#[tokio::test(flavor = "multi_thread")]
async fn dying_at_any_commit_loses_nothing_and_writes_nothing_twice() {
    let (_folder, log) = testing::log();
    let mut random = Random::new(7);
    // Over 90 days: batches span months.
    let lives: Vec<_> = (0..40).map(|n| random_life(n, &mut random, at("2026-01-15T00:00:00Z"))).collect();
    for life in &lives {
        publish(log.as_ref(), life.records.clone());
    }
    let events: usize = lives.iter().map(|life| life.events.len()).sum();
    let until = crate::sink::high_watermarks(log.as_ref(), topic::EVENTS).unwrap();
    let mut redone = 0;
    for fault in [Fault::Before, Fault::After, Fault::Rebalance] {
        for commit in 0..6 {
            let client = database().await;
            // Offsets are committed per group: a fresh log for each case.
            let (_folder, fresh) = testing::log();
            for life in &lives {
                publish(fresh.as_ref(), life.records.clone());
            }
            let faulty = Faulty::new(fresh, commit, fault);
            let log: Arc<dyn Log> = faulty.clone();
            drain_one(Source::Events, &log, &client, &small(), until.clone()).await;
            let case = format!("{fault:?} at commit {commit}: {:?}", faulty.commits());
            assert_eq!(number(&client, "SELECT count() FROM events").await, events as u64, "{case}");
            assert_eq!(number(&client, "SELECT uniqExact(id) FROM events").await, events as u64, "{case}");
            let months = number(&client, "SELECT uniqExact(_partition_id) FROM events").await;
            assert!(months >= 3, "{months}");
            let mut pending = faulty.commits();
            pending.retain(|metadata| !metadata.is_empty());
            pending.sort();
            redone += pending.windows(2).filter(|pair| pair[0] == pair[1]).count();
        }
    }
    assert!(redone > 6, "pending ranges were hardly ever taken up again: {redone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_application_is_there_in_its_last_version_and_in_one_list() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let mut random = Random::new(11);
    let lives: Vec<_> = (0..60).map(|n| random_life(n, &mut random, at("2026-01-15T00:00:00Z"))).collect();
    assert!(lives.iter().any(|life| life.events.iter().any(|e| e.facts.unit != life.events[0].facts.unit)));
    // Turn by turn, so that several versions of one application arrive in different blocks.
    for turn in 0..lives.iter().map(|life| life.records.len()).max().unwrap().div_ceil(3) {
        for life in &lives {
            let part: Vec<_> = life.records.iter().skip(turn * 3).take(3).cloned().collect();
            publish(log.as_ref(), part);
        }
        drain(&log, &client, &small()).await;
    }
    for life in &lives {
        let found: Vec<(String, u64)> = client
            .query("SELECT unit, version FROM applications FINAL WHERE id = toUUID(?)")
            .bind(life.application.id.to_string())
            .fetch_all()
            .await
            .unwrap();
        assert_eq!(found, [(life.application.unit.to_string(), life.application.version)]);
    }
    for unit in testing::UNITS {
        let listed = client
            .query("SELECT count() FROM applications FINAL WHERE unit = ?")
            .bind(unit)
            .fetch_one::<u64>()
            .await
            .unwrap();
        let belong = lives.iter().filter(|life| life.application.unit.as_str() == unit).count();
        assert_eq!(listed, belong as u64, "{unit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_kept_raw_and_holds_up_nothing() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let life = random_life(1, &mut Random::new(3), at("2026-01-15T00:00:00Z"));
    let mut bad = life.records[0].clone();
    bad.value = Some(b"{\"not\": \xff".as_slice().into());
    publish(log.as_ref(), vec![bad]);
    publish(log.as_ref(), life.records.clone());
    drain(&log, &client, &small()).await;
    let events = life.events.len() as u64;
    assert_eq!(number(&client, "SELECT count() FROM events").await, events);
    let kept: (String, String) =
        client.query("SELECT type, hex(value) FROM sink_rejects").fetch_one().await.unwrap();
    assert_eq!(kept, ("ebasvuru.event.v1".into(), "7B226E6F74223A20FF".into()));
}
