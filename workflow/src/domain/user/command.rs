//! What can be asked of a user's record.

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
    /// The version the actor saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u64>,
    /// When it was given.
    pub at: Timestamp,
    /// Whose record.
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
        /// Who they are.
        profile: UserProfile,
        /// The sealed argon2id hash of the first password.
        password: Sealed,
        /// Whether the first login must change it (yes, unless a demo).
        must_change_password: bool,
    },
    /// "Kaydet" on an existing user.
    UpdateUser {
        /// Who they are now.
        profile: UserProfile,
    },
    /// Aktif / pasif.
    SetActive {
        /// Aktif.
        active: bool,
    },
    /// A new password: one's own, or given by who may manage the user (then to be changed).
    ChangePassword {
        /// The sealed argon2id hash.
        password: Sealed,
        /// Whether the next login must change it.
        must_change_password: bool,
    },
    /// A Yetkili lends their authority.
    Delegate {
        /// To whom, from when, until when.
        delegation: Delegation,
    },
    /// A Yetkili takes it back.
    RevokeDelegation,
    /// The one login of a one-time password.
    UseOneTimePassword,
    /// "Çıkış": one session ends, the user's others stay.
    EndSession {
        /// Which.
        session: EndedSession,
    },
}
