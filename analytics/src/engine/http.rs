//! The part of ClickHouse's HTTP protocol that the `clickhouse` crate uses.

use std::collections::{HashMap, VecDeque};
use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError};
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

use super::ffi::{Api, Connection, Ended};
use super::lz4;
use super::stream::{self, Header};
use crate::exception::{Exception, code};

/// How many statements run at once; the others wait.
const MAX_STATEMENTS: usize = 8;
/// The largest statement with its parameters. The data of an INSERT has no limit.
const MAX_STATEMENT_BYTES: usize = 64 << 20;
/// After this long without a byte of a body, its sender counts as gone.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// Parameters of the URL that are not settings.
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

/// The engine, as requests use it.
pub struct Endpoint {
    api: &'static Api,
    arguments: Vec<CString>,
    permits: Arc<Semaphore>,
    idle: IdleConnections,
}

impl Endpoint {
    pub fn new(api: &'static Api, arguments: Vec<CString>) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(MAX_STATEMENTS));
        Arc::new(Self { api, arguments, permits, idle: IdleConnections::default() })
    }

    /// Opens a connection and sets it up by these statements ([`Options::session`]).
    fn connect(&self, session: &[String]) -> Result<Connection, Exception> {
        let mut connection = self
            .api
            .open(&self.arguments)
            .ok_or_else(|| Exception::new(code::NETWORK_ERROR, "the engine opened no connection"))?;
        for statement in session {
            connection.query(statement.as_bytes(), "Null", &[])?;
        }
        Ok(connection)
    }

    /// Passes the output of a statement to `each`, block by block. The connection of a SELECT serves the
    /// next one: to open one takes as long as a simple SELECT.
    fn stream(
        &self,
        options: &Options,
        sql: &[u8],
        format: &str,
        each: &mut dyn FnMut(Vec<u8>) -> bool,
    ) -> Result<(), Exception> {
        let session = options.session();
        let mut connection = match self.idle.take(&session) {
            Some(connection) => connection,
            None => self.connect(&session)?,
        };
        if let Ended::Read = connection.stream(sql, format, &options.params, each)? {
            self.idle.keep(session, connection);
        }
        Ok(())
    }
}

/// Connections that have served a SELECT to its end, and nothing else, with what was set up in them.
#[derive(Default)]
struct IdleConnections(Mutex<VecDeque<(Vec<String>, Connection)>>);

impl IdleConnections {
    fn take(&self, session: &[String]) -> Option<Connection> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = idle.iter().rposition(|(of, _)| of == session)?;
        idle.remove(nth).map(|(_, connection)| connection)
    }

    fn keep(&self, session: Vec<String>, connection: Connection) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push_back((session, connection));
        let oldest = if idle.len() > MAX_STATEMENTS { idle.pop_front() } else { None };
        drop(idle);
        // Closing it takes a while.
        drop(oldest);
    }
}

