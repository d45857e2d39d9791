//! Who may send statements to the engine: the product, which has the token, and nobody else on the
//! machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::http::exception_response;
use super::{Token, USER};
use crate::exception::{Exception, code};

const TOKEN_REQUIRED: &str = "the embedded engine answers the product alone: send X-ClickHouse-User: default, \
     and as X-ClickHouse-Key what clickhouse.token in the data folder holds";

/// The authorization of one connection.
#[derive(Clone)]
pub struct Authorization {
    pub token: Arc<Token>,
    /// Whether a request on this connection has had the token.
    pub granted: Arc<AtomicBool>,
}

/// Middleware: answers with an exception if the request is not allowed. The body is then not read.
pub async fn authorize(State(authorization): State<Authorization>, request: Request, next: Next) -> Response {
    match check(request.method(), request.uri().path(), request.headers(), &authorization.token) {
        Ok(Caller::Product) => authorization.granted.store(true, Ordering::Relaxed),
        Ok(Caller::Anybody) => {}
        Err(why) => {
            return exception_response(&Exception::new(
                code::AUTHENTICATION_FAILED,
                format_args!("{USER}: Authentication failed: {why}. (AUTHENTICATION_FAILED)"),
            ));
        }
    }
    next.run(request).await
}

#[derive(Debug, PartialEq, Eq)]
enum Caller {
    /// Has the token.
    Product,
    /// Asks only whether the engine is up.
    Anybody,
}

/// A page in a browser on this machine can send requests here, too. It is recognised by its origin,
/// by the host name that it uses (which its own server may resolve to this machine), or by the
/// headers that browsers add to every request. A request that needs no preflight is refused anyway,
/// because it cannot carry the token.
fn check(method: &Method, path: &str, headers: &HeaderMap, token: &Token) -> Result<Caller, &'static str> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let cross_site = text(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site != "none");
    if headers.contains_key(ORIGIN) || cross_site || !["127.0.0.1", "localhost"].contains(&name) {
        return Err("the embedded engine refuses pages in browsers, and names other than 127.0.0.1");
    }
    match (method, path) {
        (&Method::GET, "/ping") => return Ok(Caller::Anybody),
        (&Method::POST, _) => {}
        _ => return Err("the embedded engine takes statements by POST alone"),
    }
    let user = headers.get("x-clickhouse-user").is_none_or(|user| user == USER);
    let key = headers.get("x-clickhouse-key").is_some_and(|key| token.is(key.as_bytes()));
    if user && key { Ok(Caller::Product) } else { Err(TOKEN_REQUIRED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers<'a> = &'a [(&'static str, &'a str)];

    #[test]
    fn only_the_token_authorizes() {
        let token = Token::random().unwrap();
        let ask = |method: Method, path: &str, headers: Headers| {
            let mut map = HeaderMap::new();
            map.insert(HOST, "127.0.0.1:9000".parse().unwrap());
            for (name, value) in headers {
                map.insert(HeaderName::from_static(name), value.parse().unwrap());
            }
            check(&method, path, &map, &token).ok()
        };
        let key = ("x-clickhouse-key", token.as_str());
        let product = Some(Caller::Product);
        assert_eq!(ask(Method::POST, "/", &[key]), product);
        assert_eq!(ask(Method::POST, "/", &[("x-clickhouse-user", "default"), key]), product);
        assert_eq!(ask(Method::POST, "/", &[("host", "localhost"), key]), product);
        assert_eq!(ask(Method::POST, "/", &[("sec-fetch-site", "none"), key]), product);
        assert_eq!(ask(Method::GET, "/ping", &[]), Some(Caller::Anybody));

        let (short, another) = (&token.as_str()[1..], Token::random().unwrap());
        let refused: [(Method, &str, Headers); 14] = [
            (Method::POST, "/", &[]),
            (Method::POST, "/ping", &[]),
            (Method::POST, "/", &[("x-clickhouse-key", "")]),
            (Method::POST, "/", &[("x-clickhouse-key", short)]),
            (Method::POST, "/", &[("x-clickhouse-key", another.as_str())]),
            (Method::POST, "/", &[("x-clickhouse-user", "root"), key]),
            (Method::GET, "/", &[key]),
            (Method::PUT, "/", &[key]),
            (Method::POST, "/", &[("origin", "null"), key]),
            (Method::POST, "/", &[("sec-fetch-site", "same-origin"), key]),
            (Method::POST, "/", &[("host", "rebound.example:9000"), key]),
            (Method::POST, "/", &[("host", "127.0.0.1.rebound.example"), key]),
            (Method::GET, "/ping", &[("origin", "https://a.example")]),
            (Method::GET, "/ping", &[("host", "rebound.example")]),
        ];
        for (method, path, headers) in refused {
            assert_eq!(ask(method.clone(), path, headers), None, "{method} {path} {headers:?}");
        }
        assert!(check(&Method::POST, "/", &HeaderMap::new(), &token).is_err(), "without a host name");
    }
}
