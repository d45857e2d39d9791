//! Who may ask the engine: the product, which knows the token, and nobody else on the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::http::failed;
use super::{Token, USER};

const PRODUCT_ALONE: &str = "the embedded engine answers the product alone: send X-ClickHouse-User: default, \
     and as X-ClickHouse-Key what clickhouse.token in the data folder holds";

/// The gate of one connection.
#[derive(Clone)]
pub struct Gate {
    pub token: Arc<Token>,
    /// Whether a request on this connection has shown the token.
    pub known: Arc<AtomicBool>,
}

/// Lets a request through, or answers that it may not. The body of a stranger is not read.
pub async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    match admit(request.method(), request.uri().path(), request.headers(), &gate.token) {
        Ok(Visitor::Product) => gate.known.store(true, Ordering::Relaxed),
        Ok(Visitor::Anybody) => {}
        Err(why) => {
            return failed(format!(
                "Code: 516. DB::Exception: {USER}: Authentication failed: {why}. (AUTHENTICATION_FAILED)"
            ));
        }
    }
    next.run(request).await
}

#[derive(Debug, PartialEq, Eq)]
enum Visitor {
    /// Has the token.
    Product,
    /// Asks only whether somebody is there.
    Anybody,
}

/// A page in a browser on this machine can send requests here too. It shows itself by its origin,
/// by the name it calls us by (which its own server may have pointed at this machine), or by what
/// browsers say of every request; and what needs no preflight is refused for want of the token,
/// which no page can send without one.
fn admit(method: &Method, path: &str, headers: &HeaderMap, token: &Token) -> Result<Visitor, &'static str> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let from_elsewhere = text(HeaderName::from_static("sec-fetch-site")).is_some_and(|site| site != "none");
    if headers.contains_key(ORIGIN) || from_elsewhere || !["127.0.0.1", "localhost"].contains(&name) {
        return Err("the embedded engine refuses pages in browsers, and names other than 127.0.0.1");
    }
    match (method, path) {
        (&Method::GET, "/ping") => return Ok(Visitor::Anybody),
        (&Method::POST, _) => {}
        _ => return Err("the embedded engine takes statements by POST alone"),
    }
    let user = headers.get("x-clickhouse-user").is_none_or(|user| user == USER);
    let key = headers.get("x-clickhouse-key").is_some_and(|key| token.is(key.as_bytes()));
    if user && key { Ok(Visitor::Product) } else { Err(PRODUCT_ALONE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers<'a> = &'a [(&'static str, &'a str)];

    #[test]
    fn the_token_opens_and_nothing_else_does() {
        let token = Token::random().unwrap();
        let ask = |method: Method, path: &str, headers: Headers| {
            let mut map = HeaderMap::new();
            map.insert(HOST, "127.0.0.1:9000".parse().unwrap());
            for (name, value) in headers {
                map.insert(HeaderName::from_static(name), value.parse().unwrap());
            }
            admit(&method, path, &map, &token).ok()
        };
        let key = ("x-clickhouse-key", token.as_str());
        let product = Some(Visitor::Product);
        assert_eq!(ask(Method::POST, "/", &[key]), product);
        assert_eq!(ask(Method::POST, "/", &[("x-clickhouse-user", "default"), key]), product);
        assert_eq!(ask(Method::POST, "/", &[("host", "localhost"), key]), product);
        assert_eq!(ask(Method::POST, "/", &[("sec-fetch-site", "none"), key]), product);
        assert_eq!(ask(Method::GET, "/ping", &[]), Some(Visitor::Anybody));

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
        assert!(admit(&Method::POST, "/", &HeaderMap::new(), &token).is_err(), "without a name");
    }
}
