//! The count of partitions, held against the one that the workers' state was made for. With more
//! partitions an application is looked for where its state is not: it would be received twice.

use std::collections::BTreeMap;

use anyhow::bail;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Log, LogError, Start, topic};
use ebasvuru_workflow::message::{Layout, Message, type_of};

/// The topics that share their keys, and so their partitions.
const KEYED: [&str; 4] = [topic::COMMANDS, topic::EVENTS, topic::APPLICATIONS, topic::ARCHIVE];

/// How many partitions there are, if every keyed topic has as many.
pub fn present(log: &dyn Log) -> anyhow::Result<i32> {
    let mut counts = BTreeMap::new();
    for topic in KEYED {
        counts.entry(log.bounds(topic)?.len()).or_insert_with(Vec::new).push(topic);
    }
    match counts.first_key_value() {
        Some((count, _)) if counts.len() == 1 => Ok(i32::try_from(*count)?),
        _ => {
            let said: Vec<_> = counts.iter().map(|(n, of)| format!("{} have {n}", of.join(", "))).collect();
            bail!(
                ErrorCode::PartitionsChanged
                    .with(format!("topics that need the same partitions differ: {}", said.join("; ")))
            )
        }
    }
}

/// How many the state was made for, if that was ever said.
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

/// Says of how many partitions the state is from now on.
pub fn record(log: &dyn Log, partitions: i32) -> Result<(), LogError> {
    log.producer()?.send(vec![Layout { partitions }.to_record()]).map(drop)
}

/// The count of partitions that the state was made for; an error when it is another now. The
/// first process on a log says it.
pub fn hold(log: &dyn Log) -> anyhow::Result<i32> {
    let (present, recorded) = (present(log)?, recorded(log)?);
    match recorded {
        Some(recorded) if recorded == present => Ok(present),
        Some(recorded) => bail!(ErrorCode::PartitionsChanged.with(format!(
            "{} has {present} partitions, and the state was made for {recorded}: \
             stop every process and run `ebasvuru repartition`",
            topic::COMMANDS
        ))),
        None => {
            record(log, present)?;
            Ok(present)
        }
    }
}
