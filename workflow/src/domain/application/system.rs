//! The commands of the system itself. Their ids are deterministic, so that giving one again, after a
//! restart or by another replica, changes nothing.

use jiff::Timestamp;

use crate::domain::actor::Actor;
use crate::domain::directory::Directory;
use crate::domain::ids::{ApplicationId, CommandId};

use super::command::{Command, CommandBody};
use super::state::{Application, Phase};

/// The id of the one command that records the breach of an application.
#[must_use]
pub fn breach_id(application: ApplicationId) -> CommandId {
    CommandId::deterministic(&application.to_string(), "breach")
}

/// The command that is due at `now`: the lapse of an Ön Başvuru, or the breach of a deadline. `None`
/// before [`Application::timer_at`].
#[must_use]
pub fn clock_command(app: &Application, now: Timestamp) -> Option<Command> {
    app.timer_at().filter(|timer_at| *timer_at <= now)?;
    let (id, body) = match app.phase {
        Phase::PreApplication { .. } => {
            (CommandId::deterministic(&app.id.to_string(), "lapse"), CommandBody::Lapse)
        }
        Phase::Application { .. } => (breach_id(app.id), CommandBody::RecordBreach),
    };
    Some(Command { id, actor: Actor::System, expected_version: None, at: now, body })
}

/// The command that takes an application back from a holder who is no longer fit: pasif, or not a
/// Sorumlu of the unit any more. `None` if the holder is fit, or nobody holds it.
#[must_use]
pub fn return_command(app: &Application, directory: &Directory, now: Timestamp) -> Option<Command> {
    let holder = app.status.holder()?;
    if directory.is_officer(holder, &app.unit) {
        return None;
    }
    let id = CommandId::deterministic(&app.id.to_string(), &format!("return/{}", app.version));
    Some(Command { id, actor: Actor::System, expected_version: None, at: now, body: CommandBody::TakeBack })
}
