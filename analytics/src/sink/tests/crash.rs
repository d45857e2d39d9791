use std::sync::Arc;

use ebasvuru_workflow::domain::application::{Outcome, Proposal};
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::log::{Log, topic};
use ebasvuru_workflow::message::Message;
use jiff::SignedDuration;

use super::faulty::{CommitFault, FaultyLog};
use super::{Options, database, drain, drain_one, number};
use crate::sink::Source;
use crate::testing::{self, History, Random, at, publish, random_history};

/// Limits so small that one topic makes many batches.
fn small() -> Options {
    let mut options = Options::new("test");
    options.limits.rows = 7;
    options
}

/// At whichever commit it dies, or loses its partitions and gets them back, every event is one row,
/// without merges and without FINAL.
#[tokio::test(flavor = "multi_thread")]
async fn dying_at_any_commit_loses_no_row_and_duplicates_none() {
    let (_folder, log) = testing::log();
    let mut random = Random::new(7);
    // Over 90 days, so that batches span months.
    let histories: Vec<_> =
        (0..40).map(|n| random_history(n, &mut random, at("2026-01-15T00:00:00Z"))).collect();
    for history in &histories {
        publish(log.as_ref(), history.records.clone());
    }
    let events: usize = histories.iter().map(|history| history.events.len()).sum();
    let until = crate::sink::high_watermarks(log.as_ref(), topic::EVENTS).unwrap();
    let mut repeated = 0;
    for fault in [CommitFault::Before, CommitFault::After, CommitFault::Rebalance] {
        for commit in 0..6 {
            let client = database().await;
            // Offsets are committed in the log: each case has a new one.
            let (_folder, fresh) = testing::log();
            for history in &histories {
                publish(fresh.as_ref(), history.records.clone());
            }
            let faulty = FaultyLog::new(fresh, commit, fault);
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
            repeated += pending.windows(2).filter(|pair| pair[0] == pair[1]).count();
        }
    }
    assert!(repeated > 6, "too few pending ranges were repeated: {repeated}");
}

/// After the deduplication horizon a submission is received again, as another application of the same
/// id and the same receipt: neither hides the other.
#[tokio::test(flavor = "multi_thread")]
async fn two_applications_of_one_submission_are_both_there() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let received_at = at("2026-01-15T00:00:00Z");
    let (unit, service) = (testing::UNITS[0], testing::SERVICES[0]);
    let mut first = History::received(1, unit, service, received_at);
    first.assign(received_at, "ali").propose(received_at, Proposal::Answer);
    first.approve(received_at, Outcome::Positive);
    let mut second = History::received(1, unit, service, received_at).application;
    second.no = ApplicationNo::new(2026, 6, 2, 0);
    second.history[0].at = received_at + SignedDuration::from_hours(24 * 32);
    publish(log.as_ref(), first.records);
    publish(log.as_ref(), vec![second.to_record()]);
    drain(&log, &client, &small()).await;
    let numbers: Vec<String> =
        client.query("SELECT no FROM applications ORDER BY no").fetch_all().await.unwrap();
    let mut expected = [first.application.no.to_string(), second.no.to_string()];
    expected.sort();
    assert_eq!(numbers, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_application_is_there_in_its_latest_version_and_in_one_list() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let mut random = Random::new(11);
    let histories: Vec<_> =
        (0..60).map(|n| random_history(n, &mut random, at("2026-01-15T00:00:00Z"))).collect();
    assert!(
        histories
            .iter()
            .any(|history| history.events.iter().any(|e| e.facts.unit != history.events[0].facts.unit))
    );
    // In turns, so that the versions of an application come in different blocks.
    for turn in 0..histories.iter().map(|history| history.records.len()).max().unwrap().div_ceil(3) {
        for history in &histories {
            let part: Vec<_> = history.records.iter().skip(turn * 3).take(3).cloned().collect();
            publish(log.as_ref(), part);
        }
        drain(&log, &client, &small()).await;
    }
    for history in &histories {
        let found: Vec<(String, u64)> = client
            .query("SELECT unit, version FROM applications WHERE id = toUUID(?)")
            .bind(history.application.id.to_string())
            .fetch_all()
            .await
            .unwrap();
        assert_eq!(found, [(history.application.unit.to_string(), history.application.version)]);
    }
    for unit in testing::UNITS {
        let listed = client
            .query("SELECT count() FROM applications WHERE unit = ?")
            .bind(unit)
            .fetch_one::<u64>()
            .await
            .unwrap();
        let belong = histories.iter().filter(|history| history.application.unit.as_str() == unit).count();
        assert_eq!(listed, belong as u64, "{unit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_record_is_kept_raw_and_stops_nothing() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let history = random_history(1, &mut Random::new(3), at("2026-01-15T00:00:00Z"));
    let mut bad = history.records[0].clone();
    bad.value = Some(b"{\"not\": \xff".as_slice().into());
    publish(log.as_ref(), vec![bad]);
    publish(log.as_ref(), history.records.clone());
    drain(&log, &client, &small()).await;
    let events = history.events.len() as u64;
    assert_eq!(number(&client, "SELECT count() FROM events").await, events);
    let kept: (String, String) =
        client.query("SELECT type, hex(value) FROM sink_rejects").fetch_one().await.unwrap();
    assert_eq!(kept, ("ebasvuru.event.v1".into(), "7B226E6F74223A20FF".into()));
}
