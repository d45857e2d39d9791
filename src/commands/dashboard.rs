//! `ebasvuru dashboard`: the staff web.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clickhouse::Client;
use ebasvuru_analytics::read::ReadModel;
use ebasvuru_analytics::renew::{Renewed, renew_name_indexes};
use ebasvuru_dashboard::{Dashboard, DashboardConfig, Deps, session_key_file};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::documents;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::HealthState;
use ebasvuru_workflow::seal::Sealer;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::bootstrap::{self, Resources, begin_worker};
use crate::clickhouse_access;
use crate::config::Config;
use crate::process::{Process, bind};

/// An unfinished document that nobody has written to for this long was abandoned.
const ABANDONED: Duration = Duration::from_hours(1);
/// How often rows with name indexes of a former version are looked for: at the start, after an upgrade;
/// and again, because a rebuild brings them back from the log.
const RENEW_INTERVAL: Duration = Duration::from_hours(1);

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
        mailer: config.mailer().map_err(|why| ErrorCode::Config.with(why))?,
        clock: resources.clock.clone(),
    };
    remove_abandoned_uploads(config);
    tokio::spawn(keep_name_indexes(client.clone(), resources.sealer.clone(), process.stop.clone()));
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

/// Keeps the name indexes of the read model those of this version.
async fn keep_name_indexes(client: Client, sealer: Sealer, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match renew_name_indexes(&client, &sealer).await {
            Ok(Renewed { renewed: 0, .. }) => {}
            Ok(Renewed { renewed, kept }) => tracing::info!(
                application.count = renewed,
                application.kept = kept,
                "the name indexes of {renewed} rows of a former version were renewed"
            ),
            Err(error) => tracing::warn!(
                error.message = %error,
                "name indexes of a former version were not renewed; tried again in an hour"
            ),
        }
        let _ = tokio::time::timeout(RENEW_INTERVAL, stop.cancelled()).await;
    }
}
