//! The marker of a closed application in the worker's state, and how it decides commands.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{ApplicationId, CommandId};

use super::command::{Command, CommandBody};
use super::decide::received_again;
use super::event::Event;
use super::refusal::Refusal;
use super::state::{Application, Status};

/// What the worker keeps of a closed application until the deduplication horizon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedMarker {
    /// Which application.
    pub id: ApplicationId,
    /// Its final version.
    pub version: u64,
    /// The hash of its content, to recognise the same submission with other content.
    pub content_hash: String,
    /// When it closed.
    pub closed_at: Timestamp,
    /// The command that closed it. Given again, it changes nothing and is not refused.
    pub closed_by: CommandId,
}

impl ClosedMarker {
    /// The marker of `app`, if it is closed.
    #[must_use]
    pub fn of(app: &Application) -> Option<Self> {
        match (&app.status, app.history.last()) {
            (Status::Closed { at, .. }, Some(last)) => Some(Self {
                id: app.id,
                version: app.version,
                content_hash: app.content_hash.clone(),
                closed_at: *at,
                closed_by: last.command_id,
            }),
            _ => None,
        }
    }

    /// Decides a command as [`super::decide()`] would with the whole application. There are never
    /// events, because a closed application is final (decision l).
    ///
    /// # Errors
    /// [`Refusal::AlreadyReceived`] or [`Refusal::DuplicateConflict`] for its submission,
    /// [`Refusal::Closed`] for anything else but the command that closed it.
    pub fn decide(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        match &command.body {
            CommandBody::Receive(receive) => {
                received_again(false, &self.content_hash, receive).map(|()| Vec::new())
            }
            _ if command.id == self.closed_by => Ok(Vec::new()),
            _ => Err(Refusal::Closed),
        }
    }
}
