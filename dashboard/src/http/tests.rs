//! Tests over real sockets. Timeouts are short where a test waits for them, and endless where they
//! must not fire; no test measures time.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::routing::{get, post};
use ebasvuru_workflow::error_code::ErrorCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{BodyTooSlow, Limits, Pace, caused_by, serve};

const NEVER: Duration = Duration::from_hours(1);
const SOON: Duration = Duration::from_millis(50);

fn patient() -> Limits {
    Limits {
        connections: 100,
        per_client: 100,
        header: NEVER,
        header_bytes: 32 * 1024,
        pace: Pace { idle: NEVER, grace: NEVER, floor: 1 },
        drain: 64 * 1024 * 1024,
        stall: NEVER,
        shutdown: NEVER,
    }
}

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let router = Router::new()
            .route("/", get(|| async { "page" }))
            .route("/never", get(std::future::pending::<()>))
            .route("/long", get(|| async { vec![b'x'; 64 * 1024 * 1024] }))
            .route("/unread", post(|_: Request| async { (StatusCode::FORBIDDEN, "refused") }))
            .route("/read", post(read))
            .layer(DefaultBodyLimit::disable());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let served = tokio::spawn(serve("test", listener, router, limits, stop.clone()));
        Self { address, stop, served }
    }

    async fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    async fn get(&self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        end(self.send(request.as_bytes()).await).await
    }
}

async fn read(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> (StatusCode, String) {
    match body {
        Ok(body) => (StatusCode::OK, body.len().to_string()),
        Err(error) if caused_by::<BodyTooSlow>(&error) => (StatusCode::REQUEST_TIMEOUT, String::new()),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    }
}

/// Everything until the server closes the connection. If it never does, the test hangs.
async fn end(mut stream: TcpStream) -> String {
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    String::from_utf8_lossy(&received).into_owned()
}

async fn answer(stream: &mut TcpStream, last: &str) {
    let (mut received, mut part) = (String::new(), [0; 1024]);
    while !received.ends_with(last) {
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "closed after {received:?}");
        received.push_str(std::str::from_utf8(&part[..read]).unwrap());
    }
}

#[tokio::test]
async fn silent_connections_and_incomplete_headers_time_out() {
    let server = Server::start(Limits { header: SOON, ..patient() }).await;
    end(server.send(b"").await).await;
    end(server.send(b"GET / HTTP/1.1\r\nhost: x\r\n").await).await;
    let mut between_two = server.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut between_two, "page").await;
    end(between_two).await;
}

#[tokio::test]
async fn a_body_that_stops_times_out() {
    let idle = Pace { idle: SOON, grace: NEVER, floor: 1 };
    let server = Server::start(Limits { pace: idle, ..patient() }).await;
    let half = server.send(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert!(end(half).await.starts_with("HTTP/1.1 408"));
    let nobody_reads =
        server.send(b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert!(end(nobody_reads).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn a_body_below_the_minimum_pace_times_out() {
    // Never silent for long, and far below a mebibyte per second.
    let floor = Pace { idle: NEVER, grace: SOON, floor: 1024 * 1024 };
    let server = Server::start(Limits { pace: floor, ..patient() }).await;
    let drip = server.send(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n").await;
    let (mut from, mut to) = drip.into_split();
    let dripping = tokio::spawn(async move {
        while to.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let mut received = Vec::new();
    let _ = from.read_to_end(&mut received).await;
    assert!(received.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&received));
    drop(from);
    dripping.await.unwrap();

    let slow = Pace { idle: NEVER, grace: NEVER, floor: 1 };
    let server = Server::start(Limits { pace: slow, ..patient() }).await;
    let head = b"POST /read HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 20\r\n\r\n";
    let mut slow = server.send(head).await;
    for _ in 0..20 {
        slow.write_all(b"x").await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(end(slow).await.ends_with("20"));
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_a_response_is_disconnected() {
    let server = Server::start(Limits { stall: SOON, shutdown: NEVER, ..patient() }).await;
    let stream = server.send(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // The server waits for its connections; this test is that the wait ends.
    server.stop.cancel();
    server.served.await.unwrap().unwrap();
    drop(stream);
}

#[tokio::test]
async fn long_headers_are_refused() {
    let server = Server::start(patient()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(40 * 1024));
    assert!(end(server.send(long.as_bytes()).await).await.starts_with("HTTP/1.1 431"));
}

/// All connections come from one address.
#[tokio::test]
async fn idle_connections_make_room_for_new_ones() {
    let server = Server::start(Limits { connections: 40, per_client: 20, ..patient() }).await;
    let mut idle = Vec::new();
    for n in 0..400 {
        idle.push(server.send(if n % 2 == 0 { b"" } else { b"GET / HTTP/1.1\r\nho" }).await);
    }
    for _ in 0..10 {
        assert!(server.get("/").await.ends_with("page"));
    }
    // The first one was closed.
    end(idle.swap_remove(0)).await;
}

#[tokio::test]
async fn a_full_server_answers_503_at_once() {
    let server = Server::start(Limits { connections: 4, per_client: 2, ..patient() }).await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        busy.push(server.send(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await);
    }
    // Until both are busy, an idle one may still be evicted.
    let refused = loop {
        let received = server.get("/").await;
        if received.starts_with("HTTP/1.1 503") {
            break received;
        }
    };
    assert!(
        refused.contains("retry-after") && refused.contains(ErrorCode::TooManyConnections.as_str()),
        "{refused}"
    );
    drop(busy);
    while !server.get("/").await.ends_with("page") {}
}

#[tokio::test]
async fn an_unread_body_does_not_break_the_response() {
    let server = Server::start(patient()).await;
    let length = 24 * 1024 * 1024;
    // Many proxies send the second.
    for more in ["", "connection: close\r\n"] {
        let head = format!("POST /unread HTTP/1.1\r\nhost: x\r\n{more}content-length: {length}\r\n\r\n");
        let mut stream = server.send(head.as_bytes()).await;
        // Browsers send everything before they read.
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        answer(&mut stream, "refused").await;
        if more.is_empty() {
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            answer(&mut stream, "page").await;
        }
    }
}

#[tokio::test]
async fn only_a_bounded_part_of_an_unread_body_is_received() {
    let server = Server::start(Limits { drain: 1024 * 1024, ..patient() }).await;
    let mut stream =
        server.send(b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n").await;
    let part = vec![b'x'; 1024 * 1024];
    let refused = async {
        for _ in 0..1000 {
            stream.write_all(&part).await?;
        }
        Ok::<(), std::io::Error>(())
    };
    assert!(refused.await.is_err(), "a gigabyte was received");
}

#[tokio::test]
async fn a_stop_waits_for_requests_for_a_limited_time() {
    let server = Server::start(Limits { shutdown: SOON, ..patient() }).await;
    let idle = server.send(b"").await;
    let endless = server.send(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(server.get("/").await.ends_with("page"));
    server.stop.cancel();
    server.served.await.unwrap().unwrap();
    drop((idle, endless));
}
