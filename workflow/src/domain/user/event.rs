//! The events of a user.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::ids::{CommandId, EventId, UserName};
use crate::domain::sealed::Sealed;

use super::access::EndedSession;
use super::state::{Delegation, UserProfile};

/// An event of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEvent {
    /// UUIDv5 of the user and `seq`.
    pub id: EventId,
    /// The user.
    pub user: UserName,
    /// 1, 2, 3 … without gaps.
    pub seq: u64,
    /// The command that it comes from.
    pub command_id: CommandId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The offset up to which the user directory had been read for the decision.
    pub directory_offset: i64,
    /// What happened.
    #[serde(rename = "what")]
    pub body: UserEventBody,
}

/// What happened. Only the state has the password; events only say that it was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body")]
pub enum UserEventBody {
    /// "Kullanıcı Ekle".
    #[serde(rename = "user_defined.v1")]
    Defined {
        /// Name, role and unit.
        profile: UserProfile,
        /// The sealed hash, for the state; never written to the events topic.
        #[serde(skip_serializing, default = "no_password")]
        password: Sealed,
        /// Whether it must be changed at the first login.
        must_change_password: bool,
    },
    /// "Kaydet".
    #[serde(rename = "user_updated.v1")]
    Updated {
        /// Name, role and unit from now on.
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
        /// The sealed hash, for the state; never written to the events topic.
        #[serde(skip_serializing, default = "no_password")]
        password: Sealed,
        /// Whether it must be changed at the next login.
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
