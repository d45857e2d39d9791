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
    /// The number of events so far.
    pub version: u64,
    /// Name, role and unit.
    pub profile: UserProfile,
    /// Aktif or pasif. A pasif user's sessions end at once.
    pub active: bool,
    /// The argon2id hash of the password, sealed, because it passes through the commands topic.
    pub password: Sealed,
    /// Whether it must be changed at the next login.
    pub must_change_password: bool,
    /// When the password was last set.
    pub password_set_at: Timestamp,
    /// The version that last ended all sessions: a new password, or pasif. A session is valid only while
    /// this is the same as at its login, so that aktif again revives none.
    #[serde(default)]
    pub sessions_since: u64,
    /// Who has known the password, and which sessions were ended.
    #[serde(default)]
    pub access: Access,
    /// To whom a Yetkili has lent their authority (requirement 14, decision f).
    pub delegation: Option<Delegation>,
    /// The last commands, newest last, so that a command given twice changes nothing.
    pub recent_commands: VecDeque<CommandId>,
}

impl User {
    /// Whether they are active in this role and this unit.
    #[must_use]
    pub fn is_active_in(&self, role: Role, unit: &UnitId) -> bool {
        self.active && self.profile.role == role && self.profile.unit.as_ref() == Some(unit)
    }

    /// Until when (exclusive) the one-time password may be used; `None` if the password is the user's
    /// own.
    #[must_use]
    pub fn one_time_until(&self) -> Option<Timestamp> {
        let end = self.password_set_at.checked_add(ONE_TIME_LASTS).unwrap_or(Timestamp::MAX);
        self.must_change_password.then_some(end)
    }
}

/// The fields of "Kullanıcı Ekle".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProfile {
    /// The name people read.
    pub full_name: String,
    /// The role.
    pub role: Role,
    /// The unit; `None` exactly for a Yönetici.
    pub unit: Option<UnitId>,
}

/// Lent authority: at most one at a time, to a Sorumlu of the same unit, with a start and an end.
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
    /// Whether it is active at `at`.
    #[must_use]
    pub fn is_active(&self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at
    }
}
