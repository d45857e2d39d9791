//! `ebasvuru portal`: the stand-in for e-Devlet, for trials and demonstrations.

use std::sync::Arc;

use anyhow::Context;
use ebasvuru_dashboard::{Portal, PortalDeps, session_key_file};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::Log;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::bootstrap;
use crate::config::Config;
use crate::process::{Process, bind};

/// Runs until a signal.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut process = Process::begin(config).await?;
    let (log, catalog) = (bootstrap::log(config)?, bootstrap::catalog(config)?);
    let listener = bind("the portal", "portal.listen", &config.portal.listen).await?;
    let served = start(&mut process, config, &log, &catalog, &Clock::System, listener)?;
    process.finish().await?;
    served.await??;
    Ok(())
}

/// Starts the stand-in. The handle ends when the last page has been served.
pub fn start(
    process: &mut Process,
    config: &Config,
    log: &Arc<dyn Log>,
    catalog: &Arc<Catalog>,
    clock: &Clock,
    listener: TcpListener,
) -> anyhow::Result<JoinHandle<std::io::Result<()>>> {
    tracing::warn!("the portal stands in for e-Devlet: whoever reaches it can act as any demo citizen");
    let deps = PortalDeps {
        log: Arc::clone(log),
        catalog: Arc::clone(catalog),
        files: bootstrap::files(config)?,
        clock: clock.clone(),
        session_key: session_key_file(&config.data.dir.join("portal.key"))
            .context("the portal's key in data.dir")?,
        // Browsers refuse Secure cookies over plain HTTP, and loopback needs no TLS.
        secure_cookies: !listener.local_addr()?.ip().is_loopback(),
        behind_proxy: config.dashboard.behind_proxy,
    };
    let portal = Portal::start(deps, &process.stop)?;
    process.part("portal").running();
    Ok(tokio::spawn(portal.serve(listener, process.stop.clone())))
}
