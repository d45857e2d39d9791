//! A browser without scripts. It keeps cookies, follows no redirects, and sends the token of the last
//! form that it got.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use tower::ServiceExt;

use crate::view::address::percent;

#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    pub csrf: String,
    /// The address that it connects from.
    pub address: IpAddr,
}

#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub location: String,
    pub headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn html(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }
}

impl Browser {
    pub fn new(router: Router) -> Self {
        let address = [192, 0, 2, 1].into();
        Self { router, cookies: BTreeMap::new(), csrf: String::new(), address }
    }

    /// The same browser on another replica.
    pub fn at(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.csrf.clone();
        let fields = [("csrf", token.as_str())].into_iter().chain(fields.iter().copied());
        let body: Vec<String> = fields.map(|(n, v)| format!("{n}={}", percent(v))).collect();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body.join("&"))).await
    }

    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], name: &str, content: &[u8]) -> Page {
        let token = self.csrf.clone();
        let mut body = Vec::new();
        for (field, value) in [("csrf", token.as_str())].into_iter().chain(fields.iter().copied()) {
            body.extend(
                format!("--x\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        body.extend(
            format!("--x\r\ncontent-disposition: form-data; name=\"dosya\"; filename=\"{name}\"\r\n\r\n")
                .bytes(),
        );
        body.extend(content);
        body.extend(b"\r\n--x--\r\n");
        let request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
        self.send(request, Body::from(body)).await
    }

    pub async fn send(&mut self, request: axum::http::request::Builder, body: Body) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut request = request.header(header::COOKIE, cookies.join("; ")).body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.address, 1)));
        let response = self.router.clone().oneshot(request).await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.into(), value.into());
            }
        }
        let headers = response.headers().clone();
        let page = Page {
            status: response.status(),
            location: headers.get("location").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default(),
            headers,
            bytes: to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec(),
        };
        if let Some(token) = std::str::from_utf8(&page.bytes).ok().and_then(|_| page.input("csrf")) {
            self.csrf = token;
        }
        page
    }

    /// Forgets its session, as when the browser was closed.
    pub fn forget_session(&mut self) {
        self.cookies.remove("ebasvuru_oturum");
        self.cookies.remove("ebasvuru_portal");
    }

    pub async fn login(&mut self, name: &str, password: &str) -> Page {
        self.get("/giris").await;
        let page = self.post("/giris", &[("kullanici", name), ("sifre", password)]).await;
        if page.status == StatusCode::SEE_OTHER {
            self.get("/sifre").await;
        }
        page
    }
}
