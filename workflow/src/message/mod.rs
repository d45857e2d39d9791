//! The message contracts on our own topics.
//!
//! The value is JSON. The header `ce_type` (as in CloudEvents) names the contract and its version, so
//! that a reader chooses the decoder without parsing the value. The key is the application id as text,
//! the user name, or the id of the scheduled report.

mod access;
mod command;
mod content;
mod contract;
mod event;
pub mod json;
mod key_fingerprint;
mod layout;
mod notification;
mod replay_accepted;
mod replayed;
mod reply;
mod schedule;
mod state;

pub use access::{Access, Opened};
pub use command::{AnyCommand, ApplicationCommand};
pub use content::{Contact, DocumentKind, Form, Person, SubmissionContent};
pub use contract::{DecodeError, Message, STATE_FORMAT, TYPE_HEADER, format_of, type_of};
pub use event::AnyEvent;
pub use key_fingerprint::KeyFingerprint;
pub use layout::Layout;
pub use notification::{AwaitedDocuments, CitizenAnswer, CitizenDocument, CitizenStatus, Notification};
pub use replay_accepted::ReplayAccepted;
pub use replayed::Replayed;
pub use reply::{Decision, Reply, ReplyTo};
pub use schedule::ScheduleRecord;
pub use state::{ClosedMarker, Counter, StateRecord, VERSION_HEADER, WaitingWithdrawal, counter_key};
