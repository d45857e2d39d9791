//! What every long-running process has: threads, a stop by signal, health and metrics.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use ebasvuru_dashboard::http::{self, Limits};
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::{Health, HealthState};
use ebasvuru_workflow::metric;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;

/// How long the threads have to end after the stop. Whoever runs the process kills it some time later (systemd after
/// 90 s, Kubernetes after 30 s).
const PATIENCE: Duration = Duration::from_secs(20);
/// How often to look whether they have ended.
const TICK: Duration = Duration::from_millis(20);
/// How often the samples of histograms are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// The threads of this process and their health.
pub struct Process {
    pub stop: CancellationToken,
    threads: Vec<JoinHandle<()>>,
    health: Arc<ProcessHealth>,
}

/// The health of the whole process.
#[derive(Default)]
struct ProcessHealth {
    parts: Mutex<Vec<Health>>,
    /// Whether all its parts have been added.
    complete: AtomicBool,
    /// Whether one of its threads has panicked.
    panicked: AtomicBool,
}

impl Process {
    /// A process that stops on SIGINT and SIGTERM, and serves its health and metrics from now on.
    pub async fn begin(config: &Config) -> anyhow::Result<Self> {
        Self::begin_on(bind("health and metrics", "metrics.listen", &config.metrics.listen).await?).await
    }

    /// As [`Process::begin`], on a listener that is bound already.
    pub async fn begin_on(listener: TcpListener) -> anyhow::Result<Self> {
        http::raise_descriptors();
        let metrics = recorder()?;
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
        let process = Self { stop, threads: Vec::new(), health: Arc::default() };
        process.serve(listener, metrics);
        Ok(process)
    }

    /// Adds a part to `/readyz`.
    pub fn part(&mut self, name: &str) -> Health {
        let health = Health::new(name);
        self.watch(health.clone());
        health
    }

    /// Adds a part that has its own health already.
    pub fn watch(&mut self, health: Health) {
        self.health.watch(health);
    }

    /// Runs a part on a thread of its own. A panic ends the process: otherwise the part's work
    /// would stop and `/readyz` would not tell.
    pub fn thread(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
        let (health, stop, part) = (Arc::clone(&self.health), self.stop.clone(), name.to_owned());
        let guarded = move || {
            if std::panic::catch_unwind(AssertUnwindSafe(work)).is_err() {
                let panicked = Health::new(&part);
                panicked.halted(
                    ErrorCode::WorkerPanicked,
                    "a defect in the program: its message is above; the process ends",
                );
                health.watch(panicked);
                health.panicked.store(true, Ordering::SeqCst);
                stop.cancel();
            }
        };
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(guarded)?);
        Ok(())
    }

    /// Serves `/metrics`, `/healthz` and `/readyz` until the process stops.
    fn serve(&self, listener: TcpListener, metrics: PrometheusHandle) {
        let health = Arc::clone(&self.health);
        let router = Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/metrics", get(move || async move { metrics.render() }))
            .route("/readyz", get(move || async move { health.readiness() }));
        tokio::spawn(http::serve("health", listener, router, Limits::health(), self.stop.clone()));
    }

    /// All parts have been added: waits for the stop, then for every thread, but not for ever. A thread may be in a
    /// call of librdkafka that does not return while the brokers are away (librdkafka #5456). What it has not
    /// committed is as if the process had been killed.
    ///
    /// # Errors
    /// When a thread has panicked.
    pub async fn finish(self) -> anyhow::Result<()> {
        self.health.complete.store(true, Ordering::SeqCst);
        self.stop.cancelled().await;
        let until = Instant::now() + PATIENCE;
        let left = || self.threads.iter().filter(|thread| !thread.is_finished());
        while left().next().is_some() && Instant::now() < until {
            tokio::time::sleep(TICK).await;
        }
        for thread in left() {
            let name = thread.thread().name().unwrap_or_default();
            tracing::warn!(part.name = name, "{name} does not end, and the process ends without it");
        }
        if self.health.panicked.load(Ordering::SeqCst) {
            bail!(
                ErrorCode::WorkerPanicked.with("a thread of this process has panicked: its message is above")
            );
        }
        Ok(())
    }
}

