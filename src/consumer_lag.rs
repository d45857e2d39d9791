//! How far each consumer group is behind its topic: on `/metrics`, and in `ebasvuru check`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ebasvuru_analytics::sink::Source;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Log, group, topic};
use ebasvuru_workflow::metric;

use crate::process::Process;

/// How often it is measured.
const INTERVAL: Duration = Duration::from_secs(15);
/// How long the thread sleeps before it looks again whether the process stops.
const STOP_CHECK: Duration = Duration::from_millis(100);

/// Measures the lag of a group until the process stops. The process does not wait for this thread
/// when it stops: while the log is away one call may take long, and its result is not needed.
pub fn watch(
    process: &Process,
    log: &Arc<dyn Log>,
    clock: &Clock,
    group: &str,
    topic: &'static str,
) -> anyhow::Result<()> {
    let (log, clock, stop, group) = (Arc::clone(log), clock.clone(), process.stop.clone(), group.to_owned());
    std::thread::Builder::new().name(format!("lag-{topic}")).spawn(move || {
        let mut measured: Option<Instant> = None;
        while !stop.is_cancelled() {
            if measured.is_none_or(|at| at.elapsed() >= INTERVAL) {
                // The consumer itself reports a log that is away.
                let _ = measure(log.as_ref(), &clock, &group, topic);
                measured = Some(Instant::now());
            }
            std::thread::sleep(STOP_CHECK);
        }
    })?;
    Ok(())
}

/// The lag of every group, as one line.
pub fn describe(log: &dyn Log, clock: &Clock) -> anyhow::Result<String> {
    let workers = [(group::INGEST, topic::SUBMISSIONS), (group::WORKFLOW, topic::COMMANDS)];
    let sink = Source::ALL.map(|source| (source.group(), source.topic()));
    let mut groups = Vec::new();
    for (group, topic) in workers.into_iter().chain(sink) {
        let lags = lag(log, group, topic)?;
        let records: i64 = lags.iter().map(|lag| lag.records).sum();
        let oldest = lags.iter().filter_map(|lag| lag.oldest).min();
        let age = oldest.map_or(String::new(), |at| {
            format!(" (the oldest for {} s)", clock.now().duration_since(at).as_secs().max(0))
        });
        groups.push(format!("{group} {records}{age}"));
    }
    Ok(groups.join(", "))
}

fn measure(log: &dyn Log, clock: &Clock, group: &str, topic: &'static str) -> anyhow::Result<()> {
    let lags = lag(log, group, topic)?;
    for lag in &lags {
        let labels = [
            ("group", group.to_owned()),
            ("topic", topic.to_owned()),
            ("partition", lag.partition.to_string()),
        ];
        metrics::gauge!(metric::LAG_RECORDS, &labels).set(lag.records as f64);
    }
    let oldest = lags.iter().filter_map(|lag| lag.oldest).min();
    let seconds = oldest.map_or(0.0, |at| clock.now().duration_since(at).as_secs_f64().max(0.0));
    metrics::gauge!(metric::LAG_SECONDS, "group" => group.to_owned(), "topic" => topic).set(seconds);
    Ok(())
}
