//! The application: what a citizen asked of a governorate, and where it stands.

pub mod command;
pub mod event;
mod rejection;
mod state;

pub use command::{Command, CommandBody, Receive};
pub use event::{Event, EventBody, EventKind, Facts, Received};
pub use rejection::Rejection;
pub use state::{
    Answer, Applicant, Application, DocumentCheck, HistoryEntry, Note, Outcome, Phase, Proposal,
    SendBackReason, Stage, StageName, SupersededAnswer,
};