/// Keeps the metrics of this process from now on.
fn recorder() -> anyhow::Result<PrometheusHandle> {
    let latency = Matcher::Full(ebasvuru_dashboard::metric::HTTP_REQUEST_SECONDS.to_owned());
    let buckets = ebasvuru_dashboard::metric::HTTP_REQUEST_SECONDS_BUCKETS;
    let delay = Matcher::Full(ebasvuru_workflow::metric::INGEST_DELAY_SECONDS.to_owned());
    let delays = ebasvuru_workflow::metric::INGEST_DELAY_SECONDS_BUCKETS;
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(latency, buckets)
        .and_then(|builder| builder.set_buckets_for_metric(delay, delays))
        .and_then(PrometheusBuilder::install_recorder)
        .context("the metrics recorder")?;
    // Without it samples pile up in memory until somebody scrapes.
    let kept = metrics.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(metrics)
}

/// Binds a listening address, which the setting `key` gives.
pub async fn bind(what: &str, key: &str, address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        ErrorCode::PortInUse.with(format!(
            "{what} cannot listen on {address}: free the port, or set {key} to another address"
        ))
    })
}

impl ProcessHealth {
    fn watch(&self, health: Health) {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(health);
    }

    /// Status 200 once all parts have been added and each is at work.
    fn readiness(&self) -> (StatusCode, axum::Json<serde_json::Value>) {
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = self.complete.load(Ordering::SeqCst) && parts.iter().all(|part| part.state().is_ready());
        let states: serde_json::Map<_, _> =
            parts.iter().map(|part| (part.name().to_owned(), describe(part))).collect();
        let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, axum::Json(json!({"ready": ready, "parts": states})))
    }
}

fn describe(part: &Health) -> serde_json::Value {
    let since = part.since().to_string();
    match part.state() {
        HealthState::Starting => json!({"state": "starting"}),
        HealthState::Running => json!({"state": "running"}),
        HealthState::Warned { code, detail } => {
            json!({"state": "running", "warning": {"code": code, "detail": detail, "since": since}})
        }
        HealthState::Waiting { code, reason } => {
            json!({"state": "waiting", "code": code, "reason": reason, "since": since})
        }
        HealthState::Refused { code, detail } => {
            json!({"state": "refused", "code": code, "detail": detail, "since": since})
        }
        HealthState::Halted { code, detail } => {
            json!({"state": "halted", "code": code, "detail": detail, "since": since})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure;

    #[test]
    fn a_process_is_ready_once_all_parts_are_at_work() {
        let health = ProcessHealth::default();
        assert_eq!(health.readiness().0, StatusCode::SERVICE_UNAVAILABLE, "no part yet");
        let part = Health::new("part");
        health.watch(part.clone());
        part.running();
        assert_eq!(health.readiness().0, StatusCode::SERVICE_UNAVAILABLE, "more parts may come");
        health.complete.store(true, Ordering::SeqCst);
        assert_eq!(health.readiness().0, StatusCode::OK);
        part.warned(ErrorCode::KeysRunOut, "in May");
        let (status, body) = health.readiness();
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["parts"]["part"]["warning"]["code"], "keys_run_out");
        part.waiting_with(Some(ErrorCode::ClickHouse), "it does not answer");
        let (status, body) = health.readiness();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["parts"]["part"]["code"], "CLICKHOUSE");
        assert_eq!(body["parts"]["part"]["since"], part.since().to_string());
    }

    #[tokio::test]
    async fn a_thread_that_panics_ends_the_process() {
        let mut process = Process::begin_on(TcpListener::bind("127.0.0.1:0").await.unwrap()).await.unwrap();
        let part = process.part("worker");
        part.running();
        let health = Arc::clone(&process.health);
        process.thread("worker", || panic!("a defect")).unwrap();
        let stop = process.stop.clone();
        process.thread("another", move || while !stop.is_cancelled() {}).unwrap();
        let error = process.finish().await.unwrap_err();
        assert_eq!(failure::code(&error), Some(ErrorCode::WorkerPanicked));
        let (status, body) = health.readiness();
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(body["parts"]["worker"]["code"], "worker_panicked");
    }
}
