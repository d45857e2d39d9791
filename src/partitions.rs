//! The number of partitions, compared with the number that the workers' state was made for. With
//! more partitions the worker of an application would not find its state, and would receive it a
//! second time.

use std::collections::BTreeMap;

use anyhow::bail;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Log, LogError, Start, topic};
use ebasvuru_workflow::message::{Layout, Message, type_of};

/// The topics that share their keys, and so must have the same number of partitions.
const KEYED: [&str; 4] = [topic::COMMANDS, topic::EVENTS, topic::APPLICATIONS, topic::ARCHIVE];

/// The number of partitions of the keyed topics; an error if they differ.
pub fn current(log: &dyn Log) -> anyhow::Result<i32> {
    let mut topics_by_count = BTreeMap::new();
    for topic in KEYED {
        topics_by_count.entry(log.bounds(topic)?.len()).or_insert_with(Vec::new).push(topic);
    }
    match topics_by_count.first_key_value() {
        Some((count, _)) if topics_by_count.len() == 1 => Ok(i32::try_from(*count)?),
        _ => {
            let counts: Vec<_> =
                topics_by_count.iter().map(|(n, topics)| format!("{} have {n}", topics.join(", "))).collect();
            bail!(
                ErrorCode::PartitionsChanged
                    .with(format!("topics that need the same partitions differ: {}", counts.join("; ")))
            )
        }
    }
}

/// The number that the state was made for; `None` on a new log.
pub fn recorded(log: &dyn Log) -> Result<Option<i32>, LogError> {
    let mut last = None;
    log.reader(topic::SETTINGS, Start::Beginning)?.catch_up(&mut |record| {
        if type_of(&record) == Layout::TYPE
            && let Ok(layout) = Layout::from_record(&record)
        {
            last = Some(layout.partitions);
        }
    })?;
    Ok(last)
}

/// Records the number that the state is made for from now on.
pub fn record(log: &dyn Log, partitions: i32) -> Result<(), LogError> {
    log.producer()?.send(vec![Layout { partitions }.to_record()]).map(drop)
}

/// The number that the state was made for; an error if there are more or fewer now. The first
/// process on a log records it.
pub fn verify(log: &dyn Log) -> anyhow::Result<i32> {
    let (current, recorded) = (current(log)?, recorded(log)?);
    match recorded {
        Some(recorded) if recorded == current => Ok(current),
        Some(recorded) => bail!(ErrorCode::PartitionsChanged.with(format!(
            "{} has {current} partitions, and the state was made for {recorded}: \
             stop every process and run `ebasvuru repartition`",
            topic::COMMANDS
        ))),
        None => {
            record(log, current)?;
            Ok(current)
        }
    }
}
