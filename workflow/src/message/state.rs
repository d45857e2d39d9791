//! What the workers' state is restored from: `ebasvuru.applications` and `ebasvuru.users`; and the
//! final snapshots in `ebasvuru.archive`.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contract::{DecodeError, Message, STATE_FORMAT, TYPE_HEADER, encode, format_header, type_of};
use crate::domain::application::{Application, Command};
use crate::domain::ids::ApplicationId;
use crate::domain::user::User;
use crate::log::{Outgoing, Record, topic};

pub use crate::domain::application::ClosedMarker;

impl Message for Application {
    const TYPE: &'static str = "ebasvuru.application.v1";
    const TOPIC: &'static str = topic::APPLICATIONS;
    const FORMAT: Option<u32> = Some(STATE_FORMAT);
    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl Application {
    /// The final snapshot, for the archive, in the partition of its state; serialized already. Its
    /// key names the life that ended: a submission that is received anew keeps its earlier one.
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

/// A citizen's withdrawal that overtook its submission: order between the partitions of
/// `edevlet.submissions` is not assumed. It waits under the application's key, and is
/// applied right after the application is received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingWithdrawal {
    /// Which application.
    pub id: ApplicationId,
    /// What the citizen asked.
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

/// How many applications a partition has received: the source of application numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// The partition it stands in and counts for.
    pub partition: i32,
    /// The last running number given.
    pub running: u64,
}

const COUNTER_TYPE: &str = "ebasvuru.counter.v1";

/// The key of a partition's counter; no application id looks like it.
#[must_use]
pub fn counter_key(partition: i32) -> String {
    format!("counter/{partition}")
}

impl Counter {
    /// The record, placed in the partition it counts for.
    #[must_use]
    pub fn to_record(&self) -> Outgoing {
        Outgoing {
            topic: topic::APPLICATIONS,
            partition: Some(self.partition),
            key: Some(counter_key(self.partition).into()),
            value: Some(encode(self)),
            headers: vec![(TYPE_HEADER.into(), COUNTER_TYPE.into()), format_header(STATE_FORMAT)],
        }
    }
}

/// A record of `ebasvuru.applications` or `ebasvuru.archive`.
#[derive(Clone, Debug)]
pub enum StateRecord {
    /// A snapshot.
    Application(Box<Application>),
    /// What is left of a closed one.
    ClosedMarker(ClosedMarker),
    /// A withdrawal that waits for its submission.
    Waiting(WaitingWithdrawal),
    /// A partition's counter.
    Counter(Counter),
}

impl StateRecord {
    /// Reads a record that is no tombstone.
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
