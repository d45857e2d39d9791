//! `ebasvuru ingest`: checks and routes submissions.

use crate::bootstrap::begin_worker;
use crate::config::Config;
use crate::{topics, workers};

/// Runs until a signal.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let (mut process, resources) = begin_worker(config).await?;
    topics::warn_of_differences(&mut process, &resources.log, config.kafka.partitions)?;
    workers::start_ingest(&mut process, config, &resources)?;
    process.finish().await
}
