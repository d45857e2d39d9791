//! `ebasvuru dashboard`: the staff web.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clickhouse::Client;
use ebasvuru_analytics::read::ReadModel;
use ebasvuru_dashboard::{Dashboard, DashboardConfig, Deps, session_key_file};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::documents;
use ebasvuru_workflow::health::HealthState;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::bootstrap::{self, Resources, begin_worker};
use crate::clickhouse_access;
use crate::config::Config;
use crate::process::{Process, bind};

/// An unfinished document that nobody has written to for this long was abandoned.
const ABANDONED: Duration = Duration::from_hours(1);

/// Runs until a signal.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let (mut process, resources) = begin_worker(config).await?;
    let client = clickhouse_access::connect(config)?;
    let listener = bind("the dashboard", "dashboard.listen", &config.dashboard.listen).await?;
    let served = start(&mut process, config, &resources, &client, listener)?;
    process.finish().await?;
    served.await??;
    Ok(())
}

/// Starts the dashboard. The handle ends when the last page has been served.
pub fn start(
    process: &mut Process,
    config: &Config,
    resources: &Resources,
    client: &Client,
    listener: TcpListener,
) -> anyhow::Result<JoinHandle<std::io::Result<()>>> {
    let files = bootstrap::files(config)?;
    let session_key = if config.dashboard.session_key.is_empty() {
        session_key_file(&config.data.dir.join("session.key")).context("the session key in data.dir")?
    } else {
        STANDARD
            .decode(config.dashboard.session_key.trim())
            .context("dashboard.session_key is not base64: make one with `openssl rand -base64 64`")?
    };
    let settings = DashboardConfig {
        session_key,
        secure_cookies: config.dashboard.secure_cookies.unwrap_or(true),
        behind_proxy: config.dashboard.behind_proxy,
        ..DashboardConfig::default()
    };
    let deps = Deps {
        log: Arc::clone(&resources.log),
        read: ReadModel::new(client.clone()),
        sealer: resources.sealer.clone(),
        catalog: Arc::clone(&resources.catalog),
        files,
        clock: resources.clock.clone(),
    };
    remove_abandoned_uploads(config);
    let dashboard = Dashboard::start(settings, deps, &process.stop)?;
    let (health, ready) = (process.part("dashboard"), dashboard.readiness());
    let stop = process.stop.clone();
    tokio::spawn(async move {
        while !stop.is_cancelled() {
            if ready() {
                health.running();
            } else if health.state() != HealthState::Starting {
                health.waiting("the user directory and the replies are being read");
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    Ok(tokio::spawn(dashboard.serve(listener, process.stop.clone())))
}

/// Removes unfinished documents that killed processes left in the store's folder.
fn remove_abandoned_uploads(config: &Config) {
    let (url, now) = (config.store.url.clone(), Clock::System.now());
    tokio::task::spawn_blocking(move || match documents::tidy(&url, now.into(), ABANDONED) {
        Ok(0) => {}
        Ok(removed) => tracing::info!(document.count = removed, "unfinished documents were removed"),
        Err(error) => tracing::warn!(error.message = %error, "unfinished documents could not be removed"),
    });
}
