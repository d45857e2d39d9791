//! The cookie of a browser from which a user has logged in before. It grants nothing: it only
//! separates the owner's wrong attempts from those of strangers.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, Key, SameSite, SignedCookieJar};
use ebasvuru_workflow::domain::ids::UserName;
use uuid::Uuid;

/// The prefix of the value, so that no other signed value is taken for one.
const PREFIX: &str = "device:";

const fn name(secure: bool) -> &'static str {
    if secure { "__Host-ebasvuru_cihaz" } else { "ebasvuru_cihaz" }
}

/// The id of the browser, if this user has logged in from it before.
#[must_use]
pub fn known(headers: &HeaderMap, key: &Key, secure: bool, user: &UserName) -> Option<Uuid> {
    let jar = SignedCookieJar::from_headers(headers, key.clone());
    let cookie = jar.get(name(secure))?;
    let (id, of) = cookie.value().strip_prefix(PREFIX)?.split_once(':')?;
    (of == user.as_str()).then(|| id.parse().ok()).flatten()
}

/// The cookie that makes the browser known for this user.
pub fn remember(headers: &HeaderMap, key: &Key, secure: bool, user: &UserName) -> SignedCookieJar {
    let jar = SignedCookieJar::from_headers(headers, key.clone());
    let id = known(headers, key, secure, user).unwrap_or_else(Uuid::new_v4);
    let cookie = Cookie::build((name(secure), format!("{PREFIX}{}:{user}", id.simple())))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .permanent();
    jar.add(cookie)
}
