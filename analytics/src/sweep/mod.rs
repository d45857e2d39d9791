//! Moves closed applications from `open_applications` to `closed_applications`.
//!
//! The sink writes every snapshot into `open_applications`. A sweep copies those that were closed
//! meanwhile, writes the figures of their months anew, and counts from the moment at which its row is
//! in `sweeps` (see [`Cut`]). What it is to bring is decided by a row that is written before, under
//! a token, so that of several processes, and after a crash, each does exactly the same: the same rows
//! under the same tokens. What has been brought is removed from `open_applications` once no reader can
//! have an older cut.

mod figures;
mod remove;
mod row;
mod runner;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use clickhouse::error::Error;
use clickhouse::{Client, Row};
use ebasvuru_workflow::log::Position;
use serde::{Deserialize, Serialize};

pub use remove::remove;
use row::ClosedRow;
pub(crate) use row::{PersonRow, SnapshotRow};
pub use runner::{SweepError, run, sweep_all};

use crate::cut::Cut;
use crate::sink::insert::{append, send};
use crate::sink::row::ApplicationRow;

/// How old the cut of a reader may be. What a sweep has brought stays among the open ones, and former
/// figures stay, at least this long.
pub const GRACE: Duration = Duration::from_secs(3600);

/// How many offsets of each partition of `ebasvuru.archive` one sweep covers at most: with twelve
/// partitions up to 60,000 applications, whose records ClickHouse sorts in memory.
const OFFSETS: i64 = 5_000;
/// Snapshots are copied in blocks of about this many bytes.
const SNAPSHOT_BYTES: usize = 16 << 20;

/// What a sweep has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// How many applications it brought.
    pub applications: usize,
}

/// A row of `sweeps`.
#[derive(Clone, Debug, Row, Serialize, Deserialize)]
struct Sweep {
    generation: u64,
    sweep: u32,
    done: bool,
    at: i64,
    until: Vec<i64>,
    months: Vec<u32>,
    versions: Vec<u64>,
}

/// Brings what was closed before the committed positions of the sink on `ebasvuru.archive`. `None` if
/// there is nothing. `now` is in milliseconds.
///
/// # Errors
/// ClickHouse's. The next sweep, of whichever process, continues.
pub async fn sweep(client: &Client, committed: &[Position], now: i64) -> Result<Option<Swept>, Error> {
    let cut = Cut::read(client).await?;
    let next = cut.sweep + 1;
    let planned = match planned(client, &cut, next).await? {
        Some(until) => until,
        None => {
            let Some(until) = plan(client, &cut.until, committed).await? else { return Ok(None) };
            begin(client, &cut, next, until.clone(), now).await?;
            // Another process may have been faster.
            planned(client, &cut, next).await?.unwrap_or(until)
        }
    };
    let (applications, blocks) = closed_rows(client, next, &cut.until, &planned).await?;
    for (month, block) in &blocks {
        bring(client, next, *month, block).await?;
    }
    // Of many sweeps one after the other, the last alone writes figures. Until then reports count rows.
    let is_last = plan(client, &planned, committed).await?.is_none();
    let figures =
        if is_last { figures_with(client, &cut, next, blocks.into_keys()).await? } else { BTreeMap::new() };
    finish(client, &cut, next, planned, figures, now).await?;
    Ok(Some(Swept { applications }))
}

/// The version of the figures of each month, those of these months written anew; of every month, if the
/// sweep before wrote none.
async fn figures_with(
    client: &Client,
    cut: &Cut,
    sweep: u32,
    months: impl Iterator<Item = u32>,
) -> Result<BTreeMap<u32, u64>, Error> {
    let mut figures: BTreeMap<u32, u64> = cut.figures.iter().copied().collect();
    let months = if figures.is_empty() { months_of(client, cut, sweep).await? } else { months.collect() };
    for month in months {
        figures.insert(month, figures::write(client, cut, sweep, month).await?);
    }
    Ok(figures)
}

/// The months of the closed applications that count with this sweep.
async fn months_of(client: &Client, cut: &Cut, sweep: u32) -> Result<Vec<u32>, Error> {
    client
        .query("SELECT DISTINCT month FROM closed_applications WHERE sweep > ? AND sweep <= ?")
        .bind(Cut::before_the_first(cut.generation))
        .bind(sweep)
        .fetch_all()
        .await
}

/// From now on the sweep counts.
async fn finish(
    client: &Client,
    cut: &Cut,
    sweep: u32,
    until: Vec<i64>,
    figures: BTreeMap<u32, u64>,
    now: i64,
) -> Result<(), Error> {
    let (months, versions) = figures.into_iter().unzip();
    let row = Sweep { generation: cut.generation, sweep, done: true, at: now, until, months, versions };
    send(client, &format!("sweep-{sweep}-done"), "sweeps", std::iter::once(&row)).await
}

