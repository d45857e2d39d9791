//! `/giris`: user name and password (requirement 1).

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use minijinja::context;
use serde::Deserialize;

use super::throttle::{From, wait_text};
use super::{device, one_time};
use crate::app::{App, AppState};
use crate::form::Submitted;
use crate::http::{self, Network};
use crate::i18n::tr;
use crate::metric;
use crate::page;
use crate::problem::Problem;
use crate::routes::is_local;
use crate::session::Session;

/// Where to go afterwards.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    #[serde(default)]
    sonra: String,
    /// Why one must log in (again): `oturum`, when what was sent found no session.
    #[serde(default)]
    neden: String,
}

/// From where the request came.
#[derive(Debug)]
pub struct Address(IpAddr);

impl FromRequestParts<App> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        Ok(Self(http::address(&parts.headers, peer, app.config.behind_proxy)))
    }
}

/// `GET /giris`
pub async fn form(
    State(app): State<App>,
    headers: HeaderMap,
    Query(next): Query<Next>,
) -> Result<Response, Problem> {
    let why = match next.neden.as_str() {
        "oturum" => Refusal {
            sentence: tr("Oturumunuz sona ermiş; gönderdiğiniz kaydedilmedi. Yeniden giriş yapınız."),
            code: "session_ended",
        },
        _ => Refusal::default(),
    };
    answer(&app, &headers, StatusCode::OK, "", &next.sonra, why)
}

/// `POST /giris`
pub async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    Address(address): Address,
    form: Submitted,
) -> Result<Response, Problem> {
    let (typed, next) = (form.text("kullanici"), form.text("sonra"));
    let name = typed.parse::<UserName>().ok();
    let known = name.as_ref().and_then(|name| device::known(&app, &headers, name));
    let from = known.map_or_else(|| From::Stranger(Network::of(address)), From::Device);
    let tried = match app.throttle.begin(&typed, from, app.clock.now()) {
        Ok(tried) => tried,
        Err(wait) => return stopped(&app, &headers, address, wait, &typed, &next),
    };

    let user = name.and_then(|name| app.gateway.user(&name));
    let hash = user.as_ref().and_then(|user| app.password_hash(user));
    let right = app.passwords.verify(form.raw("sifre").to_owned(), hash).await;
    let Some(user) = user.filter(|user| right && user.active) else {
        // What was typed as a name may be a password in the wrong field: it is not logged.
        count("credentials");
        tracing::warn!(target: "audit", { client.address = %address, login.outcome = "credentials" }, "login refused");
        let refusal = Refusal {
            sentence: tr("Kullanıcı adı ya da şifre hatalı, ya da kullanıcı pasif."),
            code: "login_refused",
        };
        return answer(&app, &headers, StatusCode::UNAUTHORIZED, &typed, &next, refusal);
    };

    app.throttle.right(tried);
    let visitor = app.cookies(&headers).visitor().unwrap_or_default();
    let spent = one_time::spend(&app, &user, &visitor).await.inspect_err(|_| count("failed"))?;
    if let Err((code, sentence)) = spent {
        count("one_time_password");
        tracing::warn!(
            target: "audit",
            { user.name = %user.name, client.address = %address, login.outcome = "one_time_password", refusal.code = %code },
            "login refused"
        );
        let refusal = Refusal { sentence: tr(&sentence), code: &code };
        return answer(&app, &headers, StatusCode::UNAUTHORIZED, &typed, &next, refusal);
    }

    count("ok");
    tracing::info!(target: "audit", { user.name = %user.name, client.address = %address, login.outcome = "ok" }, "logged in");
    let session = Session::begin(&user, app.clock.now());
    let cookies = app.cookies(&headers).with_session(&session);
    let device = device::remember(&app, &headers, &user.name);
    let next = if user.must_change_password { "/sifre" } else { local(&next) };
    Ok((cookies.into_jar(), device, Redirect::to(next)).into_response())
}

fn count(outcome: &'static str) {
    metrics::counter!(metric::LOGINS, "outcome" => outcome).increment(1);
}

/// Too many wrong tries: when to try again.
fn stopped(
    app: &AppState,
    headers: &HeaderMap,
    address: IpAddr,
    wait: Duration,
    typed: &str,
    next: &str,
) -> Result<Response, Problem> {
    count("throttled");
    tracing::warn!(target: "audit", { client.address = %address, login.outcome = "throttled" }, "login refused");
    let sentence = wait_text(wait);
    let refusal = Refusal { sentence: &sentence, code: "login_throttled" };
    let page = answer(app, headers, StatusCode::TOO_MANY_REQUESTS, typed, next, refusal)?;
    Ok(([(header::RETRY_AFTER, (wait.as_secs() + 1).to_string())], page).into_response())
}

/// Why somebody is not let in: nothing of it says whether the user exists.
#[derive(Clone, Copy, Default)]
struct Refusal<'a> {
    sentence: &'a str,
    /// Stable, with a page in `docs/errors/`.
    code: &'a str,
}

fn answer(
    app: &AppState,
    headers: &HeaderMap,
    status: StatusCode,
    typed: &str,
    next: &str,
    refusal: Refusal<'_>,
) -> Result<Response, Problem> {
    let (cookies, csrf) = app.cookies(headers).with_visitor();
    let Refusal { sentence, code } = refusal;
    let html = page::render(
        "login.html",
        context! { csrf, typed, next, error => sentence, code, title => tr("Giriş") },
    )?;
    Ok((status, cookies.into_jar(), Html(html)).into_response())
}

/// A path of ours, or the modules.
fn local(next: &str) -> &str {
    if is_local(next) { next } else { "/moduller" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn the_login_leads_nowhere_but_here() {
        assert_eq!(local("/basvurular?durum=x"), "/basvurular?durum=x");
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/\t/x"] {
            assert_eq!(local(bad), "/moduller", "{bad:?}");
        }
    }
}
