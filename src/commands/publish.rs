//! `ebasvuru publish` and `ebasvuru load`: what e-Devlet does, from the command line.

use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ebasvuru_workflow::log::{Log, Outgoing, topic};

/// How many messages are given to the log at once.
const BATCH: usize = 1000;

/// Publishes one message a line, bytes untouched (the line break is not part of it).
pub fn lines(log: &dyn Log, mut input: impl BufRead, out: &mut impl Write) -> anyhow::Result<()> {
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
            batch.push(message(None, line.into()));
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

/// Publishes generated submissions at `rate` a second (0: as fast as it goes).
pub fn load(
    log: &dyn Log,
    submissions: impl Iterator<Item = (Bytes, Bytes)>,
    rate: u32,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let producer = log.producer()?;
    let began = Instant::now();
    let size = if rate == 0 { BATCH } else { (rate as usize / 20).clamp(1, BATCH) };
    let mut submissions = submissions.peekable();
    let mut count = 0u64;
    while submissions.peek().is_some() {
        let batch: Vec<_> =
            submissions.by_ref().take(size).map(|(key, value)| message(Some(key), value)).collect();
        count += batch.len() as u64;
        producer.send(batch)?;
        if rate > 0 {
            let due = Duration::from_secs_f64(count as f64 / f64::from(rate));
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    writeln!(
        out,
        "{count} submissions in {seconds:.1} s ({:.0}/s)",
        count as f64 / seconds.max(f64::EPSILON)
    )?;
    Ok(())
}

fn message(key: Option<Bytes>, value: Bytes) -> Outgoing {
    Outgoing { topic: topic::SUBMISSIONS, partition: None, key, value: Some(value), headers: Vec::new() }
}
