//! `ebasvuru check`: tests everything that a start needs, and starts nothing.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use ebasvuru_dashboard::Scanner;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::documents;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Log, LogError, topic};

use super::exit_code;
use crate::config::Config;
use crate::keys::Keys;
use crate::{bootstrap, clickhouse_access, consumer_lag, failure, topics};

/// How long ClickHouse may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The result of a check that did not fail.
enum Passed {
    Ok(String),
    /// It will fail some day unless a person does something.
    Warning(String),
}

impl From<String> for Passed {
    fn from(detail: String) -> Self {
        Self::Ok(detail)
    }
}

/// Prints the result of each check on a line. Exit code 1: one failed.
pub async fn run(config: &Config, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let mut all_passed = true;
    let mut report = |what: &str, outcome: anyhow::Result<Passed>| -> std::io::Result<()> {
        match outcome {
            Ok(Passed::Ok(detail)) => writeln!(out, "ok    {what}: {detail}"),
            Ok(Passed::Warning(detail)) => writeln!(out, "WARN  {what}: {detail}"),
            Err(error) => {
                all_passed = false;
                writeln!(out, "FAIL  {what}: {}", failure::line(&error))
            }
        }
    };
    report("configuration", Ok("complete".to_owned().into()))?;
    let (log, topics) = match bootstrap::log(config) {
        Ok(log) => {
            let topics = topics(config, log.as_ref());
            (Some(log).filter(|_| topics.is_ok()), topics)
        }
        Err(error) => (None, Err(error)),
    };
    match bootstrap::catalog(config) {
        Err(error) => report("catalog", Err(error))?,
        Ok(catalog) => {
            let counts = format!(
                "{} services, {} units, holidays until {}",
                catalog.services().count(),
                catalog.units().count(),
                catalog.calendar().last_year()
            );
            report("catalog", Ok(counts.into()))?;
            report("keys", keys(config, &catalog, log.as_deref()))?;
        }
    }
    report("log", topics.map(Into::into))?;
    if let Some(log) = &log {
        report("lag", consumer_lag::describe(log.as_ref(), &Clock::System).map(Into::into))?;
    }
    report("clickhouse", clickhouse(config).await.map(Into::into))?;
    report("documents", documents(config).await.map(Into::into))?;
    report("scanner", scanner(config).await.map(Into::into))?;
    report("mail", mail(config).await.map(Into::into))?;
    Ok(exit_code(all_passed))
}

/// Whether the key ring exists, belongs to the log, and has keys for the months ahead.
fn keys(config: &Config, catalog: &Catalog, log: Option<&dyn Log>) -> anyhow::Result<Passed> {
    let (keys, now) = (Keys::load(config, catalog)?, Clock::System.now());
    if let Some(log) = log {
        keys.compare(log)?;
    }
    let Some(day) = keys.run_out_on(now)? else { return Ok(keys.describe().into()) };
    if keys.is_complete(now)? {
        return Ok(format!("{}, until {day}", keys.describe()).into());
    }
    let warning = ErrorCode::KeysRunOut.with(format!(
        "{} run out on {day}: a worker that may write the ring makes more; \
         otherwise run `ebasvuru keys extend` where the ring is kept",
        keys.describe()
    ));
    Ok(Passed::Warning(warning.to_string()))
}

/// Whether every topic exists and is configured as it should be.
fn topics(config: &Config, log: &dyn Log) -> anyhow::Result<String> {
    let specs = topics::specs(config.kafka.partitions);
    let mut problems = Vec::new();
    for spec in &specs {
        match log.bounds(spec.name) {
            Ok(_) => {}
            // Missing, not permitted, …: the log says which.
            Err(LogError::Refused(why)) => problems.push(why),
            // The log would say the same about every other topic.
            Err(error) => return Err(error.into()),
        }
    }
    if problems.is_empty() {
        // None is missing, so this creates none.
        problems = log.ensure_topics(&specs)?;
    }
    if !problems.is_empty() {
        bail!(ErrorCode::CommandLogRefused.with(format!("{}: {}", log.describe(), problems.join("; "))));
    }
    let letters: i64 = log.bounds(topic::DLQ)?.iter().map(|b| b.high - b.low).sum();
    Ok(format!("{}, {letters} dead letters", log.describe()))
}

async fn clickhouse(config: &Config) -> anyhow::Result<String> {
    // A check creates nothing: an engine that was never started stays so.
    if config.embedded_clickhouse() && !config.data.dir.join("clickhouse").exists() {
        return clickhouse_access::nothing_runs(config);
    }
    let clickhouse = clickhouse_access::open(config).await?;
    let version = clickhouse.client.query("SELECT version()").fetch_one::<String>();
    let version = tokio::time::timeout(TIMEOUT, version).await.with_context(|| {
        ErrorCode::ClickHouse
            .with(format!("it takes the connection and does not answer within {} s", TIMEOUT.as_secs()))
    })??;
    Ok(format!("ClickHouse {version}"))
}

/// Whether the store keeps an object and gives it back.
async fn documents(config: &Config) -> anyhow::Result<String> {
    let url = &config.store.url;
    let store = documents::open(url)?;
    // The message of this error has the whole chain of causes.
    documents::probe(&*store).await.map_err(|error| {
        ErrorCode::StoreAway.with(format!(
            "{url} does not keep and give back an object: \
             check store.url, AWS_* and the bucket's rights: {error}"
        ))
    })?;
    Ok(url.clone())
}

/// Whether the mail server takes a connection, and the login.
async fn mail(config: &Config) -> anyhow::Result<String> {
    let Some(mailer) = config.mailer().map_err(|why| ErrorCode::Config.with(why))? else {
        return Ok("none; no report is sent".into());
    };
    mailer.check().await.map_err(|why| {
        ErrorCode::MailAway.with(format!("{} does not answer: check smtp.url: {why}", config.smtp.url))
    })?;
    Ok(config.smtp.url.clone())
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
