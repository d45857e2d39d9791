//! The way to ClickHouse: a configured server, the engine of a running `up`, or an engine that is
//! started for one command.

use anyhow::{Context, bail};
use clickhouse::Client;
use ebasvuru_analytics::client::{self, BadUrl};
use ebasvuru_analytics::engine::{Engine, EngineOptions, USER, library};
use ebasvuru_workflow::error_code::ErrorCode;

use crate::config::Config;
use crate::data_folder::DataLock;
use crate::endpoints::Endpoints;
use crate::output::complain;

/// A client of the configured server, or else of the engine of a running `up`.
pub fn connect(config: &Config) -> anyhow::Result<Client> {
    if !config.embedded_clickhouse() {
        return server(config, &config.clickhouse.url);
    }
    match running_engine(config)? {
        Some(client) => Ok(client),
        None => nothing_runs(config),
    }
}

/// Says that no server is configured and no engine runs.
pub fn nothing_runs<T>(config: &Config) -> anyhow::Result<T> {
    bail!(ErrorCode::ClickHouse.with(format!(
        "no CLICKHOUSE_URL is set, and no `ebasvuru up` runs on {} whose engine could be used",
        config.data.dir.display()
    )))
}

/// ClickHouse for the time of one command.
pub struct ClickHouseHandle {
    pub client: Client,
    // In this order: the engine ends before the data folder is released.
    _engine: Option<Engine>,
    _lock: Option<DataLock>,
}

/// As [`connect`], but where no `up` runs the engine is started until the handle is dropped.
pub async fn open(config: &Config) -> anyhow::Result<ClickHouseHandle> {
    let present = if config.embedded_clickhouse() { running_engine(config)? } else { Some(connect(config)?) };
    if let Some(client) = present {
        return Ok(ClickHouseHandle { client, _engine: None, _lock: None });
    }
    let lock = DataLock::take(&config.data.dir)?;
    let engine = start_engine(config).await?;
    let client = engine.client(&config.clickhouse.database)?;
    Ok(ClickHouseHandle { client, _engine: Some(engine), _lock: Some(lock) })
}

/// A client of the engine of a running `up`, if one runs. The lock tells that, not the file of
/// endpoints, which is left behind by a kill.
fn running_engine(config: &Config) -> anyhow::Result<Option<Client>> {
    let data = &config.data.dir;
    if !DataLock::is_taken(data) {
        return Ok(None);
    }
    let endpoints = Endpoints::read(data).with_context(|| {
        ErrorCode::DataInUse.with(format!(
            "another ebasvuru has {} and does not say yet where ClickHouse is: \
             it is starting, or it is another command; try again in a moment",
            data.display()
        ))
    })?;
    let client = match Endpoints::token(data) {
        Some(token) => {
            client::connect(&endpoints.clickhouse, &config.clickhouse.database, USER, token.as_str())
                .map_err(bad_address)
        }
        None => server(config, &endpoints.clickhouse),
    };
    client.map(Some)
}

/// Starts ClickHouse's own engine on the data folder. The caller holds the folder's lock.
pub async fn start_engine(config: &Config) -> anyhow::Result<Engine> {
    let own = Some(config.clickhouse.library.clone()).filter(|path| !path.as_os_str().is_empty());
    let (data, memory_mib) = (config.data.dir.join("clickhouse"), config.clickhouse.memory_mib);
    tokio::task::spawn_blocking(move || -> anyhow::Result<Engine> {
        // Standard output belongs to the command.
        let library = library(own.as_deref(), &|line| complain(line))?;
        let program = (std::env::current_exe()?, vec!["engine-serve".to_owned()]);
        Ok(Engine::start(EngineOptions { program, library, data, memory_mib })?)
    })
    .await?
}

/// A client of the product's database on a server.
pub fn server(config: &Config, url: &str) -> anyhow::Result<Client> {
    let clickhouse = &config.clickhouse;
    client::connect(url, &clickhouse.database, &clickhouse.user, &clickhouse.password).map_err(bad_address)
}

fn bad_address(error: BadUrl) -> anyhow::Error {
    anyhow::Error::new(error).context(ErrorCode::ClickHouse.with("the address cannot be used"))
}
