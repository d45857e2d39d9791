//! What became of a command, for whoever asked.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::domain::application::Application;
use crate::domain::ids::{ApplicationId, CommandId, UserName};
use crate::domain::user::User;
use crate::log::topic;

/// The answer to one command of staff, operator or citizen. Nobody asks after the
/// commands of ingest and of the clock, so those get none.
///
/// The worker writes a `Reply<RawValue>`: it has the application's JSON at hand already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "A: Serialize", deserialize = "Box<A>: Deserialize<'de>"))]
pub struct Reply<A: ?Sized = Application> {
    /// The command.
    pub command_id: CommandId,
    /// On what.
    pub to: ReplyTo,
    /// What became of it.
    #[serde(rename = "verdict")]
    pub decision: Decision,
    /// The application as it is now, so that the next page shows the result (or, after a
    /// conflict, what changed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<Box<A>>,
    /// The user as they are now; the password hash stays behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Box<User>>,
}

/// The aggregate a reply speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyTo {
    /// An application.
    Application(ApplicationId),
    /// A user.
    User(UserName),
}

/// Accepted or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Decision {
    /// It happened (or had happened: the same command id).
    Accepted {
        /// The version now.
        version: u64,
    },
    /// It did not.
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
        }
    }
}
