//! Which rows make a batch. Pure, so that a range that is read again after a crash makes the same
//! blocks with the same tokens.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::row::{Row, Table};

/// When a batch is cut.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At this many rows.
    pub rows: usize,
    /// At about this many bytes.
    pub bytes: usize,
    /// When its first record has waited this long, and the log has been read to its end.
    pub linger: Duration,
    /// And no sooner than this after the last batch of its partition. Where little happens a page shows a
    /// change after `linger`; where much does, ClickHouse gets fewer and larger parts.
    pub interval: Duration,
    /// Nor sooner than this times the number of partitions that have something to write, but at most
    /// `linger_behind`: many inserts of a few rows would keep ClickHouse busy with their parts.
    pub share: Duration,
    /// When its first record has waited this long, however much there is to read. In a backlog the pages
    /// are late anyway; fewer and larger parts leave ClickHouse less to merge.
    pub linger_behind: Duration,
}

/// The offsets of one partition that a batch covers, both ends included. It is part of the metadata
/// of the committed offset and of the insert token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first offset.
    pub min: i64,
    /// The last offset.
    pub max: i64,
}

impl Range {
    /// As the metadata of a committed offset.
    #[must_use]
    pub fn to_metadata(self) -> String {
        format!("pending:{}-{}", self.min, self.max)
    }

    /// Reads [`Range::to_metadata`]; `None` for other metadata.
    #[must_use]
    pub fn from_metadata(metadata: &str) -> Option<Self> {
        let (min, max) = metadata.strip_prefix("pending:")?.split_once('-')?;
        let range = Self { min: min.parse().ok()?, max: max.parse().ok()? };
        (0 <= range.min && range.min <= range.max).then_some(range)
    }
}

/// One block of rows: one table, one table partition if the table has partitions, one insert.
#[derive(Clone, Debug)]
pub struct Block {
    /// The table.
    pub table: Table,
    /// The month of the table partition, as YYYYMM.
    pub month: Option<u32>,
    /// The rows, in the order of their offsets.
    pub rows: Vec<Row>,
}

/// A contiguous range of one partition, ready to be written.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The partition.
    pub partition: i32,
    /// The offsets that it covers.
    pub range: Range,
    /// Its rows. Some records become no row.
    pub blocks: Vec<Block>,
}

/// Collects rows by partition and tells which batches are due.
#[derive(Debug)]
pub struct Batcher {
    limits: Limits,
    partitions: BTreeMap<i32, Buffer>,
}

#[derive(Debug, Default)]
struct Buffer {
    /// A range that was in flight when the previous sink ended: it is cut exactly the same.
    pending: Option<Range>,
    open: Vec<Row>,
    /// The offsets that `open` covers, and since when the first waits.
    covers: Option<(Range, Instant)>,
    bytes: usize,
    ready: VecDeque<Batch>,
    ready_bytes: usize,
    /// The bytes of the batch in flight.
    in_flight: Option<usize>,
    /// When the last batch was taken.
    taken: Option<Instant>,
}

impl Batcher {
    /// A batcher without partitions.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits, partitions: BTreeMap::new() }
    }

    /// Adds a partition, with the range that its previous owner left pending.
    pub fn assign(&mut self, partition: i32, pending: Option<Range>) {
        self.partitions.insert(partition, Buffer { pending, ..Buffer::default() });
    }

    /// Removes a partition. Its new owner writes what was collected.
    pub fn revoke(&mut self, partition: i32) {
        self.partitions.remove(&partition);
    }

    /// Adds a record of a partition and the row that it becomes. Offsets only grow.
    pub fn push(&mut self, partition: i32, offset: i64, row: Option<Row>, now: Instant) {
        let Some(buffer) = self.partitions.get_mut(&partition) else { return };
        if buffer.pending.is_some_and(|pending| offset > pending.max) {
            buffer.cut(partition);
        }
        let since = buffer.covers.map_or(now, |(_, since)| since);
        let min = buffer.covers.map_or(offset, |(range, _)| range.min);
        buffer.covers = Some((Range { min, max: offset }, since));
        if let Some(row) = row {
            buffer.bytes += row.bytes();
            buffer.open.push(row);
        }
        let full = match buffer.pending {
            Some(pending) => offset >= pending.max,
            None => buffer.open.len() >= self.limits.rows || buffer.bytes >= self.limits.bytes,
        };
        if full {
            buffer.cut(partition);
        }
    }

    /// The batches that are due, at most one of each partition; `behind` if the log has more to read. A
    /// partition gets the next only after [`Batcher::committed`].
    pub fn take(&mut self, now: Instant, behind: bool) -> Vec<Batch> {
        let linger = if behind { self.limits.linger_behind } else { self.limits.linger };
        let waiting = self.partitions.values().filter(|buffer| buffer.covers.is_some()).count();
        let share = self.limits.share.saturating_mul(u32::try_from(waiting).unwrap_or(u32::MAX));
        let interval = self.limits.interval.max(share.min(self.limits.linger_behind));
        let mut batches = Vec::new();
        for (partition, buffer) in &mut self.partitions {
            if buffer.in_flight.is_some() {
                continue;
            }
            let passed = |since: Instant, least| now.saturating_duration_since(since) >= least;
            let due = buffer.covers.is_some_and(|(_, since)| passed(since, linger))
                && buffer.taken.is_none_or(|taken| passed(taken, interval));
            if buffer.ready.is_empty() && buffer.pending.is_none() && due {
                buffer.cut(*partition);
            }
            if let Some(batch) = buffer.ready.pop_front() {
                let bytes = bytes(&batch);
                buffer.in_flight = Some(bytes);
                buffer.taken = Some(now);
                buffer.ready_bytes -= bytes;
                batches.push(batch);
            }
        }
        batches
    }

    /// The batch of this partition that was in flight is written and committed.
    pub fn committed(&mut self, partition: i32) {
        if let Some(buffer) = self.partitions.get_mut(&partition) {
            buffer.in_flight = None;
        }
    }

    /// About how many bytes are collected and in flight.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.partitions.values().map(|b| b.bytes + b.ready_bytes + b.in_flight.unwrap_or(0)).sum()
    }

    /// Whether nothing is collected and nothing is in flight.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.partitions.values().all(|b| b.covers.is_none() && b.ready.is_empty() && b.in_flight.is_none())
    }
}

impl Buffer {
    fn cut(&mut self, partition: i32) {
        let pending = self.pending.take();
        let covered = self.covers.take().map(|(range, _)| range);
        let Some(range) = pending.or(covered) else { return };
        let mut blocks: BTreeMap<(Table, Option<u32>), Vec<Row>> = BTreeMap::new();
        for row in std::mem::take(&mut self.open) {
            blocks.entry(row.place()).or_default().push(row);
        }
        let blocks = blocks.into_iter().map(|((table, month), rows)| Block { table, month, rows }).collect();
        self.ready_bytes += std::mem::take(&mut self.bytes);
        self.ready.push_back(Batch { partition, range, blocks });
    }
}

fn bytes(batch: &Batch) -> usize {
    batch.blocks.iter().flat_map(|block| &block.rows).map(Row::bytes).sum()
}
