//! Sessions: a signed cookie and nothing else, so that any replica serves anyone and a
//! restart logs nobody out. What may end a session early (pasif, a new password, "Çıkış") is
//! looked up in the user directory at each request.

use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Key, SignedCookieJar};
use ebasvuru_workflow::domain::ids::{SessionId, UserName};
use ebasvuru_workflow::domain::user::{EndedSession, User};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::cookie::SignedCookies;

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
    /// Which one, of all sessions there ever are.
    pub id: SessionId,
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
        Self {
            id: SessionId(Uuid::new_v4()),
            user: user.name.clone(),
            csrf: token(),
            since: now,
            seen: now,
            epoch: user.sessions_since,
        }
    }

    /// Whether it still holds for this user at this time.
    #[must_use]
    pub fn holds(&self, user: &User, now: Timestamp, lifetime: Lifetime) -> bool {
        user.active
            && user.sessions_since == self.epoch
            && !user.access.has_ended(self.id)
            && now.duration_since(self.seen) <= lifetime.idle
            && now.duration_since(self.since) <= lifetime.absolute
    }

    /// What ends it before its time.
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
pub struct Cookies(SignedCookies);

impl Cookies {
    /// Reads them; what is not signed by us is not there. `secure`: only over TLS.
    #[must_use]
    pub fn read(headers: &HeaderMap, key: Key, secure: bool) -> Self {
        Self(SignedCookies::read(headers, key, secure))
    }

    /// Who says they are logged in.
    #[must_use]
    pub fn session(&self) -> Option<Session> {
        Session::from_value(&self.0.get(SESSION)?)
    }

    /// The token that a login form must carry.
    #[must_use]
    pub fn visitor(&self) -> Option<String> {
        self.0.get(VISITOR)
    }

    /// Gives the browser a token for the login form, unless it has one.
    #[must_use]
    pub fn with_visitor(self) -> (Self, String) {
        if let Some(token) = self.visitor() {
            return (self, token);
        }
        let token = token();
        (Self(self.0.with(VISITOR, &token)), token)
    }

    /// Logs in, or notes that the session was seen.
    #[must_use]
    pub fn with_session(self, session: &Session) -> Self {
        Self(self.0.without(VISITOR).with(SESSION, &session.to_value()))
    }

    /// Logs out.
    #[must_use]
    pub fn without_session(self) -> Self {
        Self(self.0.without(SESSION))
    }

    /// The jar, to be sent with a response.
    pub fn into_jar(self) -> SignedCookieJar {
        self.0.into_jar()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_reads_back_to_the_millisecond() {
        let session = Session {
            id: SessionId(Uuid::new_v4()),
            user: "ayse.yilmaz".parse().unwrap(),
            csrf: token(),
            since: Timestamp::from_millisecond(1_764_000_000_001).unwrap(),
            seen: Timestamp::from_millisecond(1_764_000_060_002).unwrap(),
            epoch: 3,
        };
        assert_eq!(Session::from_value(&session.to_value()), Some(session));
        assert_eq!(Session::from_value("ayse.yilmaz|x|1|2|3"), None, "of the version before");
    }

    #[test]
    fn an_empty_token_is_never_right() {
        assert!(!same_token("", ""));
        assert!(same_token("a", "a"));
        assert!(!same_token("a", "b"));
    }
}
