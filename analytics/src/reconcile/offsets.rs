//! Compares a topic with the table that has a row for each of its records, by offset.

use std::cmp::Ordering;

use clickhouse::{Client, Row};
use ebasvuru_workflow::log::{Log, LogError, Start};
use serde::Deserialize;
use tokio::runtime::Handle;

use super::{EXAMPLES, Offsets, ReconcileError};
use crate::sink::Source;
use crate::sink::row::Table;

/// How many offsets are compared at once.
const CHUNK: i64 = 1_000_000;

#[derive(Row, Deserialize)]
struct RowCount {
    offset: i64,
    count: u64,
}

pub fn compare(
    source: Source,
    table: Table,
    log: &dyn Log,
    client: &Client,
    runtime: &Handle,
) -> Result<Vec<Offsets>, ReconcileError> {
    let topic = source.topic();
    // The sink's committed offsets first: meanwhile rows are only added.
    let committed = log.committed(source.group(), topic)?;
    let mut partitions = Vec::new();
    for bounds in log.bounds(topic)? {
        let position = committed.iter().find(|p| p.partition == bounds.partition);
        let until = position.map_or(bounds.low, |p| p.offset);
        let mut found = Offsets {
            partition: bounds.partition,
            low: bounds.low,
            committed: until,
            lag: (bounds.high - until).max(0),
            ..Offsets::default()
        };
        let mut from = bounds.low;
        while from < until {
            let to = until.min(from.saturating_add(CHUNK));
            let records = offsets(log, topic, bounds.partition, from, to)?;
            let rows = runtime.block_on(rows(table, client, topic, bounds.partition, from, to))?;
            found.add(&records, &rows);
            from = to;
        }
        partitions.push(found);
    }
    Ok(partitions)
}

/// The offsets in `from..to` whose records should have a row.
fn offsets(log: &dyn Log, topic: &str, partition: i32, from: i64, to: i64) -> Result<Vec<i64>, LogError> {
    let mut offsets = Vec::new();
    let mut reader = log.reader(topic, Start::at(partition, from))?;
    loop {
        let records = reader.poll(10_000, std::time::Duration::from_secs(2))?;
        let last = records.last().map(|record| record.offset);
        let wanted = records.iter().filter(|r| r.offset < to && r.value.is_some());
        offsets.extend(wanted.map(|record| record.offset));
        // The committed offset follows a record, so a record at the end of the range, or after it,
        // exists. If none comes, retention has removed the rest.
        if last.is_none_or(|last| last >= to - 1) {
            return Ok(offsets);
        }
    }
}

async fn rows(
    table: Table,
    client: &Client,
    topic: &str,
    partition: i32,
    from: i64,
    to: i64,
) -> Result<Vec<RowCount>, clickhouse::error::Error> {
    let of = |table: Table| {
        format!(
            "SELECT offset FROM {} WHERE topic = {{topic:String}} AND partition = {{partition:Int32}}
                 AND offset >= {{from:Int64}} AND offset < {{to:Int64}}",
            table.name()
        )
    };
    let sql = format!(
        "SELECT offset, count() AS count FROM ({} UNION ALL {}) GROUP BY offset ORDER BY offset",
        of(table),
        of(Table::Rejects)
    );
    client
        .query_raw(&sql)
        .param("topic", topic)
        .param("partition", partition)
        .param("from", from)
        .param("to", to)
        .fetch_all()
        .await
}

impl Offsets {
    fn add(&mut self, records: &[i64], rows: &[RowCount]) {
        self.records += records.len() as u64;
        self.rows += rows.len() as u64;
        self.unmerged += rows.iter().map(|row| row.count - 1).sum::<u64>();
        let (mut records, mut rows) = (records.iter().peekable(), rows.iter().peekable());
        loop {
            let order = match (records.peek(), rows.peek()) {
                (Some(record), Some(row)) => record.cmp(&&row.offset),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return,
            };
            let (record, row) = (
                if order == Ordering::Greater { None } else { records.next() },
                if order == Ordering::Less { None } else { rows.next() },
            );
            let offset = match (record, row) {
                (Some(offset), None) => {
                    self.missing += 1;
                    *offset
                }
                (None, Some(row)) => {
                    self.extra += 1;
                    row.offset
                }
                _ => continue,
            };
            if self.examples.len() < EXAMPLES {
                self.examples.push(offset);
            }
        }
    }
}
