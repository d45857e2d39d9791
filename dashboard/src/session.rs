//! Sessions: a signed cookie and nothing else, so that any replica serves anyone and a
//! restart logs nobody out. What may end a session early (pasif, a new password) is
//! looked up in the user directory at each request.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, Key, SameSite, SignedCookieJar};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::User;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The cookie of someone who is logged in.
const SESSION: &str = "ebasvuru_oturum";
/// The cookie that ties the login form to the browser it was sent to.
const VISITOR: &str = "ebasvuru_ziyaret";

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// Without a request.
    pub idle: SignedDuration,
    /// At most, since the login.
    pub absolute: SignedDuration,
}

/// Who is logged in, as the cookie says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user.
    pub user: UserName,
    /// What every form of this session must carry.
    pub csrf: String,
    /// When they logged in.
    pub since: Timestamp,
    /// When they were last seen, to the minute.
    pub seen: Timestamp,
    /// The user's `sessions_since` at the login: what raises it (a new password, pasif) ends
    /// the session for good.
    pub epoch: u64,
}

impl Session {
    /// A session that begins now.
    #[must_use]
    pub fn begin(user: &User, now: Timestamp) -> Self {
        Self { user: user.name.clone(), csrf: token(), since: now, seen: now, epoch: user.sessions_since }
    }

    /// Whether it still holds for this user at this time.
    #[must_use]
    pub fn holds(&self, user: &User, now: Timestamp, lifetime: Lifetime) -> bool {
        user.active
            && user.sessions_since == self.epoch
            && now.duration_since(self.seen) <= lifetime.idle
            && now.duration_since(self.since) <= lifetime.absolute
    }

    fn to_value(&self) -> String {
        format!(
            "{}|{}|{}|{}|{}",
            self.user,
            self.csrf,
            self.since.as_millisecond(),
            self.seen.as_millisecond(),
            self.epoch
        )
    }

    fn from_value(value: &str) -> Option<Self> {
        let mut parts = value.split('|');
        let user = parts.next()?.parse().ok()?;
        let csrf = parts.next()?.to_owned();
        let mut time = || Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok();
        let (since, seen) = (time()?, time()?);
        Some(Self { user, csrf, since, seen, epoch: parts.next()?.parse().ok()? })
    }
}

/// 122 random bits as text.
fn token() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Whether two tokens are the same, in a time that says nothing of where they differ.
#[must_use]
pub fn same_token(a: &str, b: &str) -> bool {
    !a.is_empty() && Sha256::digest(a) == Sha256::digest(b)
}

/// The cookies of one request.
#[derive(Clone, Debug)]
pub struct Cookies {
    jar: SignedCookieJar,
    secure: bool,
}

impl Cookies {
    /// Reads them; what is not signed by us is not there. `secure`: only over TLS.
    #[must_use]
    pub fn read(headers: &HeaderMap, key: Key, secure: bool) -> Self {
        Self { jar: SignedCookieJar::from_headers(headers, key), secure }
    }

    /// Who says they are logged in.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        Session::from_value(self.jar.get(SESSION)?.value())
    }

    /// The token that a login form must carry.
    #[must_use]
    pub fn visitor(&self) -> Option<String> {
        Some(self.jar.get(VISITOR)?.value().to_owned())
    }

    /// Gives the browser a token for the login form, unless it has one.
    #[must_use]
    pub fn with_visitor(self) -> (Self, String) {
        if let Some(token) = self.visitor() {
            return (self, token);
        }
        let token = token();
        let cookie = self.cookie(VISITOR, token.clone());
        (Self { jar: self.jar.add(cookie), ..self }, token)
    }

    /// Logs in, or notes that the session was seen.
    #[must_use]
    pub fn with_session(self, session: &Session) -> Self {
        let cookie = self.cookie(SESSION, session.to_value());
        Self { jar: self.jar.remove(Cookie::build(VISITOR).path("/")).add(cookie), ..self }
    }

    /// Logs out.
    #[must_use]
    pub fn without_session(self) -> Self {
        Self { jar: self.jar.remove(Cookie::build(SESSION).path("/")), ..self }
    }

    /// The jar, to be sent with a response.
    pub fn into_jar(self) -> SignedCookieJar {
        self.jar
    }

    fn cookie(&self, name: &'static str, value: String) -> Cookie<'static> {
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_reads_back_to_the_millisecond() {
        let session = Session {
            user: "ayse.yilmaz".parse().unwrap(),
            csrf: token(),
            since: Timestamp::from_millisecond(1_764_000_000_001).unwrap(),
            seen: Timestamp::from_millisecond(1_764_000_060_002).unwrap(),
            epoch: 3,
        };
        assert_eq!(Session::from_value(&session.to_value()), Some(session));
        assert_eq!(Session::from_value("ayse.yilmaz|x|1|2"), None);
    }

    #[test]
    fn a_cookie_signed_by_another_key_is_not_there() {
        let (ours, theirs) = (Key::generate(), Key::generate());
        let (cookies, _) = Cookies::read(&HeaderMap::new(), ours.clone(), true).with_visitor();
        let response = axum::response::IntoResponse::into_response((cookies.into_jar(), ()));
        let set = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(set.contains("HttpOnly") && set.contains("Secure") && set.contains("SameSite=Lax"), "{set}");
        let mut headers = HeaderMap::new();
        headers.insert("cookie", set.split(';').next().unwrap().parse().unwrap());
        assert!(Cookies::read(&headers, ours, true).visitor().is_some());
        assert!(Cookies::read(&headers, theirs, true).visitor().is_none());
    }

    #[test]
    fn an_empty_token_is_never_right() {
        assert!(!same_token("", ""));
        assert!(same_token("a", "a"));
        assert!(!same_token("a", "b"));
    }
}
