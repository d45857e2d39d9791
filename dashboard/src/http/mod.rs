//! The HTTP server of the staff web, the portal and health. Clients may be slow, silent or many; the
//! others are still served.

mod body;
mod client;
mod connection_slots;
mod limits;
mod observe;
mod overload;
#[cfg(test)]
mod tests;
mod write_timeout;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header;
use axum::middleware;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

pub use body::{BodyTooSlow, caused_by};
pub use client::{Network, address};
pub use limits::{Limits, Pace, raise_descriptors};

use crate::metric;
use body::{PacedBody, TrackedBody};
use connection_slots::{ConnectionSlot, ConnectionSlots};
use observe::observe;
use overload::OverloadResponder;
use write_timeout::WriteTimeout;

/// The pause after a failed accept (no descriptors, no memory).
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` is cancelled, then lets requests finish for at most
/// [`Limits::shutdown`]. `server` is its name in metrics. Handlers find the peer's address in
/// [`ConnectInfo`].
pub async fn serve(
    server: &'static str,
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) -> io::Result<()> {
    let router = router.layer(middleware::from_fn_with_state(server, observe));
    let slots = ConnectionSlots::new(server, limits.connections, limits.per_client);
    let overload = OverloadResponder::default();
    let (connections, cut) = (TaskTracker::new(), CancellationToken::new());
    let mut failing = false;
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    if !is_clients_fault(&error) {
                        // One warning, however long it lasts.
                        if !std::mem::replace(&mut failing, true) {
                            tracing::warn!(
                                server.name = server,
                                error.message = %error,
                                "{server} can accept no connection"
                            );
                        }
                        sleep(ACCEPT_RETRY).await;
                    }
                    continue;
                }
            },
        };
        failing = false;
        if let Some(slot) = slots.take(Network::of(peer.ip())) {
            let served = connection(stream, peer, router.clone(), slot, limits, stop.clone());
            connections.spawn(cut.clone().run_until_cancelled_owned(served));
        } else {
            metrics::counter!(metric::CONNECTIONS_CUT, "server" => server, "why" => "refused").increment(1);
            overload.respond(stream);
        }
    }
    drop(listener);
    connections.close();
    if timeout(limits.shutdown, connections.wait()).await.is_err() {
        tracing::warn!(
            server.name = server,
            connection.count = connections.len(),
            "requests to {server} that did not end were cut off"
        );
        cut.cancel();
        connections.wait().await;
    }
    Ok(())
}

/// Whether an accept failed because of the client, not of this machine.
fn is_clients_fault(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Serves one connection to its end.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    slot: ConnectionSlot,
    limits: Limits,
    stop: CancellationToken,
) {
    // Without it, small responses wait for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let slot = Arc::new(slot);
    let of_requests = Arc::clone(&slot);
    let service = service_fn(move |request: Request<Incoming>| {
        let busy = of_requests.busy();
        let expects_continue = request.headers().contains_key(header::EXPECT);
        let mut request = request.map(|body| Body::new(PacedBody::new(body, &limits, expects_continue)));
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = router.clone().call(request);
        async move { response.await.map(|response| response.map(|body| TrackedBody::new(body, busy))) }
    });
    let mut served = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header)
            .max_header_size(limits.header_bytes)
            .serve_connection(TokioIo::new(WriteTimeout::new(stream, limits.stall)), service)
    );
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(client.address = %peer.ip(), error.message = %error, "a connection ended");
                }
                return;
            }
            () = slot.evicted() => return,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}
