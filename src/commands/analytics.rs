//! ClickHouse's side: `analytics`, `migrate`, `rebuild`, `reconcile`.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use clickhouse::Client;
use ebasvuru_analytics::{rebuild, reconcile, schema, sink};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::Log;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::lag;
use crate::process::Process;

/// Makes the database and brings its schema up to date.
pub async fn migrate(config: &Config, client: &Client) -> anyhow::Result<()> {
    let (database, cluster) = (&config.clickhouse.database, &config.clickhouse.cluster);
    let on_cluster = if cluster.is_empty() { String::new() } else { format!(" ON CLUSTER '{cluster}'") };
    client
        .clone()
        .with_database("default")
        .query(&format!("CREATE DATABASE IF NOT EXISTS `{database}`{on_cluster}"))
        .execute()
        .await
        .context(ErrorCode::ClickHouse.with("the database cannot be made"))?;
    schema::migrate(client, cluster)
        .await
        .context(ErrorCode::ClickHouse.with("the schema cannot be brought up to date"))?;
    Ok(())
}

/// Starts the sink.
pub fn start(
    process: &mut Process,
    config: &Config,
    log: &Arc<dyn Log>,
    client: &Client,
) -> anyhow::Result<()> {
    let options = sink::Options::new(&format!("analytics-{}", config.kafka.slot));
    let healths = sink::healths();
    healths.iter().for_each(|health| process.watch(health.clone()));
    for source in sink::Source::ALL {
        lag::watch(process, log, &Clock::System, source.group(), source.topic())?;
    }
    let (log, client, stop) = (Arc::clone(log), client.clone(), process.stop.clone());
    let runtime = tokio::runtime::Handle::current();
    tokio::spawn(sink::probe(client.clone(), process.part("clickhouse"), stop.clone()));
    process.thread("analytics", move || sink::run(&log, &client, &options, &runtime, &stop, &healths))
}

/// Empties what is filled from the log and fills it again.
pub async fn rebuild(
    config: &Config,
    log: &Arc<dyn Log>,
    client: &Client,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    // ClickHouse may have been dropped as a whole: it is only a copy.
    migrate(config, client).await?;
    let options = sink::Options::new(&config.kafka.slot);
    let stop = CancellationToken::new();
    let runtime = tokio::runtime::Handle::current();
    let rebuilt = tokio::task::block_in_place(|| rebuild::rebuild(log, client, &options, &runtime, &stop))?;
    writeln!(
        out,
        "rebuilt: {} events, {} applications, {} rejects",
        rebuilt.events, rebuilt.applications, rebuilt.rejects
    )?;
    Ok(())
}

/// Compares the log with ClickHouse; says whether they agree.
pub fn reconcile(
    log: &Arc<dyn Log>,
    client: &Client,
    json: bool,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Handle::current();
    let report = tokio::task::block_in_place(|| reconcile::reconcile(log.as_ref(), client, &runtime))?;
    if json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        for line in report.lines() {
            writeln!(out, "{line}")?;
        }
    }
    Ok(report.is_clean())
}
