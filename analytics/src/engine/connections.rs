//! Connections to the engine. Strangers cannot use up those of the product.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Token;
use super::authorization::{Authorization, authorize};

/// How many connections without a valid token may be open. The oldest makes room for a new one: the
/// product sends the token with its first request, so no number of strangers locks it out. After a
/// stall of this process all that waited in the listener are accepted before any is read: those are
/// at most 129 (the standard library's backlog), and must not make room for each other.
const MAX_UNAUTHORIZED: usize = 256;
/// How long the header of a request may take, including the wait for it on an open connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest header: the statement of an INSERT is part of the URL.
const MAX_HEADER_BYTES: usize = 256 << 10;
/// How long to wait when no more files may be open.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Serves until the process ends.
pub async fn serve(listener: TcpListener, router: Router, token: Token) -> Infallible {
    let token = Arc::new(token);
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_HEADER_BYTES);
    let mut unauthorized: VecDeque<(JoinHandle<()>, Arc<AtomicBool>)> = VecDeque::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_RETRY).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let authorization = Authorization { token: Arc::clone(&token), granted: Arc::default() };
        let granted = Arc::clone(&authorization.granted);
        let service =
            TowerToHyperService::new(router.clone().layer(from_fn_with_state(authorization, authorize)));
        let builder = builder.clone();
        let served = tokio::spawn(async move {
            // An error here concerns only the client.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
        unauthorized.retain(|(task, granted)| !task.is_finished() && !granted.load(Ordering::Relaxed));
        if unauthorized.len() >= MAX_UNAUTHORIZED
            && let Some((oldest, _)) = unauthorized.pop_front()
        {
            oldest.abort();
        }
        unauthorized.push_back((served, granted));
    }
}
