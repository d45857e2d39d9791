//! Over real sockets. Times are short where their end is awaited, and without end where it must
//! not come: nothing here is measured.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Limits, Pace, Slow, caused_by, serve};

const NEVER: Duration = Duration::from_hours(1);
const SOON: Duration = Duration::from_millis(50);

fn patient() -> Limits {
    Limits {
        connections: 100,
        per_client: 100,
        header: NEVER,
        header_bytes: 32 * 1024,
        pace: Pace { idle: NEVER, grace: NEVER, floor: 1 },
        unread: 64 * 1024 * 1024,
        stall: NEVER,
        goodbye: NEVER,
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
        Err(error) if caused_by::<Slow>(&error) => (StatusCode::REQUEST_TIMEOUT, String::new()),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    }
}

/// All that comes until the other end closes. A server that never does fails the test by never
/// coming back.
async fn end(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

async fn answer(stream: &mut TcpStream, last: &str) {
    let (mut said, mut part) = (String::new(), [0; 1024]);
    while !said.ends_with(last) {
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "closed after {said:?}");
        said.push_str(std::str::from_utf8(&part[..read]).unwrap());
    }
}

#[tokio::test]
async fn the_silent_and_the_half_done_are_cut_off() {
    let server = Server::start(Limits { header: SOON, ..patient() }).await;
    end(server.send(b"").await).await;
    end(server.send(b"GET / HTTP/1.1\r\nhost: x\r\n").await).await;
    let mut between_two = server.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut between_two, "page").await;
    end(between_two).await;
}

#[tokio::test]
async fn a_body_that_stops_is_cut_off() {
    let idle = Pace { idle: SOON, grace: NEVER, floor: 1 };
    let server = Server::start(Limits { pace: idle, ..patient() }).await;
    let half = server.send(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert!(end(half).await.starts_with("HTTP/1.1 408"));
    let nobody_reads =
        server.send(b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf").await;
    assert!(end(nobody_reads).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn a_body_that_drips_is_cut_off_and_one_at_its_pace_is_not() {
    // Never silent for long, and far below a mebibyte a second.
    let floor = Pace { idle: NEVER, grace: SOON, floor: 1024 * 1024 };
    let server = Server::start(Limits { pace: floor, ..patient() }).await;
    let drip = server.send(b"POST /read HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n").await;
    let (mut from, mut to) = drip.into_split();
    let dripping = tokio::spawn(async move {
        while to.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let mut said = Vec::new();
    let _ = from.read_to_end(&mut said).await;
    assert!(said.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&said));
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
async fn who_takes_nothing_of_an_answer_is_cut_off() {
    let server = Server::start(Limits { stall: SOON, goodbye: NEVER, ..patient() }).await;
    let stream = server.send(b"GET /long HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // The server waits for its connections: that this ends is what is tested.
    server.stop.cancel();
    server.served.await.unwrap().unwrap();
    drop(stream);
}

#[tokio::test]
async fn a_header_has_a_bound() {
    let server = Server::start(patient()).await;
    let long = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(40 * 1024));
    assert!(end(server.send(long.as_bytes()).await).await.starts_with("HTTP/1.1 431"));
}

/// Everybody here has one address.
#[tokio::test]
async fn idle_connections_keep_nobody_out() {
    let server = Server::start(Limits { connections: 40, per_client: 20, ..patient() }).await;
    let mut idle = Vec::new();
    for n in 0..400 {
        idle.push(server.send(if n % 2 == 0 { b"" } else { b"GET / HTTP/1.1\r\nho" }).await);
    }
    for _ in 0..10 {
        assert!(server.get("/").await.ends_with("page"));
    }
    // The first had to go.
    end(idle.swap_remove(0)).await;
}

#[tokio::test]
async fn who_finds_no_place_is_told_at_once() {
    let server = Server::start(Limits { connections: 4, per_client: 2, ..patient() }).await;
    let mut busy = Vec::new();
    for _ in 0..2 {
        busy.push(server.send(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await);
    }
    // Until both are being answered, an idle one may still give way.
    let refused = loop {
        let said = server.get("/").await;
        if said.starts_with("HTTP/1.1 503") {
            break said;
        }
    };
    assert!(refused.contains("retry-after") && refused.contains("too_many_connections"), "{refused}");
    drop(busy);
    while !server.get("/").await.ends_with("page") {}
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_break_the_answer() {
    let server = Server::start(patient()).await;
    let length = 24 * 1024 * 1024;
    // The second as many proxies do.
    for more in ["", "connection: close\r\n"] {
        let head = format!("POST /unread HTTP/1.1\r\nhost: x\r\n{more}content-length: {length}\r\n\r\n");
        let mut stream = server.send(head.as_bytes()).await;
        // As browsers do: all is sent before anything is read.
        stream.write_all(&vec![b'x'; length]).await.unwrap();
        answer(&mut stream, "refused").await;
        if more.is_empty() {
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            answer(&mut stream, "page").await;
        }
    }
}

#[tokio::test]
async fn what_is_never_read_has_a_bound() {
    let server = Server::start(Limits { unread: 1024 * 1024, ..patient() }).await;
    let mut stream =
        server.send(b"POST /unread HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n").await;
    let part = vec![b'x'; 1024 * 1024];
    let refused = async {
        for _ in 0..1000 {
            stream.write_all(&part).await?;
        }
        Ok::<(), std::io::Error>(())
    };
    assert!(refused.await.is_err(), "a gigabyte was taken in");
}

#[tokio::test]
async fn a_stop_waits_for_requests_and_not_for_ever() {
    let server = Server::start(Limits { goodbye: SOON, ..patient() }).await;
    let idle = server.send(b"").await;
    let endless = server.send(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(server.get("/").await.ends_with("page"));
    server.stop.cancel();
    server.served.await.unwrap().unwrap();
    drop((idle, endless));
}
