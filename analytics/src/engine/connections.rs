//! Connections to the engine, of which strangers cannot take the product's.

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
use super::gate::{Gate, guard};

/// Connections that have not shown the token and may stay open; the oldest goes for a newer one.
/// The product shows it with its first request, so that no number of strangers locks it out.
const STRANGERS: usize = 64;
/// How long the head of a request may take, the wait for it on an open connection included.
const HEAD: Duration = Duration::from_secs(10);
/// The largest head: an INSERT's statement stands in the address.
const HEAD_BYTES: usize = 256 << 10;

/// Serves for good.
pub async fn serve(listener: TcpListener, router: Router, token: Token) -> Infallible {
    let token = Arc::new(token);
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    let mut strangers: VecDeque<(JoinHandle<()>, Arc<AtomicBool>)> = VecDeque::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // No more files may be open, for now.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let gate = Gate { token: Arc::clone(&token), known: Arc::default() };
        let known = Arc::clone(&gate.known);
        let service = TowerToHyperService::new(router.clone().layer(from_fn_with_state(gate, guard)));
        let builder = builder.clone();
        let served = tokio::spawn(async move {
            // What ends a connection is its other end's affair.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
        strangers.retain(|(task, known)| !task.is_finished() && !known.load(Ordering::Relaxed));
        if strangers.len() >= STRANGERS
            && let Some((oldest, _)) = strangers.pop_front()
        {
            oldest.abort();
        }
        strangers.push_back((served, known));
    }
}
