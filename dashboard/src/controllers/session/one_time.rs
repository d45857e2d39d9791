//! The one login of a one-time password: the workflow counts it, so that it is one on all replicas.

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::user::{User, UserCommand, UserCommandBody, UserRefusal};
use ebasvuru_workflow::message::Decision;

use crate::app::App;
use crate::gateway::AskError;

/// Uses the user's one-time password up, if it is one. `Err` within: the code of the refusal and
/// its sentence. The same browser may ask again until it is logged in: what it asked for may have
/// been done although nobody answered.
pub async fn spend(app: &App, user: &User, visitor: &str) -> Result<Result<(), (String, String)>, AskError> {
    if !user.must_change_password {
        return Ok(Ok(()));
    }
    // The worker knows a command that it has carried out, and would say yes again.
    if user.one_time_until().is_some_and(|until| until <= app.clock.now()) {
        let expired = UserRefusal::OneTimePasswordExpired;
        return Ok(Err((expired.code().to_owned(), expired.text_tr().to_owned())));
    }
    let password = format!("one-time-login/{}/{}", user.name, user.password_set_at);
    let command = UserCommand {
        id: CommandId::deterministic(&password, visitor),
        actor: Actor::Staff(user.name.clone()),
        expected_version: Some(user.version),
        at: app.clock.now(),
        user: user.name.clone(),
        body: UserCommandBody::UseOneTimePassword,
    };
    Ok(match app.gateway.ask_user(&command).await?.decision {
        Decision::Accepted { .. } => Ok(()),
        Decision::Refused { code, text_tr } => Err((code, text_tr)),
    })
}
