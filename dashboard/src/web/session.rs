//! Sessions. A session is a signed cookie and nothing else, so that any replica serves any user and a
//! restart logs nobody out. Each request checks the user directory for what ends a session early:
//! "pasif", a new password, "Çıkış".

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Key, SignedCookieJar};
use ebasvuru_workflow::domain::ids::{SessionId, UserName};
use ebasvuru_workflow::domain::user::{EndedSession, User};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::cookie::SignedCookies;

/// The cookie of a session.
const SESSION: &str = "ebasvuru_oturum";
/// The cookie that ties a login form to its browser.
const VISITOR: &str = "ebasvuru_ziyaret";

/// How long a session lasts.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// The longest time without a request.
    pub idle: SignedDuration,
    /// The longest time since the login.
    pub absolute: SignedDuration,
}

/// A session, as its cookie holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its unique id.
    pub id: SessionId,
    /// The user.
    pub user: UserName,
    /// The token that every form of the session must carry.
    pub csrf: String,
    /// The time of the login.
    pub since: Timestamp,
    /// The time of the last request, to the minute.
    pub seen: Timestamp,
    /// The user's `sessions_since` at the login. A new password and "pasif" raise it, which ends the
    /// session for good.
    pub epoch: u64,
}

impl Session {
    /// A new session.
    #[must_use]
    pub fn begin(user: &User, now: Timestamp) -> Self {
        Self {
            id: SessionId(Uuid::new_v4()),
            user: user.name.clone(),
            csrf: random_token(),
            since: now,
            seen: now,
            epoch: user.sessions_since,
        }
    }

    /// Whether it is still valid for this user at this time.
    #[must_use]
    pub fn is_valid(&self, user: &User, now: Timestamp, lifetime: Lifetime) -> bool {
        user.active
            && user.sessions_since == self.epoch
            && !user.access.has_ended(self.id)
            && now.duration_since(self.seen) <= lifetime.idle
            && now.duration_since(self.since) <= lifetime.absolute
    }

    /// What the user directory keeps of it after a logout.
    #[must_use]
    pub fn ended(&self, lifetime: Lifetime) -> EndedSession {
        let until = self.since.checked_add(lifetime.absolute).unwrap_or(Timestamp::MAX);
        EndedSession { id: self.id, until }
    }

    fn to_value(&self) -> String {
        format!(
            "{}|{}|{}|{}|{}|{}",
            self.id,
            self.user,
            self.csrf,
            self.since.as_millisecond(),
            self.seen.as_millisecond(),
            self.epoch
        )
    }

    fn from_value(value: &str) -> Option<Self> {
        let mut parts = value.split('|');
        let id = parts.next()?.parse().ok()?;
        let user = parts.next()?.parse().ok()?;
        let csrf = parts.next()?.to_owned();
        let mut time = || Timestamp::from_millisecond(parts.next()?.parse().ok()?).ok();
        let (since, seen) = (time()?, time()?);
        Some(Self { id, user, csrf, since, seen, epoch: parts.next()?.parse().ok()? })
    }
}

/// A token of 122 random bits.
#[must_use]
pub fn random_token() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Whether two tokens are equal. The time it takes does not reveal where they differ.
#[must_use]
pub fn same_token(a: &str, b: &str) -> bool {
    !a.is_empty() && Sha256::digest(a) == Sha256::digest(b)
}

/// The cookies of one request.
#[derive(Clone, Debug)]
pub struct Cookies(SignedCookies);

impl Cookies {
    /// Reads them; cookies without our signature are ignored. `secure`: over TLS only.
    #[must_use]
    pub fn read(headers: &HeaderMap, key: Key, secure: bool) -> Self {
        Self(SignedCookies::read(headers, key, secure))
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        Session::from_value(&self.0.get(SESSION)?)
    }

    /// The token that a login form must carry.
    #[must_use]
    pub fn visitor(&self) -> Option<String> {
        self.0.get(VISITOR)
    }

    /// Adds a token for the login form, unless the browser has one.
    #[must_use]
    pub fn with_visitor(self) -> (Self, String) {
        if let Some(token) = self.visitor() {
            return (self, token);
        }
        let token = random_token();
        (Self(self.0.with(VISITOR, &token)), token)
    }

    /// Adds a session or renews it.
    #[must_use]
    pub fn with_session(self, session: &Session) -> Self {
        Self(self.0.without(VISITOR).with(SESSION, &session.to_value()))
    }

    /// Removes the session.
    #[must_use]
    pub fn without_session(self) -> Self {
        Self(self.0.without(SESSION))
    }

    /// The cookies as part of a response.
    pub fn into_jar(self) -> SignedCookieJar {
        self.0.into_jar()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_survives_its_cookie() {
        let session = Session {
            id: SessionId(Uuid::new_v4()),
            user: "ayse.yilmaz".parse().unwrap(),
            csrf: random_token(),
            since: Timestamp::from_millisecond(1_764_000_000_001).unwrap(),
            seen: Timestamp::from_millisecond(1_764_000_060_002).unwrap(),
            epoch: 3,
        };
        assert_eq!(Session::from_value(&session.to_value()), Some(session));
        assert_eq!(Session::from_value("ayse.yilmaz|x|1|2|3"), None, "a cookie of an older version");
    }

    #[test]
    fn empty_tokens_are_never_equal() {
        assert!(!same_token("", ""));
        assert!(same_token("a", "a"));
        assert!(!same_token("a", "b"));
    }
}
