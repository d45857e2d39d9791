//! The first field of every form: the token of the session, or of the visitor, that the form was made
//! for, and a proof of whose form it is. The proof outlives the session, so that a form sent after
//! its session can be told from a stranger's, on every replica and after a restart.

use axum_extra::extract::cookie::Key;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ebasvuru_workflow::domain::ids::UserName;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::session::same_token;

/// The name of the field.
pub const TICKET: &str = "csrf";
/// How long a form proves whose it is: a form left open on a Friday is sent on a Monday, after a
/// holiday.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The value of the field as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    token: String,
    owner: Option<UserName>,
}

/// The field of a form of `owner`.
#[must_use]
pub fn issue(key: &Key, token: &str, owner: &UserName, now: Timestamp) -> String {
    let claim = format!("{token}|{owner}|{}", now.as_second());
    let proof = mac(key, &claim).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    format!("{claim}|{}", proof.unwrap_or_default())
}

impl Ticket {
    /// Reads a field as it was sent.
    #[must_use]
    pub fn read(key: &Key, value: &str, now: Timestamp) -> Self {
        let (token, rest) = value.split_once('|').unwrap_or((value, ""));
        Self { token: token.to_owned(), owner: proven(key, token, rest, now) }
    }

    /// Whether the form was made for the session or the visitor with this token.
    #[must_use]
    pub fn is_of(&self, token: &str) -> bool {
        same_token(&self.token, token)
    }

    /// The token that the form was made with.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whose form it provably is.
    #[must_use]
    pub const fn owner(&self) -> Option<&UserName> {
        self.owner.as_ref()
    }
}

/// The owner, if the proof is ours and not too old.
fn proven(key: &Key, token: &str, rest: &str, now: Timestamp) -> Option<UserName> {
    let (owner_and_time, proof) = rest.rsplit_once('|')?;
    let (owner, made) = owner_and_time.split_once('|')?;
    let mac = mac(key, &format!("{token}|{owner}|{made}"))?;
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(proof).ok()?).ok()?;
    let made = Timestamp::from_second(made.parse().ok()?).ok()?;
    (now.duration_since(made) <= MAX_AGE).then(|| owner.parse().ok()).flatten()
}

fn mac(key: &Key, claim: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.signing()).ok()?;
    // The key signs cookies and derives passwords, too; no other use begins with this word.
    mac.update(b"form-ticket|");
    mac.update(claim.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_proves_whose_form_it_is_and_nothing_else() {
        let (key, ayse) = (Key::generate(), "ayse.yilmaz".parse::<UserName>().unwrap());
        let now: Timestamp = "2026-11-23T09:00:00+03:00".parse().unwrap();
        let value = issue(&key, "token", &ayse, now);
        let ticket = Ticket::read(&key, &value, now + SignedDuration::from_hours(6 * 24));
        assert!(ticket.is_of("token") && !ticket.is_of("other") && !ticket.is_of(""));
        assert_eq!(ticket.owner(), Some(&ayse));

        assert_eq!(Ticket::read(&key, &value, now + SignedDuration::from_hours(8 * 24)).owner(), None, "old");
        assert_eq!(Ticket::read(&Key::generate(), &value, now).owner(), None, "another key");
        for changed in [
            value.replace("ayse.yilmaz", "ali.demir"),
            value.replace("token", "nekot"),
            value.replace("|17", "|27"),
            format!("{value}A"),
            value.rsplit_once('|').unwrap().0.to_owned(),
            format!("{}|", value.rsplit_once('|').unwrap().0),
        ] {
            assert_eq!(Ticket::read(&key, &changed, now).owner(), None, "{changed}");
        }
        // A bare token, of a visitor or of the version before, is no proof.
        let bare = Ticket::read(&key, "token", now);
        assert!(bare.is_of("token") && bare.owner().is_none());
        assert!(!Ticket::read(&key, "", now).is_of(""));
    }
}
