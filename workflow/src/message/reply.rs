//! `ebasvuru.replies`: the result of a command, for whoever gave it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::contract::Message;
use super::json;
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, CommandId, ScheduleId, UserName};
use crate::domain::schedule::Schedule;
use crate::domain::user::User;
use crate::log::{Outgoing, topic};

/// The reply to one command of staff, an operator or a citizen. Submissions and commands of the system
/// get none, because nobody waits for one.
///
/// The worker writes a `Reply<RawValue>`, because it already has the application as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "A: Serialize", deserialize = "Box<A>: Deserialize<'de>"))]
pub struct Reply<A: ?Sized = Application> {
    /// The command.
    pub command_id: CommandId,
    /// What the command was on.
    pub to: ReplyTo,
    /// Whether it was accepted.
    #[serde(rename = "verdict")]
    pub decision: Decision,
    /// The application, so that the next page shows what became of it, or after a conflict what has changed.
    /// Absent if the command has left it open: its snapshot, of the same transaction and of the version in
    /// `decision` or a newer one, has its state. Absent also if a command on a closed one comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Box<A>>,
    /// The user after the command, without the password hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Box<User>>,
    /// The scheduled report after the command; none after its deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Box<Schedule>>,
}

/// The aggregate that a command was on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyTo {
    /// An application.
    Application(ApplicationId),
    /// A user.
    User(UserName),
    /// A scheduled report.
    Schedule(ScheduleId),
}

/// Accepted or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Decision {
    /// It was accepted, or had been accepted before (the same command id).
    Accepted {
        /// The version now.
        version: u64,
    },
    /// It was refused; nothing changed.
    #[serde(rename = "rejected")]
    Refused {
        /// The stable code.
        code: String,
        /// The sentence for the person.
        text_tr: String,
    },
}

impl<A: ?Sized + Serialize> Message for Reply<A>
where
    Box<A>: DeserializeOwned,
{
    const TYPE: &'static str = "ebasvuru.reply.v1";
    const TOPIC: &'static str = topic::REPLIES;
    fn key(&self) -> String {
        match &self.to {
            ReplyTo::Application(id) => id.to_string(),
            ReplyTo::User(name) => name.to_string(),
            ReplyTo::Schedule(id) => id.to_string(),
        }
    }

    fn to_record(&self) -> Outgoing {
        let value = if self.application.is_some() { json::encode_raw(self) } else { json::encode(self) };
        self.to_record_of(value)
    }
}
