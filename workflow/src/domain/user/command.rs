//! The commands on a user.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::ids::{CommandId, UserName};
use crate::domain::sealed::Sealed;

use super::access::EndedSession;
use super::state::{Delegation, UserProfile};

/// A command on a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserCommand {
    /// Applying the same id twice changes nothing.
    pub id: CommandId,
    /// Who gives it.
    pub actor: Actor,
    /// The version that the actor saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u64>,
    /// When it was given.
    pub at: Timestamp,
    /// The user that it is on.
    pub user: UserName,
    /// What is asked.
    #[serde(rename = "what")]
    pub body: UserCommandBody,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum UserCommandBody {
    /// "Kullanıcı Ekle".
    DefineUser {
        /// Name, role and unit.
        profile: UserProfile,
        /// The sealed argon2id hash of the first password.
        password: Sealed,
        /// Whether it must be changed at the first login (always, except in the demo).
        must_change_password: bool,
    },
    /// "Kaydet" on an existing user.
    UpdateUser {
        /// Name, role and unit from now on.
        profile: UserProfile,
    },
    /// Aktif / pasif.
    SetActive {
        /// Aktif.
        active: bool,
    },
    /// A new password: the user's own, or one set by whoever manages the user (to be changed then).
    ChangePassword {
        /// The sealed argon2id hash.
        password: Sealed,
        /// Whether it must be changed at the next login.
        must_change_password: bool,
    },
    /// A Yetkili lends their authority.
    Delegate {
        /// To whom, from when, until when.
        delegation: Delegation,
    },
    /// A Yetkili takes it back.
    RevokeDelegation,
    /// The one login with a one-time password.
    UseOneTimePassword,
    /// "Çıkış": one session ends; the user's other sessions stay.
    EndSession {
        /// Which session.
        session: EndedSession,
    },
}
