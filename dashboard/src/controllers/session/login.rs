//! `/giris`: login by user name and password (requirement 1).

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::error_code::ErrorCode;
use minijinja::context;
use serde::Deserialize;

use crate::auth::{AttemptSource, OneTimeLoginError, use_one_time_password, wait_text};
use crate::http::Network;
use crate::metric;
use crate::view;
use crate::view::address::is_local;
use crate::view::document::DataMoment;
use crate::view::i18n::tr;
use crate::view::labels;
use crate::web::app::{App, AppState};
use crate::web::client_address::ClientAddress;
use crate::web::form::SubmittedForm;
use crate::web::guard::{HeldFormOwner, Viewer};
use crate::web::held_form::{HELD_FORM, HeldForm};
use crate::web::known_device;
use crate::web::problem::Problem;
use crate::web::session::Session;
use crate::web::ticket;
use crate::web::unsent::{LOGIN, LoginAgain, PASSWORD, UnsentPages};

/// The query of the login page.
#[derive(Debug, Default, Deserialize)]
pub struct LoginParams {
    /// Where to go after the login.
    #[serde(default)]
    sonra: String,
    /// Why the login is asked for: `oturum` after a form whose session had ended.
    #[serde(default)]
    neden: String,
}

/// `GET /giris`
pub async fn form(
    State(app): State<AppState>,
    headers: HeaderMap,
    Query(params): Query<LoginParams>,
) -> Result<Response, Problem> {
    let message = match params.neden.as_str() {
        "oturum" => LoginMessage {
            text: tr("Oturumunuz sona ermiş; gönderdiğiniz kaydedilmedi. Yeniden giriş yapınız."),
            code: ErrorCode::SessionEnded.as_str(),
        },
        _ => LoginMessage::default(),
    };
    show(
        &app,
        &headers,
        StatusCode::OK,
        LoginFields { next: &params.sonra, ..LoginFields::default() },
        message,
    )
}

/// The login page as the response to a form: one whose session has ended, or a login form of
/// another visitor.
pub async fn again(
    State(app): State<AppState>,
    headers: HeaderMap,
    Extension(pages): Extension<UnsentPages>,
    Extension(why): Extension<LoginAgain>,
) -> Result<Response, Problem> {
    match why {
        LoginAgain::SessionEnded(owner, form) => {
            let held = form.seal(&app.sealer, &owner)?;
            let text = match held {
                Some(_) => "Oturumunuz sona ermiş; gönderdiğiniz kaydedilmedi. Yeniden giriş yapınız.",
                None => {
                    "Oturumunuz sona ermiş; gönderdiğiniz kaydedilmedi ve saklanamayacak kadar uzundur. Tarayıcınızın Geri düğmesiyle forma dönüp yazdıklarınızı kopyalayınız."
                }
            };
            let message = LoginMessage { text: tr(text), code: ErrorCode::SessionEnded.as_str() };
            let held = held.unwrap_or_default();
            let fields = LoginFields { typed: owner.as_str(), next: "", held: &held, owner: Some(&owner) };
            show(&app, &headers, StatusCode::UNAUTHORIZED, fields, message)
        }
        // Another tab has logged in: this form logs nobody in, and leads on.
        LoginAgain::StaleLogin(form, _, Some(viewer)) => {
            let now = app.clock.now();
            Ok(match HeldForm::open(&app.sealer, &viewer.user.name, form.raw(HELD_FORM), now) {
                Some(held) => pages.show_held(held, viewer, now).await,
                None => Redirect::to(local(&form.text("sonra"))).into_response(),
            })
        }
        LoginAgain::StaleLogin(form, owner, None) => {
            let message = LoginMessage {
                text: tr("Giriş sayfası eskimişti, giriş yapılmadı. Şifrenizi yeniden yazınız."),
                code: "csrf",
            };
            let (typed, next) = (form.text("kullanici"), form.text("sonra"));
            let fields =
                LoginFields { typed: &typed, next: &next, held: form.raw(HELD_FORM), owner: owner.as_ref() };
            show(&app, &headers, StatusCode::FORBIDDEN, fields, message)
        }
    }
}

