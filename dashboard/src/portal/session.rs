//! The session of a citizen, and the cookie that holds it.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::SignedCookieJar;
use ebasvuru_workflow::domain::ids::UserName;
use serde::Serialize;

use super::citizen::{Citizen, citizens};
use super::error::PortalError;
use super::sign_in;
use super::state::{PortalApp, PortalState};
use crate::web::cookie::SignedCookies;
use crate::web::form::SubmittedForm;
use crate::web::form_body::{self, AcceptedBody, Admission};
use crate::web::problem::Problem;
use crate::web::session::same_token;
use crate::web::ticket::{self, Ticket};

const COOKIE: &str = "ebasvuru_portal";

/// The session of a citizen who is signed in.
#[derive(Clone, Debug)]
pub struct CitizenSession {
    pub citizen: Citizen,
    /// The token of the session, which its draft belongs to.
    pub csrf: String,
    /// The ticket of every form of the session.
    pub ticket: String,
    owner: UserName,
}

impl CitizenSession {
    /// Reads a form of this session.
    pub async fn form(
        &self,
        app: &PortalApp,
        request: Request,
        accepted: AcceptedBody,
    ) -> Result<SubmittedForm, PortalError> {
        let path = request.uri().path().to_owned();
        let mut earlier = None;
        let admit = |value: &str| {
            let ticket = Ticket::read(&app.key, value, app.clock.now());
            if ticket.is_of(&self.csrf) {
                return Ok(Admission::known(accepted));
            }
            // A form of an earlier session of the same citizen: its text goes into the draft.
            ticket.owner().filter(|owner| **owner == self.owner).ok_or(Problem::Csrf)?;
            earlier = Some(ticket);
            Ok(Admission::known(accepted).without_file())
        };
        let received = form_body::read(request, accepted, app.files.staging(), admit).await?;
        if let Some(ticket) = earlier {
            app.drafts.pass_on(ticket.token(), &self.csrf);
            app.drafts.type_again(&self.csrf, &received.form);
            return Err(Problem::LoggedOut(path).into());
        }
        received.fault.map_or(Ok(received.form), |fault| Err(fault.into()))
    }
}

/// The name of a demo citizen in tickets.
pub fn owner(nth: usize) -> Option<UserName> {
    format!("vatandas-{nth}").parse().ok()
}

/// The middleware that keeps what was typed in a form whose session has ended: in its draft, until
/// the same citizen signs in.
pub async fn hold(
    State(app): State<PortalState>,
    request: Request,
    next: Next,
) -> Result<Response, PortalError> {
    let (.., nth) = read_cookie(&app, request.headers());
    let path = request.uri().path().to_owned();
    if request.method() != Method::POST || nth.is_some() || path == "/" {
        return Ok(next.run(request).await);
    }
    let headers = request.headers().clone();
    let mut sent = None;
    let admit = |value: &str| {
        let ticket = Ticket::read(&app.key, value, app.clock.now());
        ticket.owner().ok_or_else(|| Problem::LoggedOut(String::new()))?;
        sent = Some((ticket, value.to_owned()));
        Ok(Admission::known(AcceptedBody::FormWithFile).without_file())
    };
    let form = form_body::read(request, AcceptedBody::FormWithFile, app.files.staging(), admit).await?.form;
    let Some((ticket, value)) = sent else { return Err(Problem::SessionEnded.into()) };
    app.drafts.type_again(ticket.token(), &form);
    let page = sign_in::page(&app, &headers, &HeldSession { ticket: value, path })?;
    Ok((StatusCode::UNAUTHORIZED, page).into_response())
}

/// A session that has ended, in the form of the sign-in.
#[derive(Default, Serialize)]
pub struct HeldSession {
    /// A ticket of it; empty for none.
    pub ticket: String,
    /// The path of its last form.
    pub path: String,
}

/// Reads a form that carries this token.
pub async fn read_form(
    app: &PortalApp,
    request: Request,
    accepted: AcceptedBody,
    token: &str,
) -> Result<SubmittedForm, PortalError> {
    let admit = |sent: &str| {
        if same_token(sent, token) { Ok(Admission::known(accepted)) } else { Err(Problem::Csrf) }
    };
    let received = form_body::read(request, accepted, app.files.staging(), admit).await?;
    received.fault.map_or(Ok(received.form), |fault| Err(fault.into()))
}

/// The cookie with the index of the citizen who is signed in, or with a token only, for the sign-in
/// form.
pub fn with_cookie(cookies: SignedCookies, nth: Option<usize>, token: &str) -> SignedCookieJar {
    let who = nth.map_or_else(String::new, |nth| nth.to_string());
    cookies.with(COOKIE, &format!("{token}|{who}")).into_jar()
}

/// The token and the citizen of the cookie.
pub fn read_cookie(app: &PortalApp, headers: &HeaderMap) -> (SignedCookies, Option<String>, Option<usize>) {
    let cookies = SignedCookies::read(headers, app.key.clone(), app.secure);
    let value = cookies.get(COOKIE).unwrap_or_default();
    let (token, who) = value.split_once('|').unwrap_or_default();
    let token = Some(token.to_owned()).filter(|token| !token.is_empty());
    (cookies, token, who.parse().ok())
}

impl FromRequestParts<PortalState> for CitizenSession {
    type Rejection = PortalError;

    async fn from_request_parts(parts: &mut Parts, app: &PortalState) -> Result<Self, PortalError> {
        let (_, token, nth) = read_cookie(app, &parts.headers);
        let citizen = nth.and_then(|nth| citizens().into_iter().nth(nth));
        match (token, citizen, nth.and_then(owner)) {
            (Some(csrf), Some(citizen), Some(owner)) => {
                let ticket = ticket::issue(&app.key, &csrf, &owner, app.clock.now());
                Ok(Self { citizen, csrf, ticket, owner })
            }
            _ => Err(Problem::LoggedOut(String::new()).into()),
        }
    }
}
