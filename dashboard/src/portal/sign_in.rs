//! Signing in as a demo citizen, and signing out.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect};
use minijinja::context;

use super::citizen::citizens;
use super::error::PortalError;
use super::session::{CitizenSession, HeldSession, owner, read_cookie, read_form, with_cookie};
use super::state::{PortalApp, PortalState};
use crate::view::address::is_local;
use crate::view::environment::value;
use crate::view::render;
use crate::web::form_body::AcceptedBody;
use crate::web::problem::Problem;
use crate::web::session::random_token;
use crate::web::ticket::Ticket;

/// `GET /`
pub async fn form(
    State(app): State<PortalState>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, PortalError> {
    page(&app, &headers, &HeldSession::default())
}

/// The page; `held` is a session that has ended.
pub fn page(
    app: &PortalApp,
    headers: &HeaderMap,
    held: &HeldSession,
) -> Result<impl IntoResponse + use<>, PortalError> {
    let (cookies, token, nth) = read_cookie(app, headers);
    let token = token.unwrap_or_else(random_token);
    let context = context! {
        title => "Giriş", who => (), csrf => token.as_str(), citizens => value(citizens()), held => value(held),
    };
    let html = render("portal/sign_in.html", context)?;
    Ok((with_cookie(cookies, nth, &token), Html(html)))
}

/// `POST /`
pub async fn submit(
    State(app): State<PortalState>,
    request: Request,
) -> Result<impl IntoResponse, PortalError> {
    let (cookies, token, _) = read_cookie(&app, request.headers());
    let token = token.unwrap_or_default();
    let form = read_form(&app, request, AcceptedBody::SmallForm, &token).await?;
    let nth = citizens().iter().position(|citizen| citizen.tckn == form.raw("vatandas"));
    let nth = nth.ok_or(Problem::BadRequest)?;
    // A new token, because drafts belong to the session of one citizen.
    let token = random_token();
    let held = Ticket::read(&app.key, form.raw("taslak"), app.clock.now());
    let again = held.owner().is_some_and(|of| Some(of) == owner(nth).as_ref());
    let path = form.text("sonra");
    let to = if again && is_local(&path) {
        app.drafts.pass_on(held.token(), &token);
        path
    } else {
        "/basvurularim".to_owned()
    };
    Ok((with_cookie(cookies, Some(nth), &token), Redirect::to(&to)))
}

/// `POST /cikis`
pub async fn sign_out(
    State(app): State<PortalState>,
    session: CitizenSession,
    request: Request,
) -> Result<impl IntoResponse, PortalError> {
    let (cookies, ..) = read_cookie(&app, request.headers());
    session.form(&app, request, AcceptedBody::Form).await?;
    app.drafts.end(&session.csrf);
    Ok((with_cookie(cookies, None, &random_token()), Redirect::to("/")))
}
