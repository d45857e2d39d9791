use std::time::{Duration, Instant};

use ebasvuru_workflow::log::{Outgoing, topic};

use crate::sink::batch::{Batch, Batcher, Limits, Range};
use crate::sink::row::Row;
use crate::sink::sequence::{SequenceError, Sequences};
use crate::testing::{Random, at, random_history};

fn rows(count: u32) -> Vec<Row> {
    rows_of(topic::EVENTS, count)
}

/// The rows of a topic, which have every second offset.
fn rows_of(topic: &str, count: u32) -> Vec<Row> {
    let mut random = Random::new(5);
    let histories = (0..count).map(|n| random_history(n, &mut random, at("2026-01-15T00:00:00Z")));
    let records = histories.flat_map(|history| history.records).filter(|r| r.topic == topic);
    let as_read = |(n, record): (i64, Outgoing)| record.into_record(0, n * 2, at("2026-01-15T00:00:00Z"));
    (0..).zip(records).map(as_read).filter_map(|record| Row::of(&record)).collect()
}

const LIMITS: Limits = Limits {
    rows: 10,
    bytes: usize::MAX,
    linger: Duration::from_millis(100),
    interval: Duration::from_millis(750),
    share: Duration::from_millis(150),
    linger_behind: Duration::from_secs(2),
};

fn shape(batch: &Batch) -> Vec<(Option<u32>, Vec<uuid::Uuid>)> {
    let ids = |rows: &[Row]| rows.iter().filter_map(Row::as_event).map(|event| event.id).collect();
    batch.blocks.iter().map(|block| (block.month, ids(&block.rows))).collect()
}

#[test]
fn a_pending_range_is_cut_the_same_again_whatever_the_limits() {
    let rows = rows(12);
    let now = Instant::now();
    let collect = |batcher: &mut Batcher, from: usize| {
        for (i, row) in rows.iter().enumerate().skip(from) {
            batcher.push(0, 2 * i64::try_from(i).unwrap(), Some(row.clone()), now);
        }
    };
    let mut first = Batcher::new(LIMITS);
    first.assign(0, None);
    collect(&mut first, 0);
    let batch = first.take(now, false).remove(0);
    assert_eq!(batch.range, Range { min: 0, max: 18 });
    assert!(batch.blocks.len() > 1, "it spans months");
    assert!(first.take(now, false).is_empty(), "one batch in flight at a time");
    first.committed(0);
    assert_eq!(first.take(now, false)[0].range, Range { min: 20, max: 38 });

    // The next owner, with other limits, reads beyond the range before it takes a batch.
    for rows in [1, 3, 10, 100] {
        let mut second = Batcher::new(Limits { rows, ..LIMITS });
        second.assign(0, Range::from_metadata(&batch.range.to_metadata()));
        collect(&mut second, 0);
        let again = second.take(now, false).remove(0);
        assert_eq!((again.range, shape(&again)), (batch.range, shape(&batch)));
        second.committed(0);
        assert_eq!(second.take(now + LIMITS.interval, false)[0].range.min, 20);
    }
}

/// Their table has no partitions: an insert for each month would only be more inserts.
#[test]
fn applications_of_several_months_are_one_block() {
    let rows = rows_of(topic::APPLICATIONS, 30);
    let month = |row: &Row| row.as_application().unwrap().received_at / 86_400_000 / 31;
    assert!(rows.iter().any(|row| month(row) != month(&rows[0])), "they span months");
    let mut batcher = Batcher::new(Limits { rows: rows.len(), ..LIMITS });
    batcher.assign(0, None);
    let now = Instant::now();
    for (offset, row) in (0..).zip(&rows) {
        batcher.push(0, offset, Some(row.clone()), now);
    }
    let batch = batcher.take(now, false).remove(0);
    assert_eq!(batch.blocks.iter().map(|block| block.rows.len()).collect::<Vec<_>>(), [rows.len()]);
}

#[test]
fn a_batch_grows_while_there_is_more_to_read() {
    let rows = rows(12);
    let now = Instant::now();
    let mut batcher = Batcher::new(LIMITS);
    batcher.assign(0, None);
    batcher.push(0, 0, Some(rows[0].clone()), now);
    assert!(batcher.take(now + LIMITS.linger, true).is_empty());
    for (offset, row) in (1..).zip(&rows[1..11]) {
        batcher.push(0, offset, Some(row.clone()), now + LIMITS.linger);
    }
    assert_eq!(batcher.take(now + LIMITS.linger, true)[0].range, Range { min: 0, max: 9 }, "it is full");
    batcher.committed(0);
    let since = now + LIMITS.linger;
    assert!(batcher.take(since + LIMITS.linger, true).is_empty());
    assert_eq!(batcher.take(since + LIMITS.linger_behind, true)[0].range, Range { min: 10, max: 10 });
}

