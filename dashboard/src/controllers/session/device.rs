//! A browser from which somebody has logged in carries a signed cookie that says so. It opens
//! nothing: it only makes wrong tries count apart from those of strangers.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, SameSite, SignedCookieJar};
use ebasvuru_workflow::domain::ids::UserName;
use uuid::Uuid;

use crate::app::AppState;

/// What the value begins with, so that no other signed value passes for one.
const KIND: &str = "device:";

const fn name(secure: bool) -> &'static str {
    if secure { "__Host-ebasvuru_cihaz" } else { "ebasvuru_cihaz" }
}

/// The browser that the user has logged in from before, if it is one.
pub fn known(app: &AppState, headers: &HeaderMap, user: &UserName) -> Option<Uuid> {
    let jar = SignedCookieJar::from_headers(headers, app.key.clone());
    let cookie = jar.get(name(app.config.secure_cookies))?;
    let (id, of) = cookie.value().strip_prefix(KIND)?.split_once(':')?;
    (of == user.as_str()).then(|| id.parse().ok()).flatten()
}

/// From now on it is one.
pub fn remember(app: &AppState, headers: &HeaderMap, user: &UserName) -> SignedCookieJar {
    let jar = SignedCookieJar::from_headers(headers, app.key.clone());
    let id = known(app, headers, user).unwrap_or_else(Uuid::new_v4);
    let cookie = Cookie::build((name(app.config.secure_cookies), format!("{KIND}{}:{user}", id.simple())))
        .path("/")
        .http_only(true)
        .secure(app.config.secure_cookies)
        .same_site(SameSite::Lax)
        .permanent();
    jar.add(cookie)
}
