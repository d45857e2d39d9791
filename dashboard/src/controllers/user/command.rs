//! Commands on users.

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::user::{UserCommand, UserCommandBody};
use ebasvuru_workflow::message::Decision;

use crate::controllers::session::confirm_password;
use crate::view::i18n::tr;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;

/// Checks the viewer's own password in forms that give or take away access, against unattended
/// screens.
pub async fn confirm_own_password(app: &App, viewer: &Viewer, form: &SubmittedForm) -> Result<(), FormError> {
    let wrong = tr("Kendi şifreniz hatalı; işlem yapılmadı.");
    confirm_password(app, viewer, form.raw("sifreniz"), wrong).await.map_err(FormError::Refused)
}

/// Executes a command on a user with the version that the form carries.
pub async fn execute(
    app: &App,
    viewer: &Viewer,
    form: &SubmittedForm,
    id: CommandId,
    user: UserName,
    body: UserCommandBody,
) -> Result<(), FormError> {
    let command = UserCommand {
        id,
        actor: Actor::Staff(viewer.user.name.clone()),
        expected_version: form.text("surum").parse().ok(),
        at: app.clock.now(),
        user,
        body,
    };
    match app.commands.execute_user(&command).await?.decision {
        Decision::Accepted { .. } => Ok(()),
        Decision::Refused { text_tr, .. } => Err(FormError::refused(&text_tr)),
    }
}