#[test]
fn a_busy_partition_gets_fewer_batches() {
    let mut batcher = Batcher::new(LIMITS);
    batcher.assign(0, None);
    let began = Instant::now();
    let push = |batcher: &mut Batcher, offset, at| batcher.push(0, offset, rows(1).pop(), at);
    push(&mut batcher, 0, began);
    let first = began + LIMITS.linger;
    assert_eq!(batcher.take(first, false).len(), 1, "the first one waits no longer than the linger");
    batcher.committed(0);
    push(&mut batcher, 1, first);
    assert!(batcher.take(first + LIMITS.linger, false).is_empty());
    push(&mut batcher, 2, first + LIMITS.linger);
    let second = first + LIMITS.interval;
    assert_eq!(batcher.take(second, false)[0].range, Range { min: 1, max: 2 });
    batcher.committed(0);
    let later = second + LIMITS.interval;
    push(&mut batcher, 3, later);
    assert_eq!(batcher.take(later + LIMITS.linger, false).len(), 1, "it was quiet meanwhile");
}

#[test]
fn many_busy_partitions_get_fewer_batches_each() {
    let began = Instant::now();
    let courses =
        [(1, LIMITS.interval), (5, LIMITS.interval), (12, LIMITS.share * 12), (100, LIMITS.linger_behind)];
    for (busy, interval) in courses {
        let mut batcher = Batcher::new(LIMITS);
        let push = |batcher: &mut Batcher, offset, at| {
            (0..busy).for_each(|partition| batcher.push(partition, offset, rows(1).pop(), at));
        };
        (0..100).for_each(|partition| batcher.assign(partition, None));
        push(&mut batcher, 0, began);
        let first = began + LIMITS.linger;
        let taken = batcher.take(first, false).len();
        assert_eq!(taken, usize::try_from(busy).unwrap(), "the first ones wait no longer than the linger");
        (0..busy).for_each(|partition| batcher.committed(partition));
        push(&mut batcher, 1, first);
        let due = |batcher: &mut Batcher, at| batcher.take(at, false).len();
        assert_eq!(due(&mut batcher, first + interval - Duration::from_millis(1)), 0, "{busy}");
        assert_eq!(due(&mut batcher, first + interval), taken, "{busy}");
    }
}

#[test]
fn a_pending_range_whose_end_was_compacted_away_ends_at_the_next_record() {
    let mut batcher = Batcher::new(LIMITS);
    batcher.assign(0, Some(Range { min: 4, max: 9 }));
    let now = Instant::now();
    let rows = rows(2);
    batcher.push(0, 5, Some(rows[0].clone()), now);
    assert!(batcher.take(now + LIMITS.linger, false).is_empty(), "more of the range may come");
    batcher.push(0, 12, Some(rows[1].clone()), now);
    let batch = batcher.take(now, false).remove(0);
    assert_eq!((batch.range, batch.blocks.len()), (Range { min: 4, max: 9 }, 1));
}

#[test]
fn other_metadata_is_not_a_range() {
    for text in ["", "pending:", "pending:5", "pending:9-3", "pending:-1-3", "pending:a-b", "hello"] {
        assert_eq!(Range::from_metadata(text), None, "{text}");
    }
}

#[test]
fn gaps_and_repeats_are_reported() {
    let rows: Vec<Row> =
        rows(30).into_iter().filter(|row| row.as_event().unwrap().stage != "closed").collect();
    let mut sequences = Sequences::default();
    assert!(rows.iter().all(|row| sequences.check(0, row).is_none()));
    assert_eq!(sequences.check(0, &rows[0]), Some(SequenceError::Repeat));
    let later = rows.iter().find(|row| row.as_event().unwrap().seq == 3).unwrap();
    let first =
        rows.iter().find(|row| row.as_event().unwrap().application == later.as_event().unwrap().application);
    let mut sequences = Sequences::default();
    assert_eq!(sequences.check(0, first.unwrap()), None);
    assert_eq!(sequences.check(0, later), Some(SequenceError::Gap));
}
