//! The parts that the subcommands work with, opened from the configuration.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use clickhouse::Client;
use ebasvuru_analytics::client::connect;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::Log;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::kafka::{KafkaConfig, KafkaLog};
use ebasvuru_workflow::seal::{APPLICATIONS, KeyRing, Sealer};

use crate::config::Config;
use crate::endpoints::Endpoints;

/// The catalog, checked; every fault is a line of the error.
pub fn catalog(config: &Config) -> anyhow::Result<Arc<Catalog>> {
    let folder = Some(config.catalog.dir.as_path()).filter(|dir| !dir.as_os_str().is_empty());
    ebasvuru_ingest::catalog::load(folder).map(Arc::new).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow!("the catalog has {} fault(s):\n  {}", lines.len(), lines.join("\n  "))
    })
}

/// The key ring with keys for the months to come, and the sealer that uses it.
pub fn sealer(config: &Config, catalog: &Catalog, clock: &Clock) -> anyhow::Result<(Arc<KeyRing>, Sealer)> {
    let months = u32::from(config.keys.months_ahead);
    let ring = Arc::new(KeyRing::load_or_create(&config.keys.ring, months, clock.now())?);
    keep_keys_ahead(&ring, catalog, clock, months)?;
    Ok((Arc::clone(&ring), Sealer::new(ring)))
}

/// Makes the keys of every retention class for this month and the months ahead.
pub fn keep_keys_ahead(ring: &KeyRing, catalog: &Catalog, clock: &Clock, months: u32) -> anyhow::Result<()> {
    let mut classes: BTreeSet<&str> =
        catalog.services().map(|service| service.retention_class.as_str()).collect();
    classes.insert(APPLICATIONS);
    for class in classes {
        ring.ensure_months(class, clock.now(), months + 1)?;
    }
    Ok(())
}

/// The log: Kafka when brokers are configured, else the file of a running (or stopped) `up`.
pub fn log(config: &Config) -> anyhow::Result<Arc<dyn Log>> {
    if config.embedded_log() {
        let path = config.data.dir.join("log.sqlite");
        if !path.exists() {
            bail!(
                "there is no log at {}: start `ebasvuru up` with the same --data, or set KAFKA_BROKERS",
                path.display()
            );
        }
        return embedded_log(&path);
    }
    kafka(config)
}

/// The embedded log, made when it does not exist.
pub fn embedded_log(path: &Path) -> anyhow::Result<Arc<dyn Log>> {
    Ok(Arc::new(EmbeddedLog::open(path)?))
}

/// Apache Kafka.
pub fn kafka(config: &Config) -> anyhow::Result<Arc<dyn Log>> {
    let log = KafkaLog::new(KafkaConfig {
        brokers: config.kafka.brokers.clone(),
        env: config.kafka.env.clone(),
        properties: config.kafka.properties.clone(),
    })?;
    Ok(Arc::new(log))
}

/// ClickHouse: the configured server, else the engine of a running `up`.
pub fn clickhouse(config: &Config) -> anyhow::Result<Client> {
    let url = if config.embedded_clickhouse() {
        Endpoints::read(&config.data.dir)
            .context("no CLICKHOUSE_URL is set, and no `ebasvuru up` runs on this --data whose engine could be used")?
            .clickhouse
    } else {
        config.clickhouse.url.clone()
    };
    client(config, &url)
}

/// A client on the product's database.
pub fn client(config: &Config, url: &str) -> anyhow::Result<Client> {
    let it = &config.clickhouse;
    Ok(connect(url, &it.database, &it.user, &it.password)?)
}
