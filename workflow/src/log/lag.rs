//! How far a consumer group is behind.

use std::time::Duration;

use jiff::Timestamp;

use super::{Log, LogError, Start};
use crate::error_code::ErrorCode;
use crate::metric;

/// Among this many offsets there is always a record, and not only transaction markers.
const SURELY: i64 = 1_000;
/// How long the first of many waiting records may take to be read.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a group has yet to read of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The partition.
    pub partition: i32,
    /// How many records. On Kafka an upper bound if there are many, because transaction markers are
    /// counted, too.
    pub records: i64,
    /// When the oldest of them was appended.
    pub oldest: Option<Timestamp>,
}

/// Logs and counts the records that retention deleted before a group had read them; returns how many.
/// The group continues after them: it would lose more by stopping. For topics that are not
/// compacted.
///
/// # Errors
/// The log's.
pub fn tell_expired(log: &dyn Log, group: &str, topic: &str) -> Result<i64, LogError> {
    let bounds = log.bounds(topic)?;
    let mut all = 0;
    for position in log.committed(group, topic)? {
        let low = bounds.iter().find(|b| b.partition == position.partition).map_or(0, |b| b.low);
        let expired = low - position.offset;
        if expired > 0 {
            all += expired;
            metrics::counter!(metric::EXPIRED, "group" => group.to_owned(), "topic" => topic.to_owned())
                .increment(expired.unsigned_abs());
            tracing::error!(
                error.code = ErrorCode::RecordsExpired.as_str(),
                group.name = group,
                record.topic = topic,
                record.partition = position.partition,
                record.offset_min = position.offset,
                record.offset_max = low - 1,
                record.count = expired,
                "retention removed records of {topic} before {group} had read them"
            );
        }
    }
    Ok(all)
}

/// The offsets of one partition that a group has yet to read. On Kafka they may be those of transaction
/// markers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The partition.
    pub partition: i32,
    /// The next offset that the group reads.
    pub next: i64,
    /// One past the last committed offset of the partition.
    pub high: i64,
}

/// Counts the records of a topic between these offsets of its partitions, and those committed since. Blocks, but not
/// for open transactions; reads the records only of partitions that have few.
///
/// # Errors
/// The log's.
pub fn count(log: &dyn Log, topic: &str, unread: &[Unread]) -> Result<Vec<Lag>, LogError> {
    let mut lags = Vec::with_capacity(unread.len());
    let mut few = Vec::new();
    for &Unread { partition, next, high } in unread {
        let mut lag = Lag { partition, records: 0, oldest: None };
        if high - next >= SURELY {
            let mut reader = log.reader(topic, Start::at(partition, next))?;
            lag.records = high - next;
            lag.oldest = reader.poll(1, PATIENCE)?.first().map(|record| record.timestamp);
        } else if high > next {
            few.push((partition, next));
        }
        lags.push(lag);
    }
    if few.is_empty() {
        return Ok(lags);
    }
    // A transaction marker takes an offset and is not a record.
    log.reader(topic, Start::Each(few))?.read_to_end(&mut |record| {
        if let Some(lag) = lags.iter_mut().find(|lag| lag.partition == record.partition) {
            lag.records += 1;
            lag.oldest.get_or_insert(record.timestamp);
        }
    })?;
    Ok(lags)
}

/// What the group has yet to read of every partition of its topic. Blocks; reads no records.
///
/// # Errors
/// The log's.
pub fn unread(log: &dyn Log, group: &str, topic: &str) -> Result<Vec<Unread>, LogError> {
    let committed = log.committed(group, topic)?;
    let each = log.bounds(topic)?.into_iter().map(|bounds| {
        let position = committed.iter().find(|p| p.partition == bounds.partition);
        let next = position.map_or(bounds.low, |p| p.offset.max(bounds.low));
        Unread { partition: bounds.partition, next, high: bounds.high }
    });
    Ok(each.collect())
}

/// The lag of every partition of the group's topic. Blocks; reads the records only if there are few.
///
/// # Errors
/// The log's.
pub fn lag(log: &dyn Log, group: &str, topic: &str) -> Result<Vec<Lag>, LogError> {
    count(log, topic, &unread(log, group, topic)?)
}
