//! The application: what a citizen applied for at a governorate, and its status.

mod action;
mod closed_marker;
pub mod command;
mod decide;
pub mod event;
mod event_kind;
mod evolve;
mod refusal;
mod room;
mod state;
mod system;
mod visibility;

pub use action::Action;
pub use closed_marker::ClosedMarker;
pub use command::{Command, CommandBody, Receive};
pub use decide::{Context, NextNumber, allowed_actions, decide};
pub use event::{Event, EventBody, EventKind, Facts, Received};
pub use evolve::evolve;
pub use refusal::Refusal;
pub use state::{
    Answer, Applicant, Application, DocumentCheck, EarlierSendBack, HistoryEntry, Note, Outcome, Phase,
    Proposal, SendBackReason, Status, StatusName, SupersededAnswer,
};
pub use system::{breach_id, clock_command, return_command};
pub use visibility::{Visibility, visible_to};

#[cfg(test)]
pub(crate) mod tests;
