//! As much of ClickHouse's HTTP protocol as the `clickhouse` crate speaks.

use std::collections::HashMap;
use std::ffi::CString;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Query, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use axum::routing::{get, post};
use futures_util::StreamExt;
use tokio::sync::{Semaphore, mpsc};
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::ffi::{Api, Connection, Exception};
use super::lz4;
use super::stream::{self, Header};

/// Statements that run at once; the rest wait.
const AT_ONCE: usize = 8;
/// The largest statement with its parameters; an INSERT's data has no limit.
const STATEMENT_BYTES: usize = 64 << 20;
/// After this long without a byte of a body, its sender is taken for gone.
const SILENCE: Duration = Duration::from_secs(60);
/// URL parameters that are not settings.
const NOT_SETTINGS: [&str; 12] = [
    "query",
    "database",
    "default_format",
    "compress",
    "decompress",
    "query_id",
    "user",
    "password",
    "role",
    "session_id",
    "enable_http_compression",
    "client_protocol_version",
];

/// The engine as requests see it.
pub struct Endpoint {
    api: &'static Api,
    arguments: Vec<CString>,
    permits: Arc<Semaphore>,
}

impl Endpoint {
    pub fn new(api: &'static Api, arguments: Vec<CString>) -> Arc<Self> {
        Arc::new(Self { api, arguments, permits: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    /// A connection of its own for one request, with its database and settings.
    fn connect(&self, asked: &Asked) -> Result<Connection, Exception> {
        let mut connection = self
            .api
            .open(&self.arguments)
            .ok_or_else(|| "Code: 210. DB::Exception: the engine opened no connection".to_owned())?;
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
        if let Some(database) = asked.url.get("database") {
            connection.query(format!("USE `{}`", database.replace('`', "")).as_bytes(), "Null", &[])?;
        }
        let settings: Vec<String> = asked
            .url
            .iter()
            .filter(|(name, _)| !NOT_SETTINGS.contains(&name.as_str()) && !name.starts_with("param_"))
            .map(|(name, value)| format!("`{}`='{}'", name.replace('`', ""), quoted(value)))
            .collect();
        if !settings.is_empty() {
            connection.query(format!("SET {}", settings.join(",")).as_bytes(), "Null", &[])?;
        }
        Ok(connection)
    }
}

/// The routes, for whom the gate lets through.
pub fn router(endpoint: Arc<Endpoint>) -> Router {
    Router::new()
        .route("/ping", get(|| async { "Ok.\n" }))
        .route("/", post(handle))
        .layer(DefaultBodyLimit::max(STATEMENT_BYTES))
        .layer(RequestBodyTimeoutLayer::new(SILENCE))
        .with_state(endpoint)
}

/// What a request asks, apart from an INSERT's data.
struct Asked {
    url: HashMap<String, String>,
    params: Vec<(String, String)>,
}

async fn handle(
    State(endpoint): State<Arc<Endpoint>>,
    Query(url): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    let params = url
        .iter()
        .filter_map(|(name, v)| name.strip_prefix("param_").map(|n| (n.to_owned(), v.clone())))
        .collect();
    let asked = Asked { url, params };
    match run(endpoint, asked, request).await {
        Ok(response) => response,
        Err(exception) => failed(exception),
    }
}

async fn run(endpoint: Arc<Endpoint>, mut asked: Asked, request: Request) -> Result<Response, Exception> {
    let in_url = asked.url.remove("query").unwrap_or_default();
    if let Some((head, format)) = split_insert(&in_url) {
        return insert(endpoint, asked, head, format, request).await;
    }
    let mut sql = in_url.into_bytes();
    let multipart = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
    if multipart {
        let bad = |e: &dyn std::fmt::Display| format!("Code: 36. DB::Exception: {e}");
        let mut form = Multipart::from_request(request, &()).await.map_err(|e| bad(&e))?;
        while let Some(field) = form.next_field().await.map_err(|e| bad(&e))? {
            let name = field.name().unwrap_or_default().to_owned();
            let value = field.bytes().await.map_err(|e| bad(&e))?;
            if name == "query" {
                sql.extend_from_slice(&value);
            } else if let Some(param) = name.strip_prefix("param_") {
                asked.params.push((param.to_owned(), String::from_utf8_lossy(&value).into_owned()));
            }
        }
    } else {
        let mut body = axum::body::to_bytes(request.into_body(), STATEMENT_BYTES)
            .await
            .map_err(|e| format!("Code: 210. DB::Exception: {e}"))?
            .to_vec();
        if asked.url.get("decompress").is_some_and(|v| v == "1") {
            let plain = lz4::decode(&mut body)?;
            if !body.is_empty() {
                return Err("Code: 33. DB::Exception: Cannot read all data: a truncated frame".into());
            }
            body = plain;
        }
        if !sql.is_empty() && !body.is_empty() {
            sql.push(b'\n');
        }
        sql.extend_from_slice(&body);
    }
    if sql.is_empty() {
        return Ok(answer("TabSeparated", "Ok.\n".into()));
    }
    let asked_format = asked.url.get("default_format");
    let streamed = asked_format.and_then(|format| Header::of(format));
    let format = asked_format.map_or("TabSeparated", String::as_str).to_owned();
    let permit = Arc::clone(&endpoint.permits).acquire_owned().await.map_err(|e| e.to_string())?;
    let named = format.clone();
    let body = match streamed {
        Some(header) => {
            let select = move |each: &mut dyn FnMut(Vec<u8>) -> bool| {
                let _permit = permit;
                endpoint.connect(&asked)?.stream(&sql, &named, &asked.params, each)
            };
            stream::body(header, select).await?
        }
        None => {
            let whole = move || {
                let _permit = permit;
                endpoint.connect(&asked)?.query(&sql, &named, &asked.params)
            };
            blocking(whole).await?.into()
        }
    };
    Ok(answer(&format, body))
}

/// An INSERT whose data is the body, handed to the engine as it arrives. When the client goes
/// before the end, the insert is cancelled and nothing of it is kept.
async fn insert(
    endpoint: Arc<Endpoint>,
    asked: Asked,
    head: String,
    format: String,
    request: Request,
) -> Result<Response, Exception> {
    let _permit = endpoint.permits.acquire().await.map_err(|e| e.to_string())?;
    let compressed = asked.url.get("decompress").is_some_and(|v| v == "1");
    let (chunks, mut received) = mpsc::channel::<Result<Option<Vec<u8>>, Exception>>(8);
    let worker = Arc::clone(&endpoint);
    let job = tokio::spawn(blocking(move || {
        worker.connect(&asked)?.insert(&head, &format, || {
            received
                .blocking_recv()
                .unwrap_or_else(|| Err("Code: 210. DB::Exception: the client went away".into()))
        })
    }));
    let mut body = request.into_body().into_data_stream();
    let mut waiting = Vec::new();
    let end = loop {
        let chunk = match body.next().await {
            None if waiting.is_empty() => break Ok(None),
            None => break Err("Code: 33. DB::Exception: Cannot read all data: a truncated frame".to_owned()),
            Some(Err(e)) => break Err(format!("Code: 210. DB::Exception: {e}")),
            Some(Ok(chunk)) if !compressed => chunk.to_vec(),
            Some(Ok(chunk)) => {
                waiting.extend_from_slice(&chunk);
                match lz4::decode(&mut waiting) {
                    Ok(plain) => plain,
                    Err(exception) => break Err(exception),
                }
            }
        };
        if !chunk.is_empty() && chunks.send(Ok(Some(chunk))).await.is_err() {
            // The engine has ended the insert already: the job knows why.
            break Ok(None);
        }
    };
    // A closed channel means that the job has ended, with its own reason.
    let _ = chunks.send(end).await;
    job.await.map_err(|e| format!("Code: 1000. DB::Exception: {e}"))??;
    Ok(answer("Null", Body::empty()))
}

async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, Exception> + Send + 'static,
) -> Result<T, Exception> {
    tokio::task::spawn_blocking(f).await.map_err(|e| format!("Code: 1000. DB::Exception: {e}"))?
}

/// `INSERT INTO t(a, b) FORMAT X` → (`INSERT INTO t(a, b)`, `X`).
fn split_insert(sql: &str) -> Option<(String, String)> {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    if !sql.get(..6)?.eq_ignore_ascii_case("insert") {
        return None;
    }
    let (head, format) = sql.rsplit_once(char::is_whitespace)?;
    let head = head.trim_end();
    let (head, keyword) = head.split_at_checked(head.len().checked_sub(6)?)?;
    let fits = keyword.eq_ignore_ascii_case("format")
        && format.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then(|| (head.trim_end().to_owned(), format.to_owned()))
}

fn code_of(exception: &str) -> String {
    let digits: String = exception
        .split_once("Code: ")
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect())
        .unwrap_or_default();
    if digits.is_empty() { "1002".into() } else { digits }
}

fn status_of(code: &str) -> StatusCode {
    match code {
        "60" | "81" | "46" => StatusCode::NOT_FOUND,
        "62" | "47" | "53" | "36" | "456" | "115" | "33" | "40" | "89" | "271" => StatusCode::BAD_REQUEST,
        "497" | "516" => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The answer that an exception is.
pub fn failed(exception: Exception) -> Response {
    let code = code_of(&exception);
    reply(status_of(&code), &[("X-ClickHouse-Exception-Code", &code)], exception.into())
}

fn answer(format: &str, body: Body) -> Response {
    reply(
        StatusCode::OK,
        &[("X-ClickHouse-Format", format), ("X-ClickHouse-Exception-Tag", &stream::TAG)],
        body,
    )
}

fn reply(status: StatusCode, headers: &[(&str, &str)], body: Body) -> Response {
    let mut builder = Response::builder().status(status).header("X-ClickHouse-Timezone", "UTC");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
}
