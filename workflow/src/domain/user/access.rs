//! Access to a user's account: who has known the password, whether the one-time password is used, which
//! sessions were ended.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::ids::{SessionId, UserName};

/// How long a one-time password may be used for its one login.
pub const ONE_TIME_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// How long users must have worked with their own password before the account counts as theirs alone:
/// whoever takes an account over locks its owner out, and that is noticed within a day.
const SETTLES: SignedDuration = SignedDuration::from_hours(24);
/// How many keepers are remembered. Each person is kept at most once.
const KEEPERS: usize = 32;
/// How many ended sessions are remembered.
const ENDED: usize = 64;

/// What is kept of it. Older records without it read as the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    /// Who set the password last.
    pub password_set_by: Option<Actor>,
    /// Whether the one-time password has been used for its one login.
    pub one_time_used: bool,
    /// Who else has known a password of the user.
    pub keepers: Vec<Keeper>,
    /// Sessions that were ended before they expired.
    pub ended_sessions: Vec<EndedSession>,
}

/// A member of staff who set a user's password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeper {
    /// Who set it.
    pub by: UserName,
    /// When they first did.
    pub since: Timestamp,
    /// From when on they cannot be behind the account any more; `None`: not known yet.
    pub until: Option<Timestamp>,
}

/// A session that somebody logged out of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedSession {
    /// Which session.
    pub id: SessionId,
    /// When it would have expired; after that it need not be kept.
    pub until: Timestamp,
}

impl Access {
    /// Who else may have been behind the account at `at`.
    pub fn keepers_at(&self, at: Timestamp) -> impl Iterator<Item = &UserName> {
        let holds = move |keeper: &&Keeper| keeper.since <= at && keeper.until.is_none_or(|end| at < end);
        self.keepers.iter().filter(holds).map(|keeper| &keeper.by)
    }

    /// Whether this session was ended by a logout.
    #[must_use]
    pub fn has_ended(&self, session: SessionId) -> bool {
        self.ended_sessions.iter().any(|ended| ended.id == session)
    }

    /// `by` set the password of `user`. Whoever knew the earlier password does not know the new one.
    /// But a password that the user seems to have set may have been set by somebody who logged in with
    /// the earlier one.
    pub(super) fn password_set(&mut self, user: &UserName, by: &Actor, at: Timestamp) {
        let own = matches!(by, Actor::Staff(name) if name == user);
        let end = if own { at.checked_add(SETTLES).unwrap_or(Timestamp::MAX) } else { at };
        for keeper in &mut self.keepers {
            keeper.until = Some(keeper.until.map_or(end, |until| until.min(end)));
        }
        if let Actor::Staff(name) = by
            && !own
        {
            match self.keepers.iter_mut().find(|keeper| keeper.by == *name) {
                Some(keeper) => keeper.until = None,
                None => self.keepers.push(Keeper { by: name.clone(), since: at, until: None }),
            }
            let over = self.keepers.len().saturating_sub(KEEPERS);
            self.keepers.drain(..over);
        }
        self.password_set_by = Some(by.clone());
        self.one_time_used = false;
    }

    /// A session was ended by a logout. `false` if there are too many to remember: all sessions of the
    /// user must then end.
    pub(super) fn end(&mut self, session: EndedSession, now: Timestamp) -> bool {
        self.ended_sessions.retain(|ended| ended.until > now);
        if self.ended_sessions.len() >= ENDED {
            self.ended_sessions.clear();
            return false;
        }
        self.ended_sessions.push(session);
        true
    }
}
