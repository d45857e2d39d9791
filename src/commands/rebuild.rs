//! `ebasvuru rebuild`: empties the read model and fills it again from the log.

use std::io::Write;

use anyhow::bail;
use ebasvuru_analytics::{rebuild, sink};
use ebasvuru_workflow::error_code::ErrorCode;
use tokio_util::sync::CancellationToken;

use super::migrate::migrate;
use crate::bootstrap;
use crate::clickhouse_access::open;
use crate::config::Config;
use crate::data_folder::DataLock;

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
    let rebuilt = tokio::task::block_in_place(|| {
        rebuild::rebuild(&log, &clickhouse.client, &options, &runtime, &stop)
    })?;
    writeln!(
        out,
        "rebuilt: {} events, {} applications, {} rejects",
        rebuilt.events, rebuilt.applications, rebuilt.rejects
    )?;
    Ok(())
}
