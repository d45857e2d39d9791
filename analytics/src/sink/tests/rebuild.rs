//! Rebuild and reconcile, after the sink has written.

use std::sync::Arc;
use std::time::Duration;

use ebasvuru_workflow::log::{Member, Polled, topic};
use ebasvuru_workflow::message::{Access, Message};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{Options, database, drain, number};
use crate::rebuild::rebuild;
use crate::reconcile::{Report, reconcile};
use crate::sink::Source;
use crate::sweep::{rewrite_figures, sweep};
use crate::testing::{self, History, Random, access, at, publish, random_history};

async fn reconciled(log: &Arc<dyn ebasvuru_workflow::log::Log>, client: &clickhouse::Client) -> Report {
    let (log, client, runtime) = (Arc::clone(log), client.clone(), Handle::current());
    tokio::task::spawn_blocking(move || reconcile(log.as_ref(), &client, &runtime).unwrap()).await.unwrap()
}

fn histories(count: u32) -> Vec<History> {
    let mut random = Random::new(23);
    (0..count).map(|n| random_history(n, &mut random, at("2026-01-15T00:00:00Z"))).collect()
}

async fn fingerprint(client: &clickhouse::Client) -> (u64, u64) {
    (
        number(
            client,
            "SELECT groupBitXor(sipHash64(formatRow('TSV', *))) FROM (SELECT * FROM events FINAL)",
        )
        .await,
        number(
            client,
            "SELECT groupBitXor(sipHash64(formatRow('TSV', *))) FROM (SELECT * FROM applications)",
        )
        .await,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_gives_the_same_rows_and_the_sink_continues_after_it() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let histories = histories(30);
    histories.iter().for_each(|history| publish(log.as_ref(), history.records.clone()));
    let options = Options::new("test");
    drain(&log, &client, &options).await;
    let before = fingerprint(&client).await;
    // A row that is only in ClickHouse disappears.
    client.query("INSERT INTO events (id, kind) VALUES (generateUUIDv4(), 'stray')").execute().await.unwrap();
    assert_ne!(fingerprint(&client).await, before);
    for generation in [1, 2] {
        let (log, client2, options, runtime) =
            (Arc::clone(&log), client.clone(), options.clone(), Handle::current());
        let rebuilt = tokio::task::spawn_blocking(move || {
            rebuild(&log, &client2, &options, &runtime, &CancellationToken::new(), &mut |_| {}).unwrap()
        });
        let rebuilt = rebuilt.await.unwrap();
        assert_eq!((rebuilt.generation, rebuilt.applications), (generation, 30));
        assert_eq!(fingerprint(&client).await, before);
    }
    let mut later =
        History::received(1000, testing::UNITS[0], testing::SERVICES[0], at("2026-05-01T00:00:00Z"));
    later.assign(at("2026-05-02T00:00:00Z"), "ali");
    publish(log.as_ref(), later.records);
    drain(&log, &client, &options).await;
    let events = histories.iter().map(|history| history.events.len()).sum::<usize>() as u64 + 2;
    assert_eq!(number(&client, "SELECT count() FROM events").await, events);
    assert!(reconciled(&log, &client).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rebuild_the_sink_fills_the_access_log_and_what_is_older_than_its_topic_stays() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let all: Vec<Access> = (0..40).map(access).collect();
    publish(log.as_ref(), all.iter().map(Message::to_record).collect());
    let options = Options::new("test");
    drain(&log, &client, &options).await;
    let columns = "SELECT toString(id), toUnixTimestamp64Milli(at), user, toString(application), no, what";
    let read = async || {
        let sql = format!("{columns} FROM access_log FINAL WHERE user = 'ali' ORDER BY toString(id)");
        client.query(&sql).fetch_all::<(String, i64, String, String, String, String)>().await.unwrap()
    };
    let row = |access: &Access| {
        let Access { id, at, user, application, no, .. } = access;
        let (id, application) = (id.to_string(), application.to_string());
        (id, at.as_millisecond(), user.to_string(), application, no.to_string(), "detail".to_owned())
    };
    let mut expected: Vec<_> = all.iter().map(row).collect();
    expected.sort();
    assert_eq!(read().await, expected);
    client
        .query("INSERT INTO access_log (id, at, user) VALUES (generateUUIDv4(), now(), 'veli')")
        .execute()
        .await
        .unwrap();
    assert!(reconciled(&log, &client).await.is_clean());
    client.query("DELETE FROM access_log WHERE id = ?").bind(all[0].id).execute().await.unwrap();
    let drift = reconciled(&log, &client).await;
    assert_eq!(
        drift.accesses.iter().map(|p| (p.missing, p.extra)).max(),
        Some((1, 0)),
        "{:?}",
        drift.lines()
    );

    let (log2, client2, options2, runtime) =
        (Arc::clone(&log), client.clone(), options.clone(), Handle::current());
    let rebuilt = tokio::task::spawn_blocking(move || {
        rebuild(&log2, &client2, &options2, &runtime, &CancellationToken::new(), &mut |_| {}).unwrap()
    });
    assert_eq!(rebuilt.await.unwrap().rejects, 0);
    assert_eq!(read().await, [], "the next sink has to write them");
    drain(&log, &client, &options).await;
    assert_eq!(read().await, expected);
    assert_eq!(number(&client, "SELECT count() FROM access_log").await, 41, "each once, and the older one");
    assert!(reconciled(&log, &client).await.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_found_where_it_is_and_lag_is_not_drift() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let histories = histories(30);
    histories.iter().for_each(|history| publish(log.as_ref(), history.records.clone()));
    let never = reconciled(&log, &client).await;
    assert!(never.is_clean() && never.events.iter().map(|p| p.lag).sum::<i64>() > 0, "{never:?}");
    drain(&log, &client, &Options::new("test")).await;
    let clean = reconciled(&log, &client).await;
    let events = histories.iter().map(|history| history.events.len()).sum::<usize>() as u64;
    assert!(clean.is_clean(), "{:?}", clean.lines());
    assert_eq!(
        clean.events.iter().map(|p| (p.records, p.rows)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (events, events)
    );
    assert_eq!(clean.applications.iter().map(|p| p.in_log).sum::<u64>(), 30);

    let (partition, offset): (i32, i64) =
        client.query("SELECT partition, offset FROM events ORDER BY id LIMIT 1").fetch_one().await.unwrap();
    let removed = histories[5].application.id.to_string();
    for sql in [
        format!("DELETE FROM events WHERE partition = {partition} AND offset = {offset}"),
        format!("DELETE FROM open_applications WHERE id = '{removed}'"),
    ] {
        client.query(&sql).with_setting("mutations_sync", "2").execute().await.unwrap();
    }
    let drift = reconciled(&log, &client).await;
    assert!(!drift.is_clean());
    let found: Vec<_> = drift.events.iter().filter(|p| p.missing > 0).collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].partition, &found[0].examples[..]), (partition, &[offset][..]));
    let found: Vec<_> = drift.applications.iter().filter(|p| p.missing > 0).collect();
    assert_eq!(found[0].examples, [removed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_beside_a_running_sink_is_refused_and_changes_nothing() {
    let (_folder, log) = testing::log();
    let client = database().await;
    publish(log.as_ref(), histories(5).into_iter().flat_map(|history| history.records).collect());
    let options = Options::new("test");
    drain(&log, &client, &options).await;
    let before = fingerprint(&client).await;
    // A sink that holds its partitions.
    let member = Member { group: Source::Events.group().into(), topic: topic::EVENTS, slot: "0".into() };
    let mut sink = log.consumer(&member).unwrap();
    assert!(matches!(sink.poll(1, Duration::from_secs(5)).unwrap(), Polled::Assigned(_)));
    let (stop, runtime) = (CancellationToken::new(), Handle::current());
    let (log2, client2, stop2) = (Arc::clone(&log), client.clone(), stop.clone());
    let refused = tokio::task::spawn_blocking(move || {
        rebuild(&log2, &client2, &options, &runtime, &stop2, &mut |_| {}).is_err()
    });
    for _ in 0..10 {
        let polled = sink.poll(1, Duration::from_millis(200)).unwrap();
        assert!(!matches!(polled, Polled::Revoked(_)), "the rebuild does not disturb the sink");
    }
    // It would wait longer than this test needs.
    stop.cancel();
    assert!(refused.await.unwrap());
    assert_eq!(fingerprint(&client).await, before);
    assert_eq!(number(&client, "SELECT max(generation) FROM generations").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_closed_applications_is_compared_month_by_month_and_mended() {
    let (_folder, log) = testing::log();
    let client = database().await;
    histories(60).iter().for_each(|history| publish(log.as_ref(), history.records.clone()));
    drain(&log, &client, &Options::new("test")).await;
    let committed = log.committed(Source::Archive.group(), Source::Archive.topic()).unwrap();
    let swept = sweep(&client, &committed, 0).await.unwrap().unwrap();
    let clean = reconciled(&log, &client).await;
    assert!(clean.is_clean(), "{:?}", clean.lines());
    assert!(clean.closed.len() > 1 && swept.applications > 10, "{:?}", clean.lines());
    assert_eq!(clean.closed.iter().map(|month| month.closed).sum::<u64>(), swept.applications as u64);

    let month = clean.closed[1].month;
    let execute = async |sql: &str| {
        client.query(sql).with_setting("mutations_sync", "2").execute().await.unwrap();
    };
    for change in ["closed_figures UPDATE total = total + 1", "closed_days UPDATE received = received + 1"] {
        execute(&format!("ALTER TABLE {change} WHERE month = {month}")).await;
        let drift = reconciled(&log, &client).await;
        let wrong: Vec<_> = drift.closed.iter().filter(|month| !month.is_clean()).collect();
        assert_eq!(wrong.iter().map(|wrong| wrong.month).collect::<Vec<_>>(), [month], "{change}");
        assert!(wrong[0].line().contains(&format!("--month {}-{:02}", month / 100, month % 100)));
        assert!(!drift.is_clean());
        assert!(rewrite_figures(&client, month, 0).await.unwrap());
        assert!(reconciled(&log, &client).await.is_clean());
    }

    execute(&format!(
        "INSERT INTO closed_applications SELECT * FROM closed_applications WHERE month = {month} LIMIT 1"
    ))
    .await;
    execute(&format!(
        "ALTER TABLE closed_snapshots DELETE WHERE toYYYYMM(received_at, 'Europe/Istanbul') = {month}"
    ))
    .await;
    let drift = reconciled(&log, &client).await;
    let wrong = drift.closed.iter().find(|wrong| wrong.month == month).unwrap();
    assert_eq!((wrong.twice, wrong.without_snapshot), (1, wrong.closed));
}
