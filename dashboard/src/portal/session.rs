//! The session of a citizen, and the cookie that holds it.

use axum::extract::{FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum_extra::extract::cookie::SignedCookieJar;

use super::citizen::{Citizen, citizens};
use super::error::PortalError;
use super::state::{PortalApp, PortalState};
use crate::web::cookie::SignedCookies;
use crate::web::form::SubmittedForm;
use crate::web::form_body::{self, AcceptedBody, Admission};
use crate::web::problem::Problem;
use crate::web::session::same_token;

const COOKIE: &str = "ebasvuru_portal";

/// The session of a citizen who is signed in.
#[derive(Clone, Debug)]
pub struct CitizenSession {
    pub citizen: Citizen,
    /// The token that every form of the session must carry.
    pub csrf: String,
}

impl CitizenSession {
    /// Reads a form of this session.
    pub async fn form(
        &self,
        app: &PortalApp,
        request: Request,
        accepted: AcceptedBody,
    ) -> Result<SubmittedForm, PortalError> {
        read_form(app, request, accepted, &self.csrf).await
    }
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
        match (token, citizen) {
            (Some(csrf), Some(citizen)) => Ok(Self { citizen, csrf }),
            _ => Err(Problem::LoggedOut(String::new()).into()),
        }
    }
}
