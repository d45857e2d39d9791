//! What every long-running process has: threads that work, a stop, health and metrics.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::Context;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use ebasvuru_workflow::health::{Health, State};
use ebasvuru_workflow::metric;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The threads of this process, and what they say of themselves.
pub struct Process {
    pub stop: CancellationToken,
    threads: Vec<JoinHandle<()>>,
    parts: Arc<Mutex<Vec<Health>>>,
    metrics: PrometheusHandle,
}

impl Process {
    /// A process that stops on SIGINT and SIGTERM.
    pub fn new() -> anyhow::Result<Self> {
        let metrics = PrometheusBuilder::new().install_recorder().context("the metrics recorder")?;
        metric::describe();
        ebasvuru_analytics::metric::describe();
        ebasvuru_dashboard::metric::describe();
        let stop = CancellationToken::new();
        let by_signal = stop.clone();
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::spawn(async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            tracing::info!("stopping; a second signal ends the process at once");
            by_signal.cancel();
            let _ = tokio::signal::ctrl_c().await;
            std::process::exit(130);
        });
        Ok(Self { stop, threads: Vec::new(), parts: Arc::default(), metrics })
    }

    /// A part of this process, for `/readyz`.
    pub fn part(&mut self, name: &str) -> Health {
        let health = Health::new(name);
        self.watch(health.clone());
        health
    }

    /// A part that has its own health already.
    pub fn watch(&mut self, health: Health) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(health);
    }

    /// Runs a part on a thread of its own.
    pub fn thread(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(work)?);
        Ok(())
    }

    /// Serves `/metrics`, `/healthz` and `/readyz` from now on.
    pub async fn serve_health(&self, listener: TcpListener) -> anyhow::Result<()> {
        let (parts, metrics) = (Arc::clone(&self.parts), self.metrics.clone());
        let router = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/metrics", get(move || async move { metrics.render() }))
            .route(
                "/readyz",
                get(move || async move { readiness(&parts.lock().unwrap_or_else(PoisonError::into_inner)) }),
            );
        let stop = self.stop.clone();
        tokio::spawn(async move {
            if let Err(error) =
                axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
            {
                tracing::error!(%error, "health and metrics are no longer served");
            }
        });
        Ok(())
    }

    /// Waits for the stop, then for every thread.
    pub async fn finish(self) -> anyhow::Result<()> {
        self.stop.cancelled().await;
        tokio::task::spawn_blocking(move || {
            for thread in self.threads {
                let name = thread.thread().name().unwrap_or_default().to_owned();
                if thread.join().is_err() {
                    tracing::error!(thread = name, "a thread panicked");
                }
            }
        })
        .await?;
        Ok(())
    }
}

/// Binds, or says in one line why not.
pub async fn bind(what: &str, key: &str, address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "PORT_IN_USE: {what} cannot listen on {address}: free the port, or set {key} to another address"
        )
    })
}

fn readiness(parts: &[Health]) -> (StatusCode, axum::Json<serde_json::Value>) {
    let mut ready = true;
    let said: serde_json::Map<String, serde_json::Value> = parts
        .iter()
        .map(|part| {
            let state = part.state();
            ready &= state == State::Running;
            let state = match state {
                State::Starting => json!({"state": "starting"}),
                State::Running => json!({"state": "running"}),
                State::Waiting(reason) => json!({"state": "waiting", "reason": reason}),
                State::Refused { code, detail } => {
                    json!({"state": "refused", "code": code, "detail": detail})
                }
                State::Halted { code, detail } => json!({"state": "halted", "code": code, "detail": detail}),
            };
            (part.name().to_owned(), state)
        })
        .collect();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(json!({"ready": ready, "parts": said})))
}
