//! `ebasvuru.applications` and `ebasvuru.users`, from which workers restore their state, and the final
//! snapshots in `ebasvuru.archive`.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contract::{DecodeError, Message, STATE_FORMAT, TYPE_HEADER, format_header, type_of};
use super::json;
use crate::domain::application::{Application, Command};
use crate::domain::ids::ApplicationId;
use crate::domain::user::User;
use crate::log::{Outgoing, Record, topic};

pub use crate::domain::application::ClosedMarker;

/// The header with the version of a snapshot.
pub const VERSION_HEADER: &str = "version";

impl Message for Application {
    const TYPE: &'static str = "ebasvuru.application.v1";
    const TOPIC: &'static str = topic::APPLICATIONS;
    const FORMAT: Option<u32> = Some(STATE_FORMAT);
    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl Application {
    /// The final snapshot for the archive, from its serialized value, in the partition of its state.
    /// The key contains the application number: if the submission is received again later, its earlier
    /// final snapshot stays.
    #[must_use]
    pub fn to_archive_record_of(&self, value: Bytes, partition: i32) -> Outgoing {
        Outgoing {
            topic: topic::ARCHIVE,
            partition: Some(partition),
            key: Some(format!("{}/{}", self.id, self.no).into()),
            ..self.to_record_of(value)
        }
    }
}

impl Message for ClosedMarker {
    const TYPE: &'static str = "ebasvuru.stub.v1";
    const TOPIC: &'static str = topic::APPLICATIONS;
    const FORMAT: Option<u32> = Some(STATE_FORMAT);
    fn key(&self) -> String {
        self.id.to_string()
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

/// A citizen's withdrawal that arrived before its submission, because there is no order between the
/// partitions of `edevlet.submissions`. It waits under the application's key and is applied as soon
/// as the application is received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingWithdrawal {
    /// Which application.
    pub id: ApplicationId,
    /// The command.
    pub command: Command,
    /// Since when it waits.
    pub since: Timestamp,
}

impl Message for WaitingWithdrawal {
    const TYPE: &'static str = "ebasvuru.waiting-withdrawal.v1";
    const TOPIC: &'static str = topic::APPLICATIONS;
    const FORMAT: Option<u32> = Some(STATE_FORMAT);
    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// How many applications a partition has received; application numbers are made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// The partition that it is in and counts for.
    pub partition: i32,
    /// The last running number that was used.
    pub running: u64,
}

const COUNTER_TYPE: &str = "ebasvuru.counter.v1";

/// The key of the counter of a partition; no application id looks like it.
#[must_use]
pub fn counter_key(partition: i32) -> String {
    format!("counter/{partition}")
}

impl Counter {
    /// The record, in the partition that it counts for.
    #[must_use]
    pub fn to_record(&self) -> Outgoing {
        Outgoing {
            topic: topic::APPLICATIONS,
            partition: Some(self.partition),
            key: Some(counter_key(self.partition).into()),
            value: Some(json::encode(self)),
            headers: vec![(TYPE_HEADER.into(), COUNTER_TYPE.into()), format_header(STATE_FORMAT)],
        }
    }
}

/// A record of `ebasvuru.applications` or `ebasvuru.archive`.
#[derive(Clone, Debug)]
pub enum StateRecord {
    /// A snapshot.
    Application(Box<Application>),
    /// The marker of a closed application.
    ClosedMarker(ClosedMarker),
    /// A withdrawal that waits for its submission.
    Waiting(WaitingWithdrawal),
    /// The counter of a partition.
    Counter(Counter),
}

impl StateRecord {
    /// Reads a record that is not a tombstone.
    pub fn from_record(record: &Record) -> Result<Self, DecodeError> {
        match type_of(record) {
            Application::TYPE => Application::from_record(record).map(|a| Self::Application(Box::new(a))),
            ClosedMarker::TYPE => ClosedMarker::from_record(record).map(Self::ClosedMarker),
            WaitingWithdrawal::TYPE => WaitingWithdrawal::from_record(record).map(Self::Waiting),
            COUNTER_TYPE => {
                let value = record.value.as_ref().ok_or(DecodeError::Tombstone)?;
                serde_json::from_slice(value)
                    .map(Self::Counter)
                    .map_err(|e| DecodeError::Malformed(COUNTER_TYPE, e))
            }
            other => Err(DecodeError::UnknownType(other.into())),
        }
    }
}
