//! `ebasvuru publish`: publishes messages as e-Devlet does.

use std::fs::File;
use std::io::{BufRead, BufReader, Write, stdin};
use std::path::Path;

use bytes::Bytes;
use ebasvuru_workflow::log::{Log, Outgoing, topic};

use crate::bootstrap;
use crate::config::Config;

/// How many messages are handed to the log at once.
pub const BATCH: usize = 1000;

/// Publishes the lines of a file, or of standard input for `-`.
pub fn run(config: &Config, file: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let log = bootstrap::log(config)?;
    if file.as_os_str() == "-" {
        publish(log.as_ref(), stdin().lock(), out)
    } else {
        publish(log.as_ref(), BufReader::new(File::open(file)?), out)
    }
}

/// Publishes one message a line, bytes untouched; the line break is not part of the message.
fn publish(log: &dyn Log, mut input: impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
    let producer = log.producer()?;
    let mut batch = Vec::with_capacity(BATCH);
    let mut count = 0u64;
    loop {
        let mut line = Vec::new();
        let end = input.read_until(b'\n', &mut line)? == 0;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if !line.is_empty() {
            batch.push(submission(None, line.into()));
        }
        if batch.len() == BATCH || (end && !batch.is_empty()) {
            count += batch.len() as u64;
            producer.send(std::mem::take(&mut batch))?;
        }
        if end {
            writeln!(out, "{count} published onto {}", topic::SUBMISSIONS)?;
            return Ok(());
        }
    }
}

/// A record of the input topic.
pub fn submission(key: Option<Bytes>, value: Bytes) -> Outgoing {
    Outgoing { topic: topic::SUBMISSIONS, partition: None, key, value: Some(value), headers: Vec::new() }
}
