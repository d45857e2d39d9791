//! `ebasvuru check`: is everything there that a start needs?

use std::io::Write;

use anyhow::Context;
use ebasvuru_dashboard::Scanner;
use ebasvuru_ingest::blob;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::topic;

use crate::config::Config;
use crate::{lag, parts, topics};

/// Checks one thing after the other, a line each; says whether all is well.
pub async fn run(config: &Config, out: &mut impl Write) -> anyhow::Result<bool> {
    let mut well = true;
    let mut say = |what: &str, outcome: anyhow::Result<String>| -> std::io::Result<()> {
        match outcome {
            Ok(detail) => writeln!(out, "ok    {what}: {detail}"),
            Err(error) => {
                well = false;
                writeln!(out, "FAIL  {what}: {error:#}")
            }
        }
    };
    say("configuration", Ok("complete".into()))?;
    let catalog = parts::catalog(config);
    say(
        "catalog",
        catalog.as_ref().map_err(|e| anyhow::anyhow!("{e:#}")).map(|catalog| {
            format!(
                "{} services, {} units, holidays until {}",
                catalog.services().count(),
                catalog.units().count(),
                catalog.calendar().last_year()
            )
        }),
    )?;
    if let Ok(catalog) = &catalog {
        let keys = parts::sealer(config, catalog, &Clock::System);
        say(
            "keys",
            keys.map(|(ring, _)| {
                format!("{} entries in {}", ring.entries().len(), config.keys.ring.display())
            }),
        )?;
    }
    let log = parts::log(config);
    let topics = log.as_ref().map_err(|e| anyhow::anyhow!("{e:#}")).and_then(|log| {
        let missing: Vec<_> = topics::specs(config.kafka.partitions)
            .iter()
            .filter(|spec| log.bounds(spec.name).is_err())
            .map(|spec| spec.name)
            .collect();
        if missing.is_empty() {
            let waiting: i64 = log.bounds(topic::DLQ)?.iter().map(|b| b.high - b.low).sum();
            Ok(format!("{}, {waiting} dead letters", log.describe()))
        } else {
            anyhow::bail!("{}: missing topics: {}: run `ebasvuru topics`", log.describe(), missing.join(", "))
        }
    });
    let complete = topics.is_ok();
    say("log", topics)?;
    if let Ok(log) = log
        && complete
    {
        say("lag", lag::describe(log.as_ref(), &Clock::System))?;
    }
    // Only a look: an engine that was never started is not made by it.
    let there = !config.embedded_clickhouse() || config.data.dir.join("clickhouse").exists();
    let clickhouse = if there { parts::own_clickhouse(config).await } else { parts::none_running(config) };
    let clickhouse = match &clickhouse {
        Ok(clickhouse) => clickhouse
            .client
            .query("SELECT version()")
            .fetch_one::<String>()
            .await
            .map(|version| format!("ClickHouse {version}"))
            .map_err(Into::into),
        Err(error) => Err(anyhow::anyhow!("{error:#}")),
    };
    say("clickhouse", clickhouse)?;
    say("documents", documents(config).await)?;
    say("scanner", scanner(config).await)?;
    Ok(well)
}

/// Whether the store takes an object and gives it back.
async fn documents(config: &Config) -> anyhow::Result<String> {
    let url = &config.store.url;
    let store = blob::open(url)?;
    // Its words hold the whole chain of causes.
    blob::probe(&*store).await.map_err(|error| {
        anyhow::anyhow!(
            "STORE_AWAY: {url} does not keep and give back an object: \
             check store.url, AWS_* and the bucket's rights: {error}"
        )
    })?;
    Ok(url.clone())
}

async fn scanner(config: &Config) -> anyhow::Result<String> {
    let clamd = &config.scanner.clamd;
    let Some(scanner) = Scanner::parse(clamd).map_err(|error| anyhow::anyhow!("scanner.clamd: {error}"))?
    else {
        return Ok("none; documents are not scanned".into());
    };
    let away = || format!("scanner_away: {clamd} does not answer: check scanner.clamd and that clamd runs");
    scanner.ping().await.with_context(away)?;
    Ok(clamd.clone())
}
