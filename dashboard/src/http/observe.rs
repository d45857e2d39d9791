//! What is measured of every request: how long its answer took and how it ended. A request is
//! named by the template of its route, never by its address: addresses hold application numbers
//! and user names, and anybody can make up new ones.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::metric;

/// The route of what is at no route.
const NO_ROUTE: &str = "none";
/// The status of a request that ended without an answer.
const NO_ANSWER: &str = "none";

/// Measures one request to `server`.
pub async fn observe(State(server): State<&'static str>, request: Request, next: Next) -> Response {
    let mut measurement = Measurement::begin(server, &request);
    let response = next.run(request).await;
    measurement.status = class(response.status());
    response
}

/// A request that is being answered. It is recorded when dropped, so that a request whose client
/// leaves before the answer, and which is dropped half done, is recorded as well.
struct Measurement {
    server: &'static str,
    method: &'static str,
    route: String,
    status: &'static str,
    began: Instant,
}

impl Measurement {
    fn begin(server: &'static str, request: &Request) -> Self {
        metrics::gauge!(metric::HTTP_IN_FLIGHT, "server" => server).increment(1);
        let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str);
        Self {
            server,
            method: method(request.method()),
            route: route.to_owned(),
            status: NO_ANSWER,
            began: Instant::now(),
        }
    }
}

impl Drop for Measurement {
    fn drop(&mut self) {
        metrics::gauge!(metric::HTTP_IN_FLIGHT, "server" => self.server).decrement(1);
        metrics::histogram!(
            metric::HTTP_REQUEST_SECONDS,
            "server" => self.server,
            "method" => self.method,
            "route" => std::mem::take(&mut self.route),
            "status" => self.status,
        )
        .record(self.began.elapsed());
    }
}

/// The methods that our routes have; clients may invent others.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::Router;
    use axum::routing::{get, post};
    use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::task::yield_now;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::http::{Limits, serve};

    fn recorder() -> PrometheusRecorder {
        PrometheusBuilder::new().build_recorder()
    }

    fn router() -> Router {
        Router::new()
            .route("/basvurular/{no}", get(|| async { "page" }))
            .route("/giris", post(|| async { StatusCode::UNAUTHORIZED }))
            .route("/never", get(pending::<()>))
    }

    async fn ask(stream: &mut TcpStream, method: &str, path: &str) {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
    }

    #[tokio::test]
    async fn requests_are_counted_by_route_template_method_and_status_class() {
        let recorder = recorder();
        let _here = metrics::set_default_local_recorder(&recorder);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let served = tokio::spawn(serve("test", listener, router(), Limits::health(), stop.clone()));
        for (method, path) in [
            ("GET", "/basvurular/2026-06-000123-000?ad=Ay%C5%9Fe"),
            ("GET", "/basvurular/2026-06-000124-000"),
            ("BREW", "/basvurular/2026-06-000124-000"),
            ("POST", "/giris"),
            ("GET", "/yok/10000000146"),
        ] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            ask(&mut stream, method, path).await;
            stream.read_to_end(&mut Vec::new()).await.unwrap();
        }
        stop.cancel();
        served.await.unwrap().unwrap();
        let told = recorder.handle().render();
        for (labels, count) in [
            (r#"method="GET",route="/basvurular/{no}",status="2xx""#, 2),
            (r#"method="other",route="/basvurular/{no}",status="4xx""#, 1),
            (r#"method="POST",route="/giris",status="4xx""#, 1),
            (r#"method="GET",route="none",status="4xx""#, 1),
        ] {
            let line = format!("{}_count{{server=\"test\",{labels}}} {count}", metric::HTTP_REQUEST_SECONDS);
            assert!(told.contains(&line), "{line} is not in {told}");
        }
        assert!(told.contains(&format!("{}{{server=\"test\"}} 0", metric::HTTP_IN_FLIGHT)), "{told}");
        // The measured seconds have digits of their own.
        for personal in ["000123-", "000124-", "yok", "BREW", "Ay"] {
            assert!(!told.contains(personal), "{personal} is in {told}");
        }
    }

    #[tokio::test]
    async fn a_request_nobody_waits_for_is_counted_as_unanswered() {
        let recorder = recorder();
        let _here = metrics::set_default_local_recorder(&recorder);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let served = tokio::spawn(serve("test", listener, router(), Limits::health(), stop.clone()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream, "GET", "/never").await;
        let in_flight = |n| format!("{}{{server=\"test\"}} {n}", metric::HTTP_IN_FLIGHT);
        while !recorder.handle().render().contains(&in_flight(1)) {
            yield_now().await;
        }
        drop(stream);
        while !recorder.handle().render().contains(&in_flight(0)) {
            yield_now().await;
        }
        let told = recorder.handle().render();
        assert!(told.contains(r#"route="/never",status="none"} 1"#), "{told}");
        stop.cancel();
        served.await.unwrap().unwrap();
    }

    #[test]
    fn every_status_has_a_class() {
        for (status, expected) in [(100, "1xx"), (204, "2xx"), (303, "3xx"), (429, "4xx"), (503, "5xx")] {
            assert_eq!(class(StatusCode::from_u16(status).unwrap()), expected);
        }
    }
}
