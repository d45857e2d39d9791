//! `ebasvuru dlq`: the messages that could not be accepted.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context;
use ebasvuru_workflow::log::{Log, Outgoing, Record, Start, topic};
use serde::Serialize;

use crate::cli::{Address, Dlq};

/// A dead letter in a list; field names are the headers'.
#[derive(Serialize)]
struct Line<'a> {
    address: String,
    reason: &'a str,
    detail: &'a str,
    at: &'a str,
    source: String,
    bytes: usize,
}

/// Runs the subcommand on `log`.
pub fn run(log: &dyn Log, command: Dlq, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        Dlq::List { reason, json } => {
            let mut totals = BTreeMap::<String, u64>::new();
            each(log, |record| {
                let line = line(&record);
                if reason.as_deref().is_some_and(|wanted| wanted != line.reason) {
                    return Ok(());
                }
                *totals.entry(line.reason.to_owned()).or_default() += 1;
                if json.json {
                    writeln!(out, "{}", serde_json::to_string(&line)?)?;
                } else {
                    writeln!(
                        out,
                        "{:<10} {:<19} {:<26} {:>7} B  {}  {}",
                        line.address, line.reason, line.source, line.bytes, line.at, line.detail
                    )?;
                }
                Ok(())
            })?;
            if !json.json {
                let total: u64 = totals.values().sum();
                let by: Vec<String> = totals.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
                writeln!(
                    out,
                    "{total} dead letters{}{}",
                    if by.is_empty() { "" } else { ": " },
                    by.join(", ")
                )?;
            }
            Ok(())
        }
        Dlq::Show { address } => {
            let record = fetch(log, address)?;
            for (name, value) in &record.headers {
                writeln!(out, "{name}: {}", String::from_utf8_lossy(value))?;
            }
            if let Some(key) = &record.key {
                writeln!(out, "key: {}", String::from_utf8_lossy(key))?;
            }
            writeln!(out)?;
            out.write_all(record.value.as_deref().unwrap_or_default())?;
            writeln!(out)?;
            Ok(())
        }
        Dlq::Replay { addresses, reason } => {
            let mut again = Vec::new();
            for address in addresses {
                again.push(back(fetch(log, address)?));
            }
            if let Some(wanted) = reason {
                each(log, |record| {
                    if header(&record, "dlq-reason") == wanted {
                        again.push(back(record));
                    }
                    Ok(())
                })?;
            }
            let count = again.len();
            if count > 0 {
                log.producer()?.send(again)?;
            }
            writeln!(out, "{count} published again onto {}", topic::SUBMISSIONS)?;
            Ok(())
        }
    }
}

fn line(record: &Record) -> Line<'_> {
    Line {
        address: format!("{}:{}", record.partition, record.offset),
        reason: header(record, "dlq-reason"),
        detail: header(record, "dlq-detail"),
        at: header(record, "dlq-at"),
        source: format!(
            "{} {}:{}",
            header(record, "dlq-topic"),
            header(record, "dlq-partition"),
            header(record, "dlq-offset")
        ),
        bytes: record.value.as_ref().map_or(0, bytes::Bytes::len),
    }
}

fn header<'a>(record: &'a Record, name: &str) -> &'a str {
    record
        .headers
        .iter()
        .find(|(key, _)| key == name)
        .and_then(|(_, value)| std::str::from_utf8(value).ok())
        .unwrap_or_default()
}

/// The dead letter as e-Devlet sent it: our headers stay behind.
fn back(record: Record) -> Outgoing {
    Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: record.key,
        value: record.value,
        headers: record.headers.into_iter().filter(|(name, _)| !name.starts_with("dlq-")).collect(),
    }
}

fn each(log: &dyn Log, mut f: impl FnMut(Record) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut failed = Ok(());
    log.reader(topic::DLQ, Start::Beginning)?.catch_up(&mut |record| {
        if failed.is_ok() {
            failed = f(record);
        }
    })?;
    failed
}

fn fetch(log: &dyn Log, Address { partition, offset }: Address) -> anyhow::Result<Record> {
    log.record_at(topic::DLQ, partition, offset)?.with_context(|| {
        format!("there is no dead letter {partition}:{offset}; `ebasvuru dlq list` shows what there is")
    })
}
