//! Commands on scheduled reports.

use std::sync::Arc;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::{CommandId, ScheduleId};
use ebasvuru_workflow::domain::schedule::{Schedule, ScheduleCommand, ScheduleCommandBody};
use ebasvuru_workflow::message::Decision;

use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::problem::Problem;

/// What is said where no mail server is configured.
pub const OFF: &str =
    "E-posta gönderimi kapalıdır: sistem yöneticisi bir posta sunucusu tanımlamamıştır (smtp.url).";

/// A scheduled report of this id.
pub fn find(app: &App, id: &str) -> Result<Arc<Schedule>, Problem> {
    let id: ScheduleId = id.parse().map_err(|_| Problem::NotFound)?;
    app.schedules.get(id).ok_or(Problem::NotFound)
}

/// Executes a command on a scheduled report with the version that the form carries.
pub async fn execute(
    app: &App,
    viewer: &Viewer,
    form: &SubmittedForm,
    id: CommandId,
    schedule: ScheduleId,
    body: ScheduleCommandBody,
) -> Result<(), FormError> {
    let command = ScheduleCommand {
        id,
        actor: Actor::Staff(viewer.user.name.clone()),
        expected_version: form.text("surum").parse().ok(),
        at: app.clock.now(),
        schedule,
        body,
    };
    match app.commands.execute_schedule(&command).await?.decision {
        Decision::Accepted { .. } => Ok(()),
        Decision::Refused { text_tr, .. } => Err(FormError::refused(&text_tr)),
    }
}
