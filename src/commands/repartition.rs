//! `ebasvuru repartition`: moves the workers' state after partitions were added.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::bail;
use bytes::Bytes;
use ebasvuru_analytics::sink::Source;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Log, Outgoing, Record, Start, group, partition_of, topic};

use crate::config::Config;
use crate::{bootstrap, partitions};

/// Records for one call of the producer.
const BATCH: usize = 10_000;

/// Moves the state of every application to its partition among the current ones, and prints how
/// many moved. No worker may run meanwhile. If it is interrupted, run it again.
pub fn run(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let log = bootstrap::log(config)?;
    tokio::task::block_in_place(|| repartition(log.as_ref(), out))
}

fn repartition(log: &dyn Log, out: &mut impl Write) -> anyhow::Result<()> {
    let current = partitions::current(log)?;
    let Some(recorded) = partitions::recorded(log)? else {
        bail!(
            ErrorCode::PartitionsChanged.with("nothing has run on this log yet, so there is nothing to move")
        );
    };
    if current == recorded {
        writeln!(out, "the state is that of {current} partitions already")?;
        return Ok(());
    }
    require_no_members(log)?;
    if current % recorded != 0 {
        // An undecided command stays in its old partition, and the state of its application moves.
        require_nothing_undecided(log, recorded, current)?;
    }
    let mut moved = 0;
    for partition in 0..recorded {
        moved += move_state(log, partition, current)?;
    }
    partitions::record(log, current)?;
    writeln!(
        out,
        "{moved} applications have moved; the state is that of {current} partitions now. \
         Start the workers, then run `ebasvuru rebuild`."
    )?;
    Ok(())
}

/// A worker or a sink that ran meanwhile would work with half of the state.
fn require_no_members(log: &dyn Log) -> anyhow::Result<()> {
    let workers = [(group::INGEST, topic::SUBMISSIONS), (group::WORKFLOW, topic::COMMANDS)];
    let sinks = Source::READ_MODEL.map(|s| (s.group(), s.topic()));
    for (group, topic) in workers.into_iter().chain(sinks) {
        let members = log.members(group, topic)?;
        if members > 0 {
            bail!(ErrorCode::PartitionsChanged.with(format!(
                "{group} has {members} members (a process that was killed counts for 45 s): \
                 stop every process, wait, and run this again"
            )));
        }
    }
    Ok(())
}

fn require_nothing_undecided(log: &dyn Log, recorded: i32, current: i32) -> anyhow::Result<()> {
    let undecided: i64 = lag(log, group::WORKFLOW, topic::COMMANDS)?.iter().map(|it| it.records).sum();
    if undecided > 0 {
        bail!(ErrorCode::PartitionsChanged.with(format!(
            "{undecided} commands are undecided, and {current} is not a multiple of {recorded}: \
             only with a multiple does each stay with its application; add partitions up to a multiple"
        )));
    }
    Ok(())
}

/// Moves the applications that no longer belong to a partition: first all are written to their new
/// partitions, then deleted from this one, so that an interruption loses none. Returns how many.
fn move_state(log: &dyn Log, partition: i32, current: i32) -> anyhow::Result<usize> {
    let low = log.bounds(topic::APPLICATIONS)?.iter().find(|b| b.partition == partition).map_or(0, |b| b.low);
    let mut state: BTreeMap<Bytes, Record> = BTreeMap::new();
    let start = Start::at(partition, low);
    log.reader(topic::APPLICATIONS, start)?.catch_up(&mut |record| {
        let Some(key) = record.key.clone() else { return };
        if record.value.is_some() {
            state.insert(key, record);
        } else {
            state.remove(&key);
        }
    })?;
    // Counters stay: an application number names the partition that issued it.
    state.retain(|key, _| is_application(key) && partition_of(key, current) != partition);
    let producer = log.producer()?;
    let keys: Vec<Bytes> = state.keys().cloned().collect();
    let mut moving = state.into_values().map(|record| Outgoing {
        topic: topic::APPLICATIONS,
        partition: record.key.as_ref().map(|key| partition_of(key, current)),
        key: record.key,
        value: record.value,
        headers: record.headers,
    });
    loop {
        let batch: Vec<_> = moving.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        producer.send(batch)?;
    }
    let tombstone = |key: &Bytes| Outgoing {
        topic: topic::APPLICATIONS,
        partition: Some(partition),
        key: Some(key.clone()),
        value: None,
        headers: Vec::new(),
    };
    for batch in keys.chunks(BATCH) {
        producer.send(batch.iter().map(tombstone).collect())?;
    }
    Ok(keys.len())
}

fn is_application(key: &[u8]) -> bool {
    std::str::from_utf8(key).is_ok_and(|key| key.parse::<ApplicationId>().is_ok())
}