/// How far the next sweep goes; `None` if there is nothing to bring before the committed positions.
async fn plan(client: &Client, from: &[i64], committed: &[Position]) -> Result<Option<Vec<i64>>, Error> {
    let partitions =
        committed.iter().filter_map(|p| usize::try_from(p.partition + 1).ok()).max().unwrap_or(0);
    let mut until = from.to_vec();
    until.resize(partitions.max(from.len()), 0);
    for position in committed {
        if let Some(until) = of_partition(&mut until, position.partition) {
            *until = position.offset.max(*until);
        }
    }
    // Offsets may have gaps of any size.
    let sql = format!(
        "SELECT toUInt64(partition), min(offset) FROM open_applications WHERE {BETWEEN} GROUP BY partition"
    );
    let first: Vec<(u64, i64)> =
        client.query_raw(&sql).param("from", from).param("until", &until).fetch_all().await?;
    for (partition, first) in &first {
        if let Some(until) = of_partition(&mut until, *partition) {
            *until = (*until).min(first + OFFSETS);
        }
    }
    Ok((!first.is_empty()).then_some(until))
}

/// The offset of a partition, of one offset for each.
fn of_partition(offsets: &mut [i64], partition: impl TryInto<usize>) -> Option<&mut i64> {
    offsets.get_mut(partition.try_into().ok()?)
}

/// Writes the figures of a month anew, by a sweep that brings nothing. Returns whether it did: not if
/// another sweep has begun meanwhile.
///
/// # Errors
/// ClickHouse's.
pub async fn rewrite_figures(client: &Client, month: u32, now: i64) -> Result<bool, Error> {
    let cut = Cut::read(client).await?;
    let next = cut.sweep + 1;
    begin(client, &cut, next, cut.until.clone(), now).await?;
    if planned(client, &cut, next).await?.as_ref() != Some(&cut.until) {
        return Ok(false);
    }
    let figures = figures_with(client, &cut, next, std::iter::once(month)).await?;
    finish(client, &cut, next, cut.until.clone(), figures.clone(), now).await?;
    Ok(Cut::read(client).await?.version(month) == figures.get(&month).copied())
}

/// Decides what a sweep is to bring, unless another process has.
async fn begin(client: &Client, cut: &Cut, sweep: u32, until: Vec<i64>, now: i64) -> Result<(), Error> {
    let (months, versions) = (Vec::new(), Vec::new());
    let row = Sweep { generation: cut.generation, sweep, done: false, at: now, until, months, versions };
    send(client, &format!("sweep-{sweep}"), "sweeps", std::iter::once(&row)).await
}

/// How far a sweep that has begun goes.
async fn planned(client: &Client, cut: &Cut, sweep: u32) -> Result<Option<Vec<i64>>, Error> {
    client
        .query("SELECT until FROM sweeps WHERE generation = ? AND sweep = ? AND NOT done LIMIT 1")
        .bind(cut.generation)
        .bind(sweep)
        .fetch_optional()
        .await
}

/// The rows of `ebasvuru.archive` from the first offsets to before the second ones.
const BETWEEN: &str = "topic = 'ebasvuru.archive'
     AND offset >= arrayElement({from:Array(Int64)}, partition + 1)
     AND offset < arrayElement({until:Array(Int64)}, partition + 1)";

/// The rows of the applications, by month, and how many there are. Writes what may be there twice.
async fn closed_rows(
    client: &Client,
    sweep: u32,
    from: &[i64],
    until: &[i64],
) -> Result<(usize, BTreeMap<u32, Vec<ClosedRow>>), Error> {
    // A closed application is final: its rows differ only in the indexes of the name, if these were
    // renewed meanwhile.
    let sql = format!(
        "SELECT ?fields FROM open_applications WHERE {BETWEEN}
         ORDER BY unit, received_at, id, life LIMIT 1 BY id, life"
    );
    let query = client.query(&sql).param("from", from).param("until", until);
    let mut rows = query.fetch::<ApplicationRow>()?;
    let mut blocks: BTreeMap<u32, Vec<ClosedRow>> = BTreeMap::new();
    let (mut snapshots, mut people, mut bytes, mut count) = (Vec::new(), Vec::new(), 0, 0);
    while let Some(row) = rows.next().await? {
        count += 1;
        let closed = ClosedRow::of(&row, sweep);
        blocks.entry(closed.month).or_default().push(closed);
        people.extend(PersonRow::of(&row));
        bytes += row.snapshot.len();
        snapshots.push(SnapshotRow::of(&row));
        if bytes >= SNAPSHOT_BYTES {
            add(client, &mut snapshots, &mut people).await?;
            bytes = 0;
        }
    }
    add(client, &mut snapshots, &mut people).await?;
    Ok((count, blocks))
}

/// Brings the rows of a month, unless an attempt before has.
async fn bring(client: &Client, sweep: u32, month: u32, block: &[ClosedRow]) -> Result<(), Error> {
    if brought(client, sweep, month).await? {
        return Ok(());
    }
    send(client, &format!("sweep-{sweep}-{month}"), "closed_applications", block.iter()).await
}

/// Whether an attempt before has brought the rows of this month.
async fn brought(client: &Client, sweep: u32, month: u32) -> Result<bool, Error> {
    client
        .query("SELECT count() > 0 FROM closed_applications WHERE month = ? AND sweep = ?")
        .bind(month)
        .bind(sweep)
        .fetch_one()
        .await
}

/// Writes what may be there twice.
async fn add(
    client: &Client,
    snapshots: &mut Vec<SnapshotRow>,
    people: &mut Vec<PersonRow>,
) -> Result<(), Error> {
    append(client, "closed_snapshots", snapshots.drain(..)).await?;
    append(client, "closed_people", people.drain(..)).await
}
