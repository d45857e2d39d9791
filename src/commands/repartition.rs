//! `ebasvuru repartition`: takes the workers' state to where more partitions look for it.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::bail;
use bytes::Bytes;
use ebasvuru_analytics::sink::Source;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Log, Outgoing, Record, Start, group, partition_of, topic};

use crate::layout;

/// Records to a call of the producer.
const AT_ONCE: usize = 10_000;

/// Moves the state of every application to its partition among those that there are now, and says
/// so. Nothing may run meanwhile; broken off, it is run again.
pub fn run(log: &dyn Log, out: &mut impl Write) -> anyhow::Result<()> {
    let present = layout::present(log)?;
    let Some(recorded) = layout::recorded(log)? else {
        bail!(
            ErrorCode::PartitionsChanged.with("nothing has run on this log yet, so there is nothing to move")
        );
    };
    if present == recorded {
        writeln!(out, "the state is that of {present} partitions already")?;
        return Ok(());
    }
    nobody_runs(log)?;
    if present % recorded != 0 {
        // What is undecided stands where it belonged, and would be decided where its state is not.
        nothing_is_undecided(log, recorded, present)?;
    }
    let mut moved = 0;
    for partition in 0..recorded {
        moved += leave(log, partition, present)?;
    }
    layout::record(log, present)?;
    writeln!(
        out,
        "{moved} applications have moved; the state is that of {present} partitions now. \
         Start the workers, then run `ebasvuru rebuild`."
    )?;
    Ok(())
}

/// Whoever decides or writes meanwhile would do so on half of the state.
fn nobody_runs(log: &dyn Log) -> anyhow::Result<()> {
    let workers = [(group::INGEST, topic::SUBMISSIONS), (group::WORKFLOW, topic::COMMANDS)];
    let sinks = [Source::Events, Source::Applications, Source::Archive].map(|s| (s.group(), s.topic()));
    for (group, topic) in workers.into_iter().chain(sinks) {
        let members = log.members(group, topic)?;
        if members > 0 {
            bail!(ErrorCode::PartitionsChanged.with(format!(
                "{group} has {members} members, those included that went less than 45 s ago: \
                 stop every process, wait, and run this again"
            )));
        }
    }
    Ok(())
}

fn nothing_is_undecided(log: &dyn Log, recorded: i32, present: i32) -> anyhow::Result<()> {
    let undecided: i64 = lag(log, group::WORKFLOW, topic::COMMANDS)?.iter().map(|it| it.records).sum();
    if undecided > 0 {
        bail!(ErrorCode::PartitionsChanged.with(format!(
            "{undecided} commands are undecided, and {present} is no multiple of {recorded}: \
             only a multiple leaves each in its partition; add partitions up to one"
        )));
    }
    Ok(())
}

/// Moves what no longer belongs to a partition: first everything is written where it belongs, then
/// taken away where it was. Returns how many.
fn leave(log: &dyn Log, partition: i32, present: i32) -> anyhow::Result<usize> {
    let low = log.bounds(topic::APPLICATIONS)?.iter().find(|b| b.partition == partition).map_or(0, |b| b.low);
    let mut state: BTreeMap<Bytes, Record> = BTreeMap::new();
    let start = Start::At { partition, offset: low };
    log.reader(topic::APPLICATIONS, start)?.catch_up(&mut |record| {
        let Some(key) = record.key.clone() else { return };
        if record.value.is_some() {
            state.insert(key, record);
        } else {
            state.remove(&key);
        }
    })?;
    // Counters stay: a number names the partition that gave it.
    state.retain(|key, _| is_application(key) && partition_of(key, present) != partition);
    let producer = log.producer()?;
    let keys: Vec<Bytes> = state.keys().cloned().collect();
    let mut moving = state.into_values().map(|record| Outgoing {
        topic: topic::APPLICATIONS,
        partition: record.key.as_ref().map(|key| partition_of(key, present)),
        key: record.key,
        value: record.value,
        headers: record.headers,
    });
    loop {
        let some: Vec<_> = moving.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        producer.send(some)?;
    }
    let gone = |key: &Bytes| Outgoing {
        topic: topic::APPLICATIONS,
        partition: Some(partition),
        key: Some(key.clone()),
        value: None,
        headers: Vec::new(),
    };
    for some in keys.chunks(AT_ONCE) {
        producer.send(some.iter().map(gone).collect())?;
    }
    Ok(keys.len())
}

fn is_application(key: &[u8]) -> bool {
    std::str::from_utf8(key).is_ok_and(|key| key.parse::<ApplicationId>().is_ok())
}
