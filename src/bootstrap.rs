//! Opens what the subcommands work with, as the configuration says.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use ebasvuru_dashboard::{Files, Scanner};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::documents::{self, Blobs};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::kafka::{KafkaConfig, KafkaLog};
use ebasvuru_workflow::log::{BlobStore, Log};
use ebasvuru_workflow::seal::Sealer;

use crate::config::Config;
use crate::keys::Keys;
use crate::process::Process;
use crate::{data_folder, failure, partitions};

/// How long to wait before the log is asked again.
const RETRY: Duration = Duration::from_secs(1);

/// What workers and the dashboard share.
#[derive(Clone)]
pub struct Resources {
    pub log: Arc<dyn Log>,
    pub clock: Clock,
    pub catalog: Arc<Catalog>,
    pub sealer: Sealer,
    pub blobs: Arc<dyn BlobStore>,
    /// The number of partitions that the workers' state was made for.
    pub partitions: i32,
}

/// Begins the process of a worker: waits until the log answers, and checks that the key ring
/// belongs to it.
pub async fn begin_worker(config: &Config) -> anyhow::Result<(Process, Resources)> {
    let mut process = Process::begin(config).await?;
    let clock = Clock::System;
    let (catalog, log) = (catalog(config)?, log(config)?);
    let health = process.part("keys");
    let open =
        || anyhow::Ok((Keys::open(config, &catalog, log.as_ref())?, partitions::verify(log.as_ref())?));
    let (keys, partitions) = loop {
        match open() {
            Err(error) if failure::is_log_away(&error) && !process.stop.is_cancelled() => {
                health.waiting_with(failure::code(&error), &failure::line(&error));
                tokio::time::sleep(RETRY).await;
            }
            opened => break opened?,
        }
    };
    let sealer = keys.sealer();
    keys.maintain(&log, &clock, health);
    Ok((process, Resources { log, clock, catalog, sealer, blobs: blob_store(config)?, partitions }))
}

/// The catalog, checked. Each error in it is a line of the message.
pub fn catalog(config: &Config) -> anyhow::Result<Arc<Catalog>> {
    let folder = Some(config.catalog.dir.as_path()).filter(|dir| !dir.as_os_str().is_empty());
    ebasvuru_ingest::catalog::load(folder).map(Arc::new).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        let detail = format!("the catalog has {} fault(s):\n  {}", lines.len(), lines.join("\n  "));
        ErrorCode::Catalog.with(detail).into()
    })
}

/// The log: Kafka if brokers are configured, else the file of an `up`, running or stopped.
pub fn log(config: &Config) -> anyhow::Result<Arc<dyn Log>> {
    if !config.embedded_log() {
        return kafka(config);
    }
    let path = config.data.dir.join("log.sqlite");
    if !path.exists() {
        bail!(ErrorCode::LogMissing.with(format!(
            "there is no log at {}: start `ebasvuru up` with the same --data, or set KAFKA_BROKERS",
            path.display()
        )));
    }
    data_folder::create(&config.data.dir)?;
    embedded_log(&path)
}

/// The embedded log, created if it is missing.
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

/// The document store, as workers write to it.
pub fn blob_store(config: &Config) -> anyhow::Result<Arc<dyn BlobStore>> {
    let store = documents::open(&config.store.url)?;
    Ok(Arc::new(Blobs::new(store, tokio::runtime::Handle::current())))
}

/// The documents as people see them, behind the virus scanner.
pub fn files(config: &Config) -> anyhow::Result<Files> {
    let scanner = Scanner::parse(&config.scanner.clamd).map_err(|e| anyhow!("scanner.clamd: {e}"))?;
    let store = documents::open(&config.store.url)?;
    // Keys and uploads are in the data folder, whichever log is used.
    data_folder::create(&config.data.dir)?;
    Ok(Files::new(store, scanner, config.data.dir.join("uploads")))
}
