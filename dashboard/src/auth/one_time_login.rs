//! The one login of a one-time password. The workflow counts it, so that there is one on all
//! replicas together.

use ebasvuru_workflow::command_client::{CommandClient, CommandError};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::user::{User, UserCommand, UserCommandBody, UserRefusal};
use ebasvuru_workflow::message::Decision;
use jiff::Timestamp;

/// Why a one-time password does not log in.
#[derive(Debug, thiserror::Error)]
pub enum OneTimeLoginError {
    /// It has expired or has been used.
    #[error("{code}: {text_tr}")]
    Refused {
        /// The code of the refusal.
        code: String,
        /// Its sentence in Turkish.
        text_tr: String,
    },
    /// The workflow did not answer.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Marks the user's password as used if it is a one-time password.
///
/// `visitor` is the token of the browser's login form: the same browser may try again until it is
/// logged in, because the command may have been carried out although its reply was lost.
pub async fn use_one_time_password(
    commands: &CommandClient,
    user: &User,
    visitor: &str,
    now: Timestamp,
) -> Result<(), OneTimeLoginError> {
    if !user.must_change_password {
        return Ok(());
    }
    // The worker accepts a command again that it has carried out, so this is checked here, too.
    if user.one_time_until().is_some_and(|until| until <= now) {
        let expired = UserRefusal::OneTimePasswordExpired;
        return Err(OneTimeLoginError::Refused {
            code: expired.code().to_owned(),
            text_tr: expired.text_tr().to_owned(),
        });
    }
    let password = format!("one-time-login/{}/{}", user.name, user.password_set_at);
    let command = UserCommand {
        id: CommandId::deterministic(&password, visitor),
        actor: Actor::Staff(user.name.clone()),
        expected_version: Some(user.version),
        at: now,
        user: user.name.clone(),
        body: UserCommandBody::UseOneTimePassword,
    };
    match commands.execute_user(&command).await?.decision {
        Decision::Accepted { .. } => Ok(()),
        Decision::Refused { code, text_tr } => Err(OneTimeLoginError::Refused { code, text_tr }),
    }
}