/// `POST /giris`
pub async fn submit(
    State(app): State<AppState>,
    headers: HeaderMap,
    ClientAddress(address): ClientAddress,
    Extension(pages): Extension<UnsentPages>,
    Extension(HeldFormOwner(owner)): Extension<HeldFormOwner>,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let (typed, next) = (form.text("kullanici"), form.text("sonra"));
    let fields = LoginFields { typed: &typed, next: &next, held: form.raw(HELD_FORM), owner: owner.as_ref() };
    let secure = app.config.secure_cookies;
    let name = typed.parse::<UserName>().ok();
    let device = name.as_ref().and_then(|name| known_device::known(&headers, &app.key, secure, name));
    let source = device.map_or_else(|| AttemptSource::Stranger(Network::of(address)), AttemptSource::Device);
    let attempt = match app.throttle.begin(&typed, source, app.clock.now()) {
        Ok(attempt) => attempt,
        Err(wait) => return throttled(&app, &headers, address, wait, fields),
    };

    let user = name.and_then(|name| app.users.get(&name));
    let right = app.passwords.verify(form.raw("sifre").to_owned(), user.as_deref()).await;
    let Some(user) = user.filter(|user| right && user.active) else {
        // The name is not logged: it may be a password, typed into the wrong field.
        count("credentials");
        tracing::warn!(target: "audit", { client.address = %address, login.outcome = "credentials" }, "login refused");
        let message = LoginMessage {
            text: tr("Kullanıcı adı ya da şifre hatalı, ya da kullanıcı pasif."),
            code: ErrorCode::LoginRefused.as_str(),
        };
        return show(&app, &headers, StatusCode::UNAUTHORIZED, fields, message);
    };

    app.throttle.succeeded(attempt);
    let visitor = app.cookies(&headers).visitor().unwrap_or_default();
    match use_one_time_password(&app.commands, &user, &visitor, app.clock.now()).await {
        Ok(()) => {}
        Err(OneTimeLoginError::Command(error)) => {
            count("failed");
            return Err(error.into());
        }
        Err(OneTimeLoginError::Refused { code, text_tr }) => {
            count("one_time_password");
            tracing::warn!(
                target: "audit",
                { user.name = %user.name, client.address = %address, login.outcome = "one_time_password", refusal.code = %code },
                "login refused"
            );
            let message = LoginMessage { text: tr(&text_tr), code: &code };
            return show(&app, &headers, StatusCode::UNAUTHORIZED, fields, message);
        }
    }

    count("ok");
    tracing::info!(target: "audit", { user.name = %user.name, client.address = %address, login.outcome = "ok" }, "logged in");
    let now = app.clock.now();
    let session = Session::begin(&user, now);
    let cookies = app.cookies(&headers).with_session(&session);
    let device = known_device::remember(&headers, &app.key, secure, &user.name);
    let first = user.must_change_password;
    // Another user's form does not open.
    let response = match HeldForm::open(&app.sealer, &user.name, fields.held, now) {
        Some(held) => {
            let viewer = Viewer { user, session, path: LOGIN.into(), data: DataMoment::Now };
            if first {
                pages.show(PASSWORD, viewer, form, String::new()).await
            } else {
                pages.show_held(held, viewer, now).await
            }
        }
        None if first => Redirect::to(PASSWORD).into_response(),
        None => Redirect::to(local(&next)).into_response(),
    };
    Ok((cookies.into_jar(), device, response).into_response())
}

fn count(outcome: &'static str) {
    metrics::counter!(metric::LOGINS, "outcome" => outcome).increment(1);
}

/// The answer after too many attempts: when the next one is allowed.
fn throttled(
    app: &App,
    headers: &HeaderMap,
    address: IpAddr,
    wait: Duration,
    fields: LoginFields<'_>,
) -> Result<Response, Problem> {
    count("throttled");
    tracing::warn!(target: "audit", { client.address = %address, login.outcome = "throttled" }, "login refused");
    let text = wait_text(wait);
    let message = LoginMessage { text: &text, code: ErrorCode::LoginThrottled.as_str() };
    let page = show(app, headers, StatusCode::TOO_MANY_REQUESTS, fields, message)?;
    Ok(([(header::RETRY_AFTER, (wait.as_secs() + 1).to_string())], page).into_response())
}

/// Why the login page is shown. It never reveals whether a user exists.
#[derive(Clone, Copy, Default)]
struct LoginMessage<'a> {
    /// The sentence for the user.
    text: &'a str,
    /// The stable code, with a page in `docs/errors/`.
    code: &'a str,
}

/// What the login form holds.
#[derive(Clone, Copy, Default)]
struct LoginFields<'a> {
    /// The user name.
    typed: &'a str,
    /// Where to go afterwards.
    next: &'a str,
    /// A form that is shown again afterwards, sealed.
    held: &'a str,
    /// Whose form that is.
    owner: Option<&'a UserName>,
}

fn show(
    app: &App,
    headers: &HeaderMap,
    status: StatusCode,
    fields: LoginFields<'_>,
    message: LoginMessage<'_>,
) -> Result<Response, Problem> {
    let (cookies, visitor) = app.cookies(headers).with_visitor();
    let now = app.clock.now();
    let LoginFields { typed, next, held, owner } = fields;
    let form = owner.and_then(|owner| HeldForm::open(&app.sealer, owner, held, now));
    let held_until = form
        .filter(|held| !held.is_over(now) && held.form.typed().next().is_some())
        .map(|form| labels::date_time(form.until));
    // The proof in the ticket lets the form carry the one that is kept.
    let csrf = owner.map_or_else(|| visitor.clone(), |owner| ticket::issue(&app.key, &visitor, owner, now));
    let held = owner.map_or("", |_| held);
    let LoginMessage { text, code } = message;
    let title = tr("Giriş");
    let context = context! { csrf, typed, next, held, held_until, error => text, code, title };
    let html = view::render("login.html", context)?;
    Ok((status, cookies.into_jar(), Html(html)).into_response())
}

/// The address to go to after the login, if it is one of this site; else the modules.
fn local(next: &str) -> &str {
    if is_local(next) { next } else { "/moduller" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn the_login_redirects_to_this_site_only() {
        assert_eq!(local("/basvurular?durum=x"), "/basvurular?durum=x");
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/\t/x"] {
            assert_eq!(local(bad), "/moduller", "{bad:?}");
        }
    }
}
