//! The parts that the subcommands work with, opened from the configuration.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clickhouse::Client;
use ebasvuru_analytics::client::{BadUrl, connect};
use ebasvuru_analytics::engine::{self, Engine, EngineOptions, USER};
use ebasvuru_dashboard::{Files, Scanner};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::Log;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::kafka::{KafkaConfig, KafkaLog};

use crate::config::Config;
use crate::data::{self, DataLock};
use crate::endpoints::Endpoints;

/// The catalog, checked; every fault is a line of the error.
pub fn catalog(config: &Config) -> anyhow::Result<Arc<Catalog>> {
    let folder = Some(config.catalog.dir.as_path()).filter(|dir| !dir.as_os_str().is_empty());
    ebasvuru_ingest::catalog::load(folder).map(Arc::new).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let detail = format!("the catalog has {} fault(s):\n  {}", lines.len(), lines.join("\n  "));
        ErrorCode::Catalog.with(detail).into()
    })
}

/// The log: Kafka when brokers are configured, else the file of a running (or stopped) `up`.
pub fn log(config: &Config) -> anyhow::Result<Arc<dyn Log>> {
    if config.embedded_log() {
        let path = config.data.dir.join("log.sqlite");
        if !path.exists() {
            bail!(ErrorCode::LogMissing.with(format!(
                "there is no log at {}: start `ebasvuru up` with the same --data, or set KAFKA_BROKERS",
                path.display()
            )));
        }
        data::folder(&config.data.dir)?;
        return embedded_log(&path);
    }
    kafka(config)
}

/// The embedded log, made when it does not exist.
pub fn embedded_log(path: &Path) -> anyhow::Result<Arc<dyn Log>> {
    let log = EmbeddedLog::open(path).with_context(|| {
        ErrorCode::LogUnusable.with(format!(
            "the embedded log {} cannot be opened: free space, or fix its permissions",
            path.display()
        ))
    })?;
    Ok(Arc::new(log))
}

/// Apache Kafka.
pub fn kafka(config: &Config) -> anyhow::Result<Arc<dyn Log>> {
    let log = KafkaLog::new(KafkaConfig {
        brokers: config.kafka.brokers.clone(),
        env: config.kafka.env.clone(),
        replication: config.kafka.replication,
        properties: config.kafka.properties.0.clone(),
    })
    .context(ErrorCode::Kafka.with("the settings under [kafka] are not accepted"))?;
    Ok(Arc::new(log))
}

/// The documents, and the scanner that sees them first.
pub fn files(config: &Config) -> anyhow::Result<Files> {
    let scanner = Scanner::parse(&config.scanner.clamd).map_err(|e| anyhow!("scanner.clamd: {e}"))?;
    let store = ebasvuru_ingest::blob::open(&config.store.url)?;
    // Keys and uploads lie there, whatever the log is.
    data::folder(&config.data.dir)?;
    Ok(Files::new(store, scanner, config.data.dir.join("uploads")))
}

/// ClickHouse: the configured server, else the engine of a running `up`.
pub fn clickhouse(config: &Config) -> anyhow::Result<Client> {
    if !config.embedded_clickhouse() {
        return server(config, &config.clickhouse.url);
    }
    match running(config)? {
        Some(client) => Ok(client),
        None => none_running(config),
    }
}

/// What is said when nothing is configured and nothing runs.
pub fn none_running<T>(config: &Config) -> anyhow::Result<T> {
    bail!(ErrorCode::ClickHouse.with(format!(
        "no CLICKHOUSE_URL is set, and no `ebasvuru up` runs on {} whose engine could be used",
        config.data.dir.display()
    )))
}

/// ClickHouse for one command.
pub struct OwnClickHouse {
    pub client: Client,
    // In this order: the engine ends before the folder is given up.
    _engine: Option<Engine>,
    _lock: Option<DataLock>,
}

/// The same as [`clickhouse()`]; without a running `up` the engine is started for as long as the
/// command takes.
pub async fn own_clickhouse(config: &Config) -> anyhow::Result<OwnClickHouse> {
    let there = if config.embedded_clickhouse() { running(config)? } else { Some(clickhouse(config)?) };
    if let Some(client) = there {
        return Ok(OwnClickHouse { client, _engine: None, _lock: None });
    }
    let lock = DataLock::take(&config.data.dir)?;
    let engine = engine(config).await?;
    let client = engine.client(&config.clickhouse.database)?;
    Ok(OwnClickHouse { client, _engine: Some(engine), _lock: Some(lock) })
}

/// ClickHouse as a running `up` tells it. Its lock says whether it runs, and not the file, which
/// outlives a kill.
fn running(config: &Config) -> anyhow::Result<Option<Client>> {
    let data = &config.data.dir;
    if !DataLock::is_taken(data) {
        return Ok(None);
    }
    let endpoints = Endpoints::read(data).with_context(|| {
        ErrorCode::DataInUse.with(format!(
            "another ebasvuru has {} and does not say yet where ClickHouse is: \
             it is starting, or is no `up`; try again in a moment",
            data.display()
        ))
    })?;
    let client = match Endpoints::token(data) {
        Some(token) => connect(&endpoints.clickhouse, &config.clickhouse.database, USER, token.as_str())
            .map_err(unusable),
        None => server(config, &endpoints.clickhouse),
    };
    client.map(Some)
}

/// ClickHouse's own engine on the data folder, which the caller has.
pub async fn engine(config: &Config) -> anyhow::Result<Engine> {
    let own = Some(config.clickhouse.library.clone()).filter(|path| !path.as_os_str().is_empty());
    let (data, memory_mib) = (config.data.dir.join("clickhouse"), config.clickhouse.memory_mib);
    tokio::task::spawn_blocking(move || -> anyhow::Result<Engine> {
        // Standard output is the command's own.
        let library = engine::library(own.as_deref(), &|line| eprintln!("{line}"))?;
        let program = (std::env::current_exe()?, vec!["engine-serve".to_owned()]);
        Ok(Engine::start(EngineOptions { program, library, data, memory_mib })?)
    })
    .await?
}

/// A client on the product's database on a server.
pub fn server(config: &Config, url: &str) -> anyhow::Result<Client> {
    let it = &config.clickhouse;
    connect(url, &it.database, &it.user, &it.password).map_err(unusable)
}

fn unusable(error: BadUrl) -> anyhow::Error {
    anyhow::Error::new(error).context(ErrorCode::ClickHouse.with("the address cannot be used"))
}
