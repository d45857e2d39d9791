//! What happened to a user's record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::ids::{CommandId, EventId, UserName};
use crate::domain::sealed::Sealed;

use super::access::EndedSession;
use super::state::{Delegation, UserProfile};

/// One thing that happened to a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEvent {
    /// UUIDv5 of the user and `seq`.
    pub id: EventId,
    /// Whose record.
    pub user: UserName,
    /// 1, 2, 3 … without gaps.
    pub seq: u64,
    /// The command that led to it.
    pub command_id: CommandId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The user directory as the decision saw it.
    pub directory_offset: i64,
    /// What happened.
    #[serde(rename = "what")]
    pub body: UserEventBody,
}

/// What happened. Passwords are in the state alone, so events say only that one was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body")]
pub enum UserEventBody {
    /// "Kullanıcı Ekle".
    #[serde(rename = "user_defined.v1")]
    Defined {
        /// Who they are.
        profile: UserProfile,
        /// The sealed hash: for the state, never written to the events topic.
        #[serde(skip_serializing, default = "no_password")]
        password: Sealed,
        /// Whether the first login must change it.
        must_change_password: bool,
    },
    /// "Kaydet".
    #[serde(rename = "user_updated.v1")]
    Updated {
        /// Who they are now.
        profile: UserProfile,
    },
    /// Aktif.
    #[serde(rename = "user_activated.v1")]
    Activated,
    /// Pasif.
    #[serde(rename = "user_deactivated.v1")]
    Deactivated,
    /// A password was set.
    #[serde(rename = "user_password_changed.v1")]
    PasswordChanged {
        /// The sealed hash: for the state, never written to the events topic.
        #[serde(skip_serializing, default = "no_password")]
        password: Sealed,
        /// Whether the next login must change it.
        must_change_password: bool,
    },
    /// Authority was lent.
    #[serde(rename = "user_delegated.v1")]
    Delegated {
        /// To whom, from when, until when.
        delegation: Delegation,
    },
    /// Authority was taken back.
    #[serde(rename = "user_delegation_revoked.v1")]
    DelegationRevoked,
    /// A one-time password was used for its one login.
    #[serde(rename = "user_one_time_password_used.v1")]
    OneTimePasswordUsed,
    /// "Çıkış".
    #[serde(rename = "user_session_ended.v1")]
    SessionEnded {
        /// Which session.
        session: EndedSession,
    },
}

fn no_password() -> Sealed {
    Sealed("".into())
}
