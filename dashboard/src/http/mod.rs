//! How HTTP is served, the same for the staff web, the stand-in and health: who connects may be
//! slow, silent or many, and the others still get their pages.

mod body;
mod client;
mod limits;
mod observe;
mod places;
mod refuse;
mod stall;
#[cfg(test)]
mod tests;

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

pub use body::{Slow, caused_by};
pub use client::{Network, address};
pub use limits::{Limits, Pace, raise_descriptors};

use crate::metric;
use body::{Held, Paced};
use observe::observe;
use places::{Place, Places};
use refuse::Refusals;
use stall::Stalls;

/// How long nobody is accepted when the machine gives no connection (no descriptors, no memory).
const BREATH: Duration = Duration::from_millis(100);

/// Serves `router` until `stop` is cancelled, then lets requests finish for
/// [`Limits::goodbye`] at most. `server` names it in metrics. Handlers find who connected in
/// [`ConnectInfo`].
pub async fn serve(
    server: &'static str,
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) -> io::Result<()> {
    let router = router.layer(middleware::from_fn_with_state(server, observe));
    let places = Places::new(server, limits.connections, limits.per_client);
    let refusals = Refusals::default();
    let (connections, cut) = (TaskTracker::new(), CancellationToken::new());
    let mut failing = false;
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    if !went_away(&error) {
                        // Once, however long it lasts.
                        if !std::mem::replace(&mut failing, true) {
                            tracing::warn!(
                                server.name = server,
                                error.message = %error,
                                "{server} can accept no connection"
                            );
                        }
                        sleep(BREATH).await;
                    }
                    continue;
                }
            },
        };
        failing = false;
        if let Some(place) = places.take(Network::of(peer.ip())) {
            let served = connection(stream, peer, router.clone(), place, limits, stop.clone());
            connections.spawn(cut.clone().run_until_cancelled_owned(served));
        } else {
            metrics::counter!(metric::CONNECTIONS_CUT, "server" => server, "why" => "refused").increment(1);
            refusals.refuse(stream);
        }
    }
    drop(listener);
    connections.close();
    if timeout(limits.goodbye, connections.wait()).await.is_err() {
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

/// Whether it is who connected that failed, not this machine.
fn went_away(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// One connection, to its end.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    place: Place,
    limits: Limits,
    stop: CancellationToken,
) {
    // Without it, small answers wait for the last acknowledgement.
    let _ = stream.set_nodelay(true);
    let place = Arc::new(place);
    let asked = Arc::clone(&place);
    let service = service_fn(move |request: Request<Incoming>| {
        let busy = asked.busy();
        let asks = request.headers().contains_key(header::EXPECT);
        let mut request = request.map(|body| Body::new(Paced::new(body, &limits, asks)));
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().call(request);
        async move { answer.await.map(|response| response.map(|body| Held::new(body, busy))) }
    });
    let mut served = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header)
            .max_header_size(limits.header_bytes)
            .serve_connection(TokioIo::new(Stalls::new(stream, limits.stall)), service)
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
            () = place.gives_way() => return,
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}