/// The routes, without authorization.
pub fn router(endpoint: Arc<Endpoint>) -> Router {
    Router::new()
        .route("/ping", get(|| async { "Ok.\n" }))
        .route("/", post(handle))
        .layer(DefaultBodyLimit::max(MAX_STATEMENT_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .with_state(endpoint)
}

/// The parameters of a request.
struct Options {
    url: HashMap<String, String>,
    params: Vec<(String, String)>,
}

impl Options {
    /// The statements that set up a connection: its database, and its settings in the order of their names.
    fn session(&self) -> Vec<String> {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('\'', "\\'");
        let database = self.url.get("database").map(|name| format!("USE `{}`", name.replace('`', "")));
        let mut settings: Vec<String> = self
            .url
            .iter()
            .filter(|(name, _)| !NOT_SETTINGS.contains(&name.as_str()) && !name.starts_with("param_"))
            .map(|(name, value)| format!("`{}`='{}'", name.replace('`', ""), quoted(value)))
            .collect();
        settings.sort_unstable();
        let settings = (!settings.is_empty()).then(|| format!("SET {}", settings.join(",")));
        database.into_iter().chain(settings).collect()
    }
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
    let options = Options { url, params };
    match run(endpoint, options, request).await {
        Ok(response) => response,
        Err(exception) => exception_response(&exception),
    }
}

async fn run(endpoint: Arc<Endpoint>, mut options: Options, request: Request) -> Result<Response, Exception> {
    let url_query = options.url.remove("query").unwrap_or_default();
    if let Some((statement, format)) = split_insert(&url_query) {
        return insert(endpoint, options, statement, format, request).await;
    }
    let mut sql = url_query.into_bytes();
    let multipart = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
    if multipart {
        let bad = |e: &dyn std::fmt::Display| Exception::new(code::BAD_ARGUMENTS, e);
        let mut form = Multipart::from_request(request, &()).await.map_err(|e| bad(&e))?;
        while let Some(field) = form.next_field().await.map_err(|e| bad(&e))? {
            let name = field.name().unwrap_or_default().to_owned();
            let value = field.bytes().await.map_err(|e| bad(&e))?;
            if name == "query" {
                sql.extend_from_slice(&value);
            } else if let Some(param) = name.strip_prefix("param_") {
                options.params.push((param.to_owned(), String::from_utf8_lossy(&value).into_owned()));
            }
        }
    } else {
        let mut body = axum::body::to_bytes(request.into_body(), MAX_STATEMENT_BYTES)
            .await
            .map_err(|e| Exception::new(code::NETWORK_ERROR, e))?
            .to_vec();
        if options.url.get("decompress").is_some_and(|v| v == "1") {
            let plain = lz4::decode(&mut body)?;
            if !body.is_empty() {
                return Err(truncated_frame());
            }
            body = plain;
        }
        if !sql.is_empty() && !body.is_empty() {
            sql.push(b'\n');
        }
        sql.extend_from_slice(&body);
    }
    if sql.is_empty() {
        return Ok(ok_response("TabSeparated", "Ok.\n".into()));
    }
    let default_format = options.url.get("default_format");
    let streamed = default_format.and_then(|format| Header::of(format));
    let format = default_format.map_or("TabSeparated", String::as_str).to_owned();
    let permit = Arc::clone(&endpoint.permits).acquire_owned().await.map_err(unknown)?;
    let output_format = format.clone();
    let body = match streamed {
        Some(header) => {
            let select = move |each: &mut dyn FnMut(Vec<u8>) -> bool| {
                let _permit = permit;
                endpoint.stream(&options, &sql, &output_format, each)
            };
            stream::body(header, select).await?
        }
        None => {
            let query = move || {
                let _permit = permit;
                endpoint.connect(&options.session())?.query(&sql, &output_format, &options.params)
            };
            blocking(query).await?.into()
        }
    };
    Ok(ok_response(&format, body))
}

/// An INSERT whose data is the body, handed to the engine as it arrives. If the client goes away
/// before the end, the insert is cancelled and nothing of it is kept.
async fn insert(
    endpoint: Arc<Endpoint>,
    options: Options,
    statement: String,
    format: String,
    request: Request,
) -> Result<Response, Exception> {
    let _permit = endpoint.permits.acquire().await.map_err(unknown)?;
    let compressed = options.url.get("decompress").is_some_and(|v| v == "1");
    let (chunks, mut received) = mpsc::channel::<Result<Option<Vec<u8>>, Exception>>(8);
    let worker = Arc::clone(&endpoint);
    let task = tokio::spawn(blocking(move || {
        worker.connect(&options.session())?.insert(&statement, &format, || {
            received
                .blocking_recv()
                .unwrap_or_else(|| Err(Exception::new(code::NETWORK_ERROR, "the client went away")))
        })
    }));
    let mut body = request.into_body().into_data_stream();
    let mut waiting = Vec::new();
    let end = loop {
        let chunk = match body.next().await {
            None if waiting.is_empty() => break Ok(None),
            None => break Err(truncated_frame()),
            Some(Err(e)) => break Err(Exception::new(code::NETWORK_ERROR, e)),
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
            // The engine has ended the insert: its task returns why.
            break Ok(None);
        }
    };
    // A closed channel means that the task has ended, with its own result.
    let _ = chunks.send(end).await;
    task.await.map_err(|e| Exception::new(code::POCO_EXCEPTION, e))??;
    Ok(ok_response("Null", Body::empty()))
}

async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, Exception> + Send + 'static,
) -> Result<T, Exception> {
    tokio::task::spawn_blocking(f).await.map_err(|e| Exception::new(code::POCO_EXCEPTION, e))?
}

/// `INSERT INTO t(a, b) FORMAT X` → (`INSERT INTO t(a, b)`, `X`).
fn split_insert(sql: &str) -> Option<(String, String)> {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    if !sql.get(..6)?.eq_ignore_ascii_case("insert") {
        return None;
    }
    let (statement, format) = sql.rsplit_once(char::is_whitespace)?;
    let statement = statement.trim_end();
    let (statement, keyword) = statement.split_at_checked(statement.len().checked_sub(6)?)?;
    let fits = keyword.eq_ignore_ascii_case("format")
        && format.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    fits.then(|| (statement.trim_end().to_owned(), format.to_owned()))
}

fn truncated_frame() -> Exception {
    Exception::new(code::CANNOT_READ_ALL_DATA, "Cannot read all data: a truncated frame")
}

fn unknown(error: impl std::fmt::Display) -> Exception {
    Exception::new(code::UNKNOWN_EXCEPTION, error)
}

/// The status that ClickHouse answers an exception with.
const fn status_of(exception: &Exception) -> StatusCode {
    match exception.code() {
        code::UNKNOWN_TABLE | code::UNKNOWN_DATABASE | code::UNKNOWN_FUNCTION => StatusCode::NOT_FOUND,
        code::SYNTAX_ERROR
        | code::UNKNOWN_IDENTIFIER
        | code::TYPE_MISMATCH
        | code::BAD_ARGUMENTS
        | code::UNKNOWN_QUERY_PARAMETER
        | code::UNKNOWN_SETTING
        | code::CANNOT_READ_ALL_DATA
        | code::CHECKSUM_DOESNT_MATCH
        | code::UNKNOWN_COMPRESSION_METHOD
        | code::CANNOT_DECOMPRESS => StatusCode::BAD_REQUEST,
        code::ACCESS_DENIED | code::AUTHENTICATION_FAILED => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The response for an exception.
pub fn exception_response(exception: &Exception) -> Response {
    let code = exception.code().to_string();
    let headers = [("X-ClickHouse-Exception-Code", code.as_str())];
    response(status_of(exception), &headers, exception.text().to_owned().into())
}

fn ok_response(format: &str, body: Body) -> Response {
    let headers = [("X-ClickHouse-Format", format), ("X-ClickHouse-Exception-Tag", &stream::EXCEPTION_TAG)];
    response(StatusCode::OK, &headers, body)
}

fn response(status: StatusCode, headers: &[(&str, &str)], body: Body) -> Response {
    let mut builder = Response::builder().status(status).header("X-ClickHouse-Timezone", "UTC");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
}
