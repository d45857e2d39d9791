//! Sweeps at intervals.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::health::Health;
use ebasvuru_workflow::log::{Log, LogError, Position};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{remove, sweep};
use crate::sink::Source;

/// How often to sweep. Readers do not notice: an application counts as closed before it is brought.
const INTERVAL: Duration = Duration::from_secs(60);
/// How often to look for the stop.
const TICK: Duration = Duration::from_millis(100);

/// Why a sweep failed.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// ClickHouse.
    #[error("ClickHouse: {0}")]
    ClickHouse(#[from] clickhouse::error::Error),
}

/// Sweeps until all is brought that the sink had written at the time of the call, and calls `progress` with the number
/// of applications that each sweep has brought. Blocks.
///
/// # Errors
/// The log's or ClickHouse's. Run it again to continue.
pub fn sweep_all(
    log: &dyn Log,
    client: &Client,
    runtime: &Handle,
    clock: &Clock,
    stop: &CancellationToken,
    progress: &mut dyn FnMut(usize),
) -> Result<(), SweepError> {
    let committed = || log.committed(Source::Archive.group(), Source::Archive.topic());
    let until = committed()?;
    while !stop.is_cancelled() {
        let committed = earlier(&until, &committed()?);
        let swept = runtime.block_on(sweep(client, &committed, clock.now().as_millisecond()))?;
        let Some(swept) = swept else { return Ok(()) };
        progress(swept.applications);
    }
    Ok(())
}

/// The earlier position of each partition: the one at the beginning, because somebody always closes something and
/// sweeping would not end, or the one now, if a rebuild has set it back.
fn earlier(until: &[Position], now: &[Position]) -> Vec<Position> {
    let both = until
        .iter()
        .filter_map(|until| Some((until, now.iter().find(|now| now.partition == until.partition)?)));
    both.map(|(until, now)| if now.offset < until.offset { now } else { until }).cloned().collect()
}

/// Sweeps at intervals until `stop`. Blocks. Several processes may do this.
pub fn run(
    log: &Arc<dyn Log>,
    client: &Client,
    runtime: &Handle,
    clock: &Clock,
    stop: &CancellationToken,
    health: &Health,
) {
    let mut brought = 0;
    while !stop.is_cancelled() {
        let mut told = Instant::now();
        let mut progress = |applications| {
            brought += applications;
            if told.elapsed() > INTERVAL / 6 {
                told = Instant::now();
                tracing::info!(
                    table.rows = brought,
                    "closed applications were brought to closed_applications"
                );
            }
        };
        let swept = sweep_all(log.as_ref(), client, runtime, clock, stop, &mut progress);
        let done = swept.and_then(|()| Ok(runtime.block_on(remove(client, clock.now().as_millisecond()))?));
        match done {
            Ok(()) => health.running(),
            Err(error) => health.waiting(&error.to_string()),
        }
        let next = Instant::now() + INTERVAL;
        while Instant::now() < next && !stop.is_cancelled() {
            std::thread::sleep(TICK);
        }
    }
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::log::{Retention, topic};

    use super::*;
    use crate::sink::tests::{database, drain_one};
    use crate::sink::{Options, high_watermarks};
    use crate::testing::{self, Random, publish, random_history};

    fn at(positions: [(i32, i64); 2]) -> Vec<Position> {
        positions.map(|(partition, offset)| Position { partition, offset, metadata: String::new() }).into()
    }

    #[test]
    fn positions_that_were_set_back_count_and_later_ones_do_not() {
        assert_eq!(earlier(&at([(0, 5), (1, 5)]), &at([(0, 9), (1, 2)])), at([(0, 5), (1, 2)]));
        assert_eq!(earlier(&at([(0, 5), (1, 5)]), &[]), []);
    }

    /// In a country somebody always closes something.
    #[tokio::test(flavor = "multi_thread")]
    async fn sweeping_ends_although_more_is_closed_meanwhile() {
        let (_folder, log) = testing::log_of_snapshots(Retention::Forever);
        let client = database().await;
        let mut random = Random::new(11);
        let records =
            (0..40).flat_map(|n| random_history(n, &mut random, testing::at("2026-01-15T00:00:00Z")).records);
        let mut closings: Vec<_> = records.filter(|record| record.topic == topic::ARCHIVE).take(5).collect();
        let (runtime, stop) = (Handle::current(), CancellationToken::new());
        let mut close = {
            let (log, client, runtime) = (Arc::clone(&log), client.clone(), runtime.clone());
            move || {
                let Some(closing) = closings.pop() else { return };
                publish(log.as_ref(), vec![closing]);
                let until = high_watermarks(log.as_ref(), topic::ARCHIVE).unwrap();
                runtime.block_on(drain_one(Source::Archive, &log, &client, &Options::new("test"), until));
            }
        };
        let sweep = move || {
            close();
            let mut brought = Vec::new();
            let mut progress = |applications| {
                brought.push(applications);
                close();
            };
            sweep_all(log.as_ref(), &client, &runtime, &Clock::System, &stop, &mut progress).unwrap();
            brought
        };
        assert_eq!(tokio::task::spawn_blocking(sweep).await.unwrap(), [1]);
    }
}
