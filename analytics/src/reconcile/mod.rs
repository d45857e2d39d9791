//! The log in itself and against ClickHouse: what should be there, record by record.
//!
//! Only what the sink has committed is compared; what it has yet to write is lag, not drift.

mod applications;
mod decided;
mod events;
#[cfg(test)]
mod tests;

pub use decided::Decided;

use clickhouse::Client;
use ebasvuru_workflow::log::{Log, LogError};
use serde::Serialize;
use tokio::runtime::Handle;

/// How many examples of drift are named in each place.
const EXAMPLES: usize = 10;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Commands against events.
    pub decided: Decided,
    /// Each partition of `ebasvuru.events` against `events`.
    pub events: Vec<Events>,
    /// Each partition of the snapshots' topics against `applications`.
    pub applications: Vec<Applications>,
}

/// One partition of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Events {
    /// The partition.
    pub partition: i32,
    /// The first offset compared.
    pub low: i64,
    /// One past the last offset compared: where the sink stands.
    pub committed: i64,
    /// Records the sink has yet to write, at most.
    pub lag: i64,
    /// Records in the log.
    pub records: u64,
    /// Distinct records in ClickHouse, those kept as unreadable included.
    pub rows: u64,
    /// Rows that are there twice until they are merged; reads do not see them.
    pub unmerged: u64,
    /// Records without a row.
    pub missing: u64,
    /// Rows without a record.
    pub extra: u64,
    /// Offsets of some that are missing or extra.
    pub examples: Vec<i64>,
}

/// One partition of the snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applications {
    /// The partition.
    pub partition: i32,
    /// Records the sink has yet to write, at most.
    pub lag: i64,
    /// Applications in the log.
    pub in_log: u64,
    /// Applications in ClickHouse.
    pub in_clickhouse: u64,
    /// Applications that ClickHouse does not have.
    pub missing: u64,
    /// Applications that ClickHouse has in an older version.
    pub behind: u64,
    /// Applications that the log does not have.
    pub extra: u64,
    /// Ids of some of them.
    pub examples: Vec<String>,
}

impl Report {
    /// Whether the log is whole, and ClickHouse has exactly what it has.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.decided.is_clean()
            && self.events.iter().all(|p| p.missing == 0 && p.extra == 0)
            && self.applications.iter().all(|p| p.missing == 0 && p.behind == 0 && p.extra == 0)
    }

    /// One line for each partition, for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let events = self.events.iter().map(|p| {
            format!(
                "events[{}]: {} records, {} rows, {} missing, {} extra, lag {}{}",
                p.partition,
                p.records,
                p.rows,
                p.missing,
                p.extra,
                p.lag,
                named("offsets", &p.examples)
            )
        });
        let applications = self.applications.iter().map(|p| {
            format!(
                "applications[{}]: {} in the log, {} in ClickHouse, {} missing, {} behind, {} extra, lag {}{}",
                p.partition,
                p.in_log,
                p.in_clickhouse,
                p.missing,
                p.behind,
                p.extra,
                p.lag,
                named("ids", &p.examples)
            )
        });
        let decided = &self.decided;
        let decided = format!(
            "commands: {} submissions, {} lost, {} received, {} events out of sequence, {} numbers given twice{}",
            decided.submissions,
            decided.lost,
            decided.received,
            decided.out_of_sequence,
            decided.numbers_twice,
            named("ids", &decided.examples)
        );
        std::iter::once(decided).chain(events).chain(applications).collect()
    }
}

fn named<T: ToString>(what: &str, examples: &[T]) -> String {
    if examples.is_empty() {
        return String::new();
    }
    let examples: Vec<String> = examples.iter().map(ToString::to_string).collect();
    format!(" ({what}: {}, …)", examples.join(", "))
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The log.
    #[error("the log and ClickHouse were not compared")]
    Log(#[from] LogError),
    /// ClickHouse.
    #[error("the log and ClickHouse were not compared")]
    ClickHouse(#[from] clickhouse::error::Error),
}

/// Reads the whole of the log and compares. Blocks; may run beside a running sink.
///
/// # Errors
/// See [`ReconcileError`].
pub fn reconcile(log: &dyn Log, client: &Client, runtime: &Handle) -> Result<Report, ReconcileError> {
    Ok(Report {
        decided: Decided::read(log)?,
        events: events::compare(log, client, runtime)?,
        applications: applications::compare(log, client, runtime)?,
    })
}
