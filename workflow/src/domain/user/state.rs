//! The state of a user.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Role;
use crate::domain::catalog::UnitId;
use crate::domain::ids::{CommandId, UserName};
use crate::domain::sealed::Sealed;

use super::access::{Access, ONE_TIME_LASTS};

/// A user, aktif or pasif. Users are never deleted: what they did names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The key.
    pub name: UserName,
    /// How many events made this state.
    pub version: u64,
    /// Who they are and what they may do.
    pub profile: UserProfile,
    /// Aktif or pasif. A pasif user's sessions end at once.
    pub active: bool,
    /// The argon2id hash of the password, sealed: it crosses the commands topic.
    pub password: Sealed,
    /// Whether the next login must change it.
    pub must_change_password: bool,
    /// When the password was last set.
    pub password_set_at: Timestamp,
    /// The version that last ended every session: a new password, or pasif. A session counts
    /// only while this is what it was at the login, so that aktif again revives none.
    #[serde(default)]
    pub sessions_since: u64,
    /// Whose hands the password has been in, and which sessions were ended.
    #[serde(default)]
    pub access: Access,
    /// To whom a Yetkili has lent their authority (requirement 14, decision f).
    pub delegation: Option<Delegation>,
    /// The last commands applied, newest last, so that one given twice changes nothing.
    pub recent_commands: VecDeque<CommandId>,
}

impl User {
    /// Whether they are active in this role and this unit.
    #[must_use]
    pub fn is_active_in(&self, role: Role, unit: &UnitId) -> bool {
        self.active && self.profile.role == role && self.profile.unit.as_ref() == Some(unit)
    }

    /// Until when (exclusive) the one-time password may be used; `None`: it is none.
    #[must_use]
    pub fn one_time_until(&self) -> Option<Timestamp> {
        let end = self.password_set_at.checked_add(ONE_TIME_LASTS).unwrap_or(Timestamp::MAX);
        self.must_change_password.then_some(end)
    }
}

/// What "Kullanıcı Ekle" asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProfile {
    /// The name people read.
    pub full_name: String,
    /// The role.
    pub role: Role,
    /// The unit; `None` exactly for a Yönetici.
    pub unit: Option<UnitId>,
}

/// Authority lent: at most one, to a Sorumlu of the same unit, with a start and an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// To whom.
    pub to: UserName,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when (exclusive).
    pub ends_at: Timestamp,
}

impl Delegation {
    /// Whether it holds at `at`.
    #[must_use]
    pub fn is_active(&self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at
    }
}
