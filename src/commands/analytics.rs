//! `ebasvuru analytics`: the sink, which writes every change of state into ClickHouse, and the sweeps.

use std::sync::Arc;

use clickhouse::Client;
use ebasvuru_analytics::{sink, sweep};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::Log;

use crate::config::Config;
use crate::process::Process;
use crate::{bootstrap, clickhouse_access, consumer_lag};

/// Runs until a signal.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut process = Process::begin(config).await?;
    let client = clickhouse_access::connect(config)?;
    start(&mut process, config, &bootstrap::log(config)?, &client)?;
    process.finish().await
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
        consumer_lag::watch(process, log, &Clock::System, source.group(), source.topic())?;
    }
    let (log, client, stop) = (Arc::clone(log), client.clone(), process.stop.clone());
    let runtime = tokio::runtime::Handle::current();
    tokio::spawn(sink::probe(client.clone(), process.part("clickhouse"), stop.clone()));
    let sweeper = {
        let (log, client, runtime, stop) = (Arc::clone(&log), client.clone(), runtime.clone(), stop.clone());
        let health = process.part("sweep");
        move || sweep::run(&log, &client, &runtime, &Clock::System, &stop, &health)
    };
    process.thread("sweep", sweeper)?;
    process.thread("analytics", move || sink::run(&log, &client, &options, &runtime, &stop, &healths))
}
