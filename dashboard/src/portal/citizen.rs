//! The demo citizens and the cookie that says as whom somebody acts.

use axum::extract::{FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum_extra::extract::cookie::SignedCookieJar;
use ebasvuru_workflow::domain::turkish::Tckn;
use serde::Serialize;
use uuid::Uuid;

use super::serve::{App, Fault};
use crate::cookie::SignedCookies;
use crate::form::{Submitted, Takes};
use crate::problem::Problem;

const COOKIE: &str = "ebasvuru_portal";

/// Somebody who does not exist.
#[derive(Clone, Debug, Serialize)]
pub struct Citizen {
    /// With valid check digits.
    pub tckn: String,
    pub first_name: &'static str,
    pub last_name: &'static str,
    pub phone: &'static str,
    pub email: Option<&'static str>,
}

/// The demo citizens; one of them has no e-mail.
pub fn citizens() -> Vec<Citizen> {
    let all = [
        ([1, 0, 0, 0, 0, 0, 0, 0, 1], "Ayşe", "Yılmaz", "+905550000001", Some("ayse.yilmaz@example.org")),
        ([2, 0, 0, 0, 0, 0, 0, 0, 2], "İsmail", "Işık", "+905550000002", None),
        ([3, 0, 0, 0, 0, 0, 0, 0, 3], "Gülşen", "Çağlar", "+905550000003", Some("gulsen@example.org")),
    ];
    let citizens = all.into_iter().filter_map(|(digits, first_name, last_name, phone, email)| {
        let tckn = Tckn::from_first_nine(digits)?.as_str().to_owned();
        Some(Citizen { tckn, first_name, last_name, phone, email })
    });
    citizens.collect()
}

/// Who acts, and what each of their forms carries.
#[derive(Clone, Debug)]
pub struct Visit {
    pub citizen: Citizen,
    pub csrf: String,
}

impl Visit {
    /// A form that this session sent.
    pub async fn form(&self, app: &App, request: Request, takes: Takes) -> Result<Submitted, Fault> {
        Ok(Submitted::read(request, takes, &self.csrf, app.files.staging()).await?)
    }
}

/// The cookie's jar with somebody signed in, or with a token alone for the sign-in form.
pub fn signed(cookies: SignedCookies, nth: Option<usize>, token: &str) -> SignedCookieJar {
    let who = nth.map_or_else(String::new, |nth| nth.to_string());
    cookies.with(COOKIE, &format!("{token}|{who}")).into_jar()
}

/// A token nobody can guess.
pub fn token() -> String {
    Uuid::new_v4().simple().to_string()
}

/// The token of the cookie and who is signed in, if anybody is.
pub fn read(app: &App, headers: &HeaderMap) -> (SignedCookies, Option<String>, Option<usize>) {
    let cookies = SignedCookies::read(headers, app.key.clone(), app.secure);
    let value = cookies.get(COOKIE).unwrap_or_default();
    let (token, who) = value.split_once('|').unwrap_or_default();
    let token = Some(token.to_owned()).filter(|token| !token.is_empty());
    (cookies, token, who.parse().ok())
}

impl FromRequestParts<App> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fault> {
        let (_, token, nth) = read(app, &parts.headers);
        let citizen = nth.and_then(|nth| citizens().into_iter().nth(nth));
        match (token, citizen) {
            (Some(csrf), Some(citizen)) => Ok(Self { citizen, csrf }),
            _ => Err(Problem::LoggedOut(String::new()).into()),
        }
    }
}
