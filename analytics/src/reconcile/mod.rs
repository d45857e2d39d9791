//! Compares the log with itself and with ClickHouse, record by record.
//!
//! Only records that the sink has committed are compared; the others are lag, not drift.

mod applications;
mod commands;
mod months;
mod offsets;
#[cfg(test)]
mod tests;

pub use commands::Commands;
pub use months::Month;

use clickhouse::Client;
use ebasvuru_workflow::log::{Log, LogError};
use serde::Serialize;
use tokio::runtime::Handle;

use crate::sink::Source;
use crate::sink::row::Table;

/// How many examples of drift each part of the report names.
const EXAMPLES: usize = 10;

/// The result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Commands against events.
    #[serde(rename = "decided")]
    pub commands: Commands,
    /// Each partition of `ebasvuru.events` against `events`.
    pub events: Vec<Offsets>,
    /// Each partition of `ebasvuru.audit` against `access_log`.
    pub accesses: Vec<Offsets>,
    /// Each partition of the snapshots' topics against the applications.
    pub applications: Vec<Applications>,
    /// What is kept of the closed applications, month by month.
    pub closed: Vec<Month>,
}

/// One partition of a topic whose records are rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Offsets {
    /// The partition.
    pub partition: i32,
    /// The first offset compared.
    pub low: i64,
    /// The offset after the last one compared: the sink's committed offset.
    pub committed: i64,
    /// At most this many records are not written yet.
    pub lag: i64,
    /// Records in the log.
    pub records: u64,
    /// Distinct records in ClickHouse, including those in `sink_rejects`.
    pub rows: u64,
    /// Duplicate rows that are not merged yet; reads do not see them.
    pub unmerged: u64,
    /// Records without a row.
    pub missing: u64,
    /// Rows without a record.
    pub extra: u64,
    /// Offsets of some missing or extra records.
    pub examples: Vec<i64>,
}

/// One partition of the snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applications {
    /// The partition.
    pub partition: i32,
    /// At most this many records are not written yet.
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
        self.commands.is_clean()
            && self.events.iter().chain(&self.accesses).all(|p| p.missing == 0 && p.extra == 0)
            && self.applications.iter().all(|p| p.missing == 0 && p.behind == 0 && p.extra == 0)
            && self.closed.iter().all(Month::is_clean)
    }

    /// One line for each partition, for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let events = self.events.iter().map(|p| p.line(Table::Events));
        let accesses = self.accesses.iter().map(|p| p.line(Table::Accesses));
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
        let commands = &self.commands;
        let commands = format!(
            "commands: {} submissions, {} lost, {} received, {} events out of sequence, {} numbers given twice{}",
            commands.submissions,
            commands.lost,
            commands.received,
            commands.out_of_sequence,
            commands.numbers_twice,
            named("ids", &commands.examples)
        );
        let closed = self.closed.iter().map(Month::line);
        std::iter::once(commands).chain(events).chain(accesses).chain(applications).chain(closed).collect()
    }
}

impl Offsets {
    fn line(&self, table: Table) -> String {
        format!(
            "{}[{}]: {} records, {} rows, {} missing, {} extra, lag {}{}",
            table.name(),
            self.partition,
            self.records,
            self.rows,
            self.missing,
            self.extra,
            self.lag,
            named("offsets", &self.examples)
        )
    }
}

fn named<T: ToString>(what: &str, examples: &[T]) -> String {
    if examples.is_empty() {
        return String::new();
    }
    let examples: Vec<String> = examples.iter().map(ToString::to_string).collect();
    format!(" ({what}: {}, …)", examples.join(", "))
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The log.
    #[error("the log and ClickHouse were not compared")]
    Log(#[from] LogError),
    /// ClickHouse.
    #[error("the log and ClickHouse were not compared")]
    ClickHouse(#[from] clickhouse::error::Error),
}

/// Reads the whole log and compares. Blocks. A sink may run meanwhile.
///
/// # Errors
/// See [`ReconcileError`].
pub fn reconcile(log: &dyn Log, client: &Client, runtime: &Handle) -> Result<Report, ReconcileError> {
    Ok(Report {
        commands: Commands::read(log)?,
        events: offsets::compare(Source::Events, Table::Events, log, client, runtime)?,
        accesses: offsets::compare(Source::Audit, Table::Accesses, log, client, runtime)?,
        applications: applications::compare(log, client, runtime)?,
        closed: runtime.block_on(months::compare(client))?,
    })
}
