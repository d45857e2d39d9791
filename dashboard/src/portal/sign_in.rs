//! Signing in as a demo citizen, and signing out.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect};
use minijinja::context;

use super::citizen::citizens;
use super::error::PortalError;
use super::session::{CitizenSession, read_cookie, read_form, with_cookie};
use super::state::PortalState;
use crate::view::environment::value;
use crate::view::render;
use crate::web::form_body::AcceptedBody;
use crate::web::problem::Problem;
use crate::web::session::random_token;

/// `GET /`
pub async fn form(
    State(app): State<PortalState>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, PortalError> {
    let (cookies, token, nth) = read_cookie(&app, &headers);
    let token = token.unwrap_or_else(random_token);
    let context =
        context! { title => "Giriş", who => (), csrf => token.as_str(), citizens => value(citizens()) };
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
    Ok((with_cookie(cookies, Some(nth), &random_token()), Redirect::to("/basvurularim")))
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
