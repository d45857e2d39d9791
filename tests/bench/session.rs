//! A person at the dashboard, over HTTP as a proxy forwards it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::page::{Form, Page};
use crate::product::{PASSWORD, Person};

/// Whoever has waited this long has given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The connections of the proxy, which all people share.
#[derive(Clone)]
pub struct Proxy {
    client: Client<HttpConnector, Full<Bytes>>,
    dashboard: String,
}

/// A browser with its cookies.
pub struct Session {
    proxy: Proxy,
    /// From where the proxy says that it comes.
    address: Ipv4Addr,
    cookies: BTreeMap<String, String>,
}

/// Why there is no page.
#[derive(Debug)]
pub enum Failure {
    /// Somebody else changed the application first.
    Conflict,
    Other(String),
}

impl Proxy {
    pub fn new(dashboard: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            // Behind a proxy the dashboard closes a connection that is idle for 75 s.
            .pool_idle_timeout(Duration::from_secs(60))
            .build(connector);
        Self { client, dashboard: dashboard.to_owned() }
    }

    /// Logs a person in. `nth` tells their browser from the others'.
    pub async fn log_in(&self, nth: usize, person: &Person) -> Session {
        let address = Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(nth).unwrap());
        let mut session = Session { proxy: self.clone(), address, cookies: BTreeMap::new() };
        let page = session.get("/giris").await.unwrap();
        let form = page.form("/giris").unwrap().with("kullanici", &person.name).with("sifre", PASSWORD);
        let answer = session.post(&form).await.unwrap();
        assert_eq!(answer.location.as_deref(), Some("/moduller"), "{} is not let in", person.name);
        session
    }
}

impl Session {
    pub async fn get(&mut self, path: &str) -> Result<Page, Failure> {
        self.send(Method::GET, path, String::new()).await
    }

    /// Sends a form, without following its redirect.
    pub async fn post(&mut self, form: &Form) -> Result<Page, Failure> {
        self.send(Method::POST, &form.action, form.body()).await
    }

    async fn send(&mut self, method: Method, path: &str, body: String) -> Result<Page, Failure> {
        let what = format!("{method} {path}");
        let answer = timeout(PATIENCE, self.exchange(method, path, body)).await;
        let page = match answer {
            Ok(Ok(page)) => page,
            Ok(Err(error)) => return Err(Failure::Other(format!("{what}: {error}"))),
            Err(_) => return Err(Failure::Other(format!("{what}: no answer in {PATIENCE:?}"))),
        };
        match page.status {
            StatusCode::OK | StatusCode::SEE_OTHER => Ok(page),
            StatusCode::CONFLICT => Err(Failure::Conflict),
            status => Err(Failure::Other(format!("{what}: {status} {}", page.alert()))),
        }
    }

    async fn exchange(&mut self, method: Method, path: &str, body: String) -> Result<Page, String> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.proxy.dashboard))
            .header("x-forwarded-for", self.address.to_string())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(COOKIE, cookies.join("; "))
            .body(Full::from(body))
            .unwrap();
        let answer = self.proxy.client.request(request).await.map_err(|error| format!("{error:?}"))?;
        let (head, body) = answer.into_parts();
        for cookie in head.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok(Page {
            status: head.status,
            location: head.headers.get(LOCATION).map(|to| to.to_str().unwrap().to_owned()),
            html: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}
