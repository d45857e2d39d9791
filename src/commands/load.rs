//! `ebasvuru load`: publishes generated submissions.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::Log;

use super::publish::{BATCH, submission};
use crate::bootstrap;
use crate::config::Config;

/// How many batches a second `rate` is spread over.
const BATCHES_PER_SECOND: u32 = 20;

/// Publishes `count` submissions at `rate` a second (0: as fast as possible).
pub fn run(config: &Config, rate: u32, count: u64, seed: u64, out: &mut impl Write) -> anyhow::Result<()> {
    let log = bootstrap::log(config)?;
    let submissions = generator(&bootstrap::catalog(config)?, seed, &Clock::System);
    load(log.as_ref(), submissions.take(usize::try_from(count)?), rate, out)
}

/// Submissions to every service of the catalog, the same for the same seed.
fn generator(catalog: &Arc<Catalog>, seed: u64, clock: &Clock) -> Generator {
    Generator::new(catalog, Mix::default(), seed, clock.now())
}

fn load(
    log: &dyn Log,
    submissions: impl Iterator<Item = (Bytes, Bytes)>,
    rate: u32,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let producer = log.producer()?;
    let began = Instant::now();
    let size = if rate == 0 { BATCH } else { ((rate / BATCHES_PER_SECOND) as usize).clamp(1, BATCH) };
    let mut submissions = submissions.peekable();
    let mut count = 0u64;
    while submissions.peek().is_some() {
        let batch: Vec<_> =
            submissions.by_ref().take(size).map(|(key, value)| submission(Some(key), value)).collect();
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
