//! `ebasvuru up`: the whole product in one process tree on this machine.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ebasvuru_analytics::engine::Engine;
use ebasvuru_analytics::sink::Source;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::Log;
use ebasvuru_workflow::log::lag::lag;

use super::migrate::migrate;
use super::{analytics, dashboard, portal};
use crate::bootstrap::{self, Resources};
use crate::cli::Up;
use crate::config::Config;
use crate::data_folder::DataLock;
use crate::endpoints::Endpoints;
use crate::keys::Keys;
use crate::output::announce;
use crate::process::{Process, bind};
use crate::{clickhouse_access, demo, partitions, topics, workers};

/// How long the first page may wait for the demo. Whoever comes earlier finds the lists still filling.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);

/// Runs until a signal.
pub async fn run(mut config: Config, options: Up) -> anyhow::Result<()> {
    if let Some(listen) = options.listen {
        config.dashboard.listen = listen;
    }
    let data = config.data.dir.clone();
    let lock = DataLock::take(&data)?;
    let dashboard_listener = bind("the dashboard", "--listen", &config.dashboard.listen).await?;
    let portal_listener = if config.portal.enabled.unwrap_or(!options.no_demo) {
        Some(bind("the portal", "EBASVURU__PORTAL__LISTEN", &config.portal.listen).await?)
    } else {
        None
    };
    let metrics_listener =
        bind("health and metrics", "EBASVURU__METRICS__LISTEN", &config.metrics.listen).await?;
    let metrics_address = metrics_listener.local_addr()?;
    let address = dashboard_listener.local_addr()?;
    // Browsers refuse Secure cookies over plain HTTP, and loopback needs no TLS.
    config.dashboard.secure_cookies.get_or_insert(!address.ip().is_loopback());

    let mut process = Process::begin_on(metrics_listener).await?;
    let clock = Clock::shifted();
    let catalog = bootstrap::catalog(&config)?;
    let log = open_log(&config, &data)?;
    for difference in log.ensure_topics(&topics::specs(config.kafka.partitions))? {
        tracing::warn!("a topic is not as configured: {difference}");
    }
    let first_start = log.bounds(ebasvuru_workflow::log::topic::USERS)?.iter().all(|b| b.high == 0);
    if first_start && !options.no_demo {
        clock.shift_by(-demo::HISTORY);
    }
    let keys = open_keys(&config, &catalog, log.as_ref())?;
    // Also those of the weeks that the demo lives through.
    keys.extend(log.as_ref(), clock.now())?;
    let sealer = keys.sealer();
    keys.maintain(&log, &Clock::System, process.part("keys"));
    let engine = if config.embedded_clickhouse() {
        Some(clickhouse_access::start_engine(&config).await?)
    } else {
        None
    };
    let client = match &engine {
        Some(engine) => engine.client(&config.clickhouse.database)?,
        None => clickhouse_access::server(&config, &config.clickhouse.url)?,
    };
    migrate(&config, &client).await?;

    let (blobs, partitions) = (bootstrap::blob_store(&config)?, partitions::verify(log.as_ref())?);
    let resources = Resources { log, clock: clock.clone(), catalog, sealer, blobs, partitions };
    workers::start_ingest(&mut process, &config, &resources)?;
    workers::start_workflow(&mut process, &config, &resources)?;

    let mut logins = Vec::new();
    if first_start {
        announce!(
            "first start: {}",
            if options.no_demo {
                "defining the first Yönetici"
            } else {
                "living through the demo's first weeks"
            }
        );
        let (resources, no_demo) = (resources.clone(), options.no_demo);
        logins = tokio::task::spawn_blocking(move || {
            if no_demo { demo::first_administrator(&resources) } else { demo::run(&resources) }
        })
        .await??;
        clock.shift_by(jiff::SignedDuration::ZERO);
    }

    // Not before: ClickHouse takes the demo's weeks in a few large batches, not in hundreds of small ones.
    analytics::start(&mut process, &config, &resources.log, &client)?;
    if first_start {
        let log = Arc::clone(&resources.log);
        tokio::task::spawn_blocking(move || wait_until_shown(log.as_ref())).await??;
    }
    let served = dashboard::start(&mut process, &config, &resources, &client, dashboard_listener)?;
    let (log, catalog) = (&resources.log, &resources.catalog);
    let (mut portal, mut portal_served) = (None, None);
    if let Some(listener) = portal_listener {
        portal = Some(format!("http://{}", listener.local_addr()?));
        portal_served = Some(portal::start(&mut process, &config, log, catalog, &clock, listener)?);
    }
    let endpoints = Endpoints {
        dashboard: format!("http://{address}"),
        portal,
        clickhouse: engine.as_ref().map_or(&*config.clickhouse.url, Engine::url).to_owned(),
        metrics: [("up".to_owned(), format!("http://{metrics_address}"))].into(),
        log: resources.log.describe(),
    };
    endpoints.write(&data, engine.as_ref().map(Engine::token))?;
    greet(&endpoints, address, &logins, &data);
    process.finish().await?;
    served.await??;
    if let Some(served) = portal_served {
        served.await??;
    }
    Endpoints::remove(&data);
    drop((engine, lock));
    Ok(())
}

/// Waits, though not for ever, until the lists and reports have what the first start did.
fn wait_until_shown(log: &dyn Log) -> anyhow::Result<()> {
    let began = Instant::now();
    while began.elapsed() < SHOWN_WITHIN {
        let mut left = 0;
        for source in Source::ALL {
            left += lag(log, source.group(), source.topic())?.iter().map(|lag| lag.records).sum::<i64>();
        }
        if left == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Creates a key ring in the data folder on the first start. A ring elsewhere must exist.
fn open_keys(config: &Config, catalog: &Catalog, log: &dyn Log) -> anyhow::Result<Keys> {
    if config.keys.ring.starts_with(&config.data.dir) {
        Keys::open_or_create(config, catalog, log)
    } else {
        Keys::open(config, catalog, log)
    }
}

fn open_log(config: &Config, data: &Path) -> anyhow::Result<Arc<dyn Log>> {
    if config.embedded_log() {
        announce!("log: embedded (one SQLite file, for one machine); KAFKA_BROKERS switches to Apache Kafka");
        bootstrap::embedded_log(&data.join("log.sqlite"))
    } else {
        bootstrap::kafka(config)
    }
}

fn greet(endpoints: &Endpoints, address: SocketAddr, logins: &[demo::Login], data: &Path) {
    announce!();
    announce!("  e-Başvuru       {}/giris", endpoints.dashboard);
    if let Some(portal) = &endpoints.portal {
        announce!("  e-Devlet (demo) {portal}");
    }
    for (what, url) in &endpoints.metrics {
        announce!("  health          {url}/readyz ({what})");
    }
    announce!("  data            {}", data.display());
    if !logins.is_empty() {
        announce!();
        for login in logins {
            announce!("  {:<28} {:<20} {}", login.role, login.name, login.password);
        }
        if logins.iter().any(|login| !login.is_demo) {
            announce!("  It logs in once, within 24 hours; `ebasvuru user passwd` gives another.");
        }
        if logins.iter().any(|login| login.is_demo) {
            announce!();
            announce!(
                "  WARNING: these passwords are public. Never put this data where others can reach it."
            );
            if !address.ip().is_loopback() {
                announce!("  WARNING: the dashboard listens on {address}, which is not a loopback address.");
            }
        }
    }
    announce!();
}
