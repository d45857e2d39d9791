//! The message contracts on our own topics.
//!
//! The value is JSON; the header `ce_type` (CloudEvents' name for it) says which contract,
//! version included, so that a reader chooses the decoder without opening the value. Keys:
//! the application id as text, or the user name.

mod content;
mod key_fingerprint;
mod layout;
mod notification;
mod replayed;
mod reply;
mod state;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::application::{Command, Event};
use crate::domain::ids::ApplicationId;
use crate::domain::user::{User, UserCommand, UserEvent};
use crate::log::{Outgoing, Record, topic};

pub use content::{Contact, DocumentKind, Form, Person, SubmissionContent};
pub use key_fingerprint::KeyFingerprint;
pub use layout::Layout;
pub use notification::{CitizenAnswer, CitizenDocument, CitizenStatus, Notification};
pub use replayed::Replayed;
pub use reply::{Decision, Reply, ReplyTo};
pub use state::{
    ClosedMarker, Counter, STATE_FORMAT, StateRecord, WaitingWithdrawal, counter_key, format_of,
};

/// The header that names the contract.
pub const TYPE_HEADER: &str = "ce_type";

/// A record that does not hold what its header says.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No value.
    #[error("the record is a tombstone")]
    Tombstone,
    /// The header is missing or unknown to this version.
    #[error("unknown ce_type {0:?}")]
    UnknownType(String),
    /// The value does not parse.
    #[error("{0}: {1}")]
    Malformed(&'static str, serde_json::Error),
}

impl DecodeError {
    /// Whether a newer version can have written it: of a type that is not known here, or well-formed
    /// and of another shape than is known here.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        match self {
            Self::Tombstone => false,
            Self::UnknownType(name) => !name.is_empty(),
            Self::Malformed(_, error) => error.is_data(),
        }
    }
}

/// A value with a contract: its `ce_type`, its topic, its key.
pub trait Message: Serialize + DeserializeOwned {
    /// The contract's name and version.
    const TYPE: &'static str;
    /// The topic it is written to.
    const TOPIC: &'static str;
    /// Of what is read, changed and written again: its format (see [`STATE_FORMAT`]).
    const FORMAT: Option<u32> = None;
    /// The key it is written under.
    fn key(&self) -> String;

    /// The record to append.
    fn to_record(&self) -> Outgoing {
        self.to_record_of(encode(self))
    }

    /// The record to append, when the value has been serialized already.
    fn to_record_of(&self, value: Bytes) -> Outgoing {
        let mut headers = vec![(TYPE_HEADER.into(), Bytes::from_static(Self::TYPE.as_bytes()))];
        headers.extend(Self::FORMAT.map(state::format_header));
        Outgoing {
            topic: Self::TOPIC,
            partition: None,
            key: Some(self.key().into()),
            value: Some(value),
            headers,
        }
    }

    /// The value of a record, whose type the caller has looked at.
    fn from_record(record: &Record) -> Result<Self, DecodeError> {
        let value = record.value.as_ref().ok_or(DecodeError::Tombstone)?;
        serde_json::from_slice(value).map_err(|e| DecodeError::Malformed(Self::TYPE, e))
    }
}

#[expect(clippy::expect_used, reason = "our own types have string keys and no failing serializer")]
fn encode<T: Serialize>(value: &T) -> Bytes {
    serde_json::to_vec(value).expect("a message serializes").into()
}

/// A value serialized once, to stand in several records.
#[expect(clippy::expect_used, reason = "as in `encode`")]
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("a message serializes")
}

/// The `ce_type` of a record.
#[must_use]
pub fn type_of(record: &Record) -> &str {
    record.header(TYPE_HEADER).unwrap_or_default()
}

/// A command on an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationCommand {
    /// Which application.
    pub application: ApplicationId,
    /// What is asked.
    pub command: Command,
}

impl Message for ApplicationCommand {
    const TYPE: &'static str = "ebasvuru.command.v1";
    const TOPIC: &'static str = topic::COMMANDS;
    fn key(&self) -> String {
        self.application.to_string()
    }
}

impl Message for UserCommand {
    const TYPE: &'static str = "ebasvuru.user-command.v1";
    const TOPIC: &'static str = topic::COMMANDS;
    /// One key for all: one worker decides every command on a user, one after the other, so
    /// that what is judged across users (the last active Yönetici stays) is judged on what
    /// is, not on what was read of it. People are changed seldom; one partition is plenty.
    fn key(&self) -> String {
        "users".into()
    }
}

impl Message for Event {
    const TYPE: &'static str = "ebasvuru.event.v1";
    const TOPIC: &'static str = topic::EVENTS;
    fn key(&self) -> String {
        self.application.to_string()
    }
}

impl Message for UserEvent {
    const TYPE: &'static str = "ebasvuru.user-event.v1";
    const TOPIC: &'static str = topic::EVENTS;
    fn key(&self) -> String {
        self.user.to_string()
    }
}

impl Message for User {
    const TYPE: &'static str = "ebasvuru.user.v1";
    const TOPIC: &'static str = topic::USERS;
    const FORMAT: Option<u32> = Some(STATE_FORMAT);
    fn key(&self) -> String {
        self.name.to_string()
    }
}

/// A record of `ebasvuru.commands`.
#[derive(Clone, Debug)]
pub enum AnyCommand {
    /// On an application.
    Application(Box<ApplicationCommand>),
    /// On a user.
    User(Box<UserCommand>),
}

impl AnyCommand {
    /// Reads a record of `ebasvuru.commands`.
    pub fn from_record(record: &Record) -> Result<Self, DecodeError> {
        match type_of(record) {
            ApplicationCommand::TYPE => {
                ApplicationCommand::from_record(record).map(|c| Self::Application(Box::new(c)))
            }
            UserCommand::TYPE => UserCommand::from_record(record).map(|c| Self::User(Box::new(c))),
            other => Err(DecodeError::UnknownType(other.into())),
        }
    }
}

/// A record of `ebasvuru.events`.
#[derive(Clone, Debug)]
pub enum AnyEvent {
    /// Of an application.
    Application(Box<Event>),
    /// Of a user.
    User(Box<UserEvent>),
}

impl AnyEvent {
    /// Reads a record of `ebasvuru.events`.
    pub fn from_record(record: &Record) -> Result<Self, DecodeError> {
        match type_of(record) {
            Event::TYPE => Event::from_record(record).map(|e| Self::Application(Box::new(e))),
            UserEvent::TYPE => UserEvent::from_record(record).map(|e| Self::User(Box::new(e))),
            other => Err(DecodeError::UnknownType(other.into())),
        }
    }
}
