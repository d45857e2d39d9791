//! `ebasvuru rebuild`: empties the read model and fills it again from the log.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use anyhow::bail;
use ebasvuru_analytics::{rebuild, sink, sweep};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::error_code::ErrorCode;
use jiff::civil::Date;
use tokio_util::sync::CancellationToken;

use super::migrate::migrate;
use crate::bootstrap;
use crate::clickhouse_access::open;
use crate::config::Config;
use crate::data_folder::DataLock;

/// How often a month's figures are tried beside sweeps.
const ATTEMPTS: usize = 10;

/// Writes the figures of one month's closed applications anew. A sink may run.
pub async fn month(config: &Config, month: Month, out: &mut impl Write) -> anyhow::Result<()> {
    let clickhouse = open(config).await?;
    for _ in 0..ATTEMPTS {
        if sweep::rewrite_figures(&clickhouse.client, month.0, Clock::System.now().as_millisecond()).await? {
            writeln!(out, "rebuilt: the figures of {month}")?;
            return Ok(());
        }
    }
    bail!("a sweep was always faster: try again")
}

/// A month, as `2026-03`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(u32);

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.0 / 100, self.0 % 100)
    }
}

impl FromStr for Month {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let first: Date = format!("{text}-01").parse().map_err(|_| "a month is written like 2026-03")?;
        Ok(Self(u32::from(first.year().unsigned_abs()) * 100 + u32::from(first.month().unsigned_abs())))
    }
}

/// Blocks until ClickHouse has everything that the log had at the start.
pub async fn run(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let log = bootstrap::log(config)?;
    if DataLock::is_taken(&config.data.dir) {
        bail!(ErrorCode::SinkRuns.with(format!(
            "an `ebasvuru up` runs on {}, and its sink writes what a rebuild would empty: \
             stop it, then rebuild",
            config.data.dir.display()
        )));
    }
    let clickhouse = open(config).await?;
    // The database may have been dropped as a whole: it is only a copy.
    migrate(config, &clickhouse.client).await?;
    let options = sink::Options::new(&config.kafka.slot);
    let (stop, runtime) = (CancellationToken::new(), tokio::runtime::Handle::current());
    // Whoever waits sees it; if nobody reads it, the rebuild goes on.
    let mut progress = |progress: rebuild::Progress| drop(writeln!(out, "{progress}"));
    let rebuilt = tokio::task::block_in_place(|| {
        rebuild::rebuild(&log, &clickhouse.client, &options, &runtime, &stop, &mut progress)
    })?;
    writeln!(
        out,
        "rebuilt: {} events, {} applications, {} rejects",
        rebuilt.events, rebuilt.applications, rebuilt.rejects
    )?;
    Ok(())
}
