//! `ebasvuru check`: is everything there that a start needs?

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, bail};
use ebasvuru_dashboard::Scanner;
use ebasvuru_ingest::blob;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Log, LogError, topic};

use crate::config::Config;
use crate::keys::Keys;
use crate::{bootstrap, failure, lag, topics};

/// How long ClickHouse may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of looking at one thing that is as it must be now.
enum Found {
    Well(String),
    /// It will not be for ever.
    Soon(String),
}

impl From<String> for Found {
    fn from(detail: String) -> Self {
        Self::Well(detail)
    }
}

/// Checks one thing after the other, a line each; says whether all is well.
pub async fn run(config: &Config, out: &mut impl Write) -> anyhow::Result<bool> {
    let mut well = true;
    let mut say = |what: &str, outcome: anyhow::Result<Found>| -> std::io::Result<()> {
        match outcome {
            Ok(Found::Well(detail)) => writeln!(out, "ok    {what}: {detail}"),
            Ok(Found::Soon(detail)) => writeln!(out, "WARN  {what}: {detail}"),
            Err(error) => {
                well = false;
                writeln!(out, "FAIL  {what}: {}", failure::line(&error))
            }
        }
    };
    say("configuration", Ok("complete".to_owned().into()))?;
    let (log, topics) = match bootstrap::log(config) {
        Ok(log) => {
            let topics = topics(config, log.as_ref());
            (Some(log).filter(|_| topics.is_ok()), topics)
        }
        Err(error) => (None, Err(error)),
    };
    match bootstrap::catalog(config) {
        Err(error) => say("catalog", Err(error))?,
        Ok(catalog) => {
            let said = format!(
                "{} services, {} units, holidays until {}",
                catalog.services().count(),
                catalog.units().count(),
                catalog.calendar().last_year()
            );
            say("catalog", Ok(said.into()))?;
            say("keys", keys(config, &catalog, log.as_deref()))?;
        }
    }
    say("log", topics.map(Into::into))?;
    if let Some(log) = &log {
        say("lag", lag::describe(log.as_ref(), &Clock::System).map(Into::into))?;
    }
    say("clickhouse", clickhouse(config).await.map(Into::into))?;
    say("documents", documents(config).await.map(Into::into))?;
    say("scanner", scanner(config).await.map(Into::into))?;
    Ok(well)
}

/// Whether the ring is there, is the log's, and lasts.
fn keys(config: &Config, catalog: &Catalog, log: Option<&dyn Log>) -> anyhow::Result<Found> {
    let (keys, now) = (Keys::load(config, catalog)?, Clock::System.now());
    if let Some(log) = log {
        keys.compare(log)?;
    }
    let Some(day) = keys.run_out(now)? else { return Ok(keys.describe().into()) };
    if keys.complete(now)? {
        return Ok(format!("{}, until {day}", keys.describe()).into());
    }
    let warning = ErrorCode::KeysRunOut.with(format!(
        "{} run out on {day}: the workers make more where they may write the ring; \
         where they may not, `ebasvuru keys extend` where it is kept",
        keys.describe()
    ));
    Ok(Found::Soon(warning.to_string()))
}

/// Whether every topic is there and as it should be.
fn topics(config: &Config, log: &dyn Log) -> anyhow::Result<String> {
    let specs = topics::specs(config.kafka.partitions);
    let mut faults = Vec::new();
    for spec in &specs {
        match log.bounds(spec.name) {
            Ok(_) => {}
            // In the log's own words: missing, not permitted, …
            Err(LogError::Refused(why)) => faults.push(why),
            // It will say the same of every other.
            Err(error) => return Err(error.into()),
        }
    }
    if faults.is_empty() {
        // None is missing, so none is made by this.
        faults = log.ensure_topics(&specs)?;
    }
    if !faults.is_empty() {
        bail!(ErrorCode::CommandLogRefused.with(format!("{}: {}", log.describe(), faults.join("; "))));
    }
    let letters: i64 = log.bounds(topic::DLQ)?.iter().map(|b| b.high - b.low).sum();
    Ok(format!("{}, {letters} dead letters on record", log.describe()))
}

async fn clickhouse(config: &Config) -> anyhow::Result<String> {
    // Only a look: an engine that was never started is not made by it.
    if config.embedded_clickhouse() && !config.data.dir.join("clickhouse").exists() {
        return bootstrap::none_running(config);
    }
    let clickhouse = bootstrap::own_clickhouse(config).await?;
    let version = clickhouse.client.query("SELECT version()").fetch_one::<String>();
    let version = tokio::time::timeout(PATIENCE, version).await.with_context(|| {
        ErrorCode::ClickHouse
            .with(format!("it takes the connection and does not answer within {} s", PATIENCE.as_secs()))
    })??;
    Ok(format!("ClickHouse {version}"))
}

/// Whether the store takes an object and gives it back.
async fn documents(config: &Config) -> anyhow::Result<String> {
    let url = &config.store.url;
    let store = blob::open(url)?;
    // Its words hold the whole chain of causes.
    blob::probe(&*store).await.map_err(|error| {
        ErrorCode::StoreAway.with(format!(
            "{url} does not keep and give back an object: \
             check store.url, AWS_* and the bucket's rights: {error}"
        ))
    })?;
    Ok(url.clone())
}

async fn scanner(config: &Config) -> anyhow::Result<String> {
    let clamd = &config.scanner.clamd;
    let Some(scanner) = Scanner::parse(clamd).map_err(|error| anyhow::anyhow!("scanner.clamd: {error}"))?
    else {
        return Ok("none; documents are not scanned".into());
    };
    let away = || {
        ErrorCode::ScannerAway
            .with(format!("{clamd} does not answer: check scanner.clamd and that clamd runs"))
    };
    scanner.ping().await.with_context(away)?;
    Ok(clamd.clone())
}
