//! Commands that the operator gives from the command line: users are defined and get passwords.

use std::time::Duration;

use anyhow::{anyhow, bail};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::{BlockingCommandClient, CommandError};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::domain::user::{self, UserCommand, UserCommandBody, UserProfile};
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Log, LogError, topic};
use ebasvuru_workflow::message::{Decision, Message};
use ebasvuru_workflow::seal::{Field, SealError, Sealer};
use uuid::Uuid;

/// How long a reply may take before the operator is told that no workflow worker answers.
const REPLY_TIMEOUT: Duration = Duration::from_secs(20);

/// A client for commands of the operator.
pub fn connect(log: &dyn Log) -> Result<BlockingCommandClient, LogError> {
    BlockingCommandClient::connect(log, REPLY_TIMEOUT)
}

/// The error of a command that gets no reply.
pub fn no_reply(error: CommandError) -> anyhow::Error {
    match error {
        CommandError::Pending(_) => anyhow!(ErrorCode::NoReply.with(format!(
            "no reply within {} s: is a workflow worker running on this log? The command stays \
             in {} and will be carried out when one runs.",
            REPLY_TIMEOUT.as_secs(),
            topic::COMMANDS
        ))),
        CommandError::Log(error) => error.into(),
    }
}

/// Gives one command on a user. A refusal is an error with its sentence.
pub fn execute(
    log: &dyn Log,
    clock: &Clock,
    user: UserName,
    expected_version: Option<u64>,
    body: UserCommandBody,
) -> anyhow::Result<()> {
    let id = CommandId(Uuid::now_v7());
    let command = UserCommand { id, actor: Actor::Operator, expected_version, at: clock.now(), user, body };
    let mut replies = connect(log)?.execute_all(vec![(id, command.to_record())]).map_err(no_reply)?;
    match replies.remove(&id).map(|reply| reply.decision) {
        Some(Decision::Refused { code, text_tr }) => bail!("{code}: {text_tr}"),
        _ => Ok(()),
    }
}

/// The command that defines a user with this password.
pub fn define_user(
    sealer: &Sealer,
    name: &UserName,
    profile: UserProfile,
    password: &str,
    must_change_password: bool,
) -> anyhow::Result<UserCommandBody> {
    let password = sealed_password(sealer, name, password)?;
    Ok(UserCommandBody::DefineUser { profile, password, must_change_password })
}

/// The command that gives a user a one-time password.
pub fn reset_password(sealer: &Sealer, name: &UserName, password: &str) -> anyhow::Result<UserCommandBody> {
    let password = sealed_password(sealer, name, password)?;
    Ok(UserCommandBody::ChangePassword { password, must_change_password: true })
}

/// A random one-time password.
pub fn one_time_password() -> String {
    // The first byte of a UUID of version 4 is random as a whole.
    user::one_time_password(&std::array::from_fn(|_| Uuid::new_v4().as_bytes()[0]))
}

/// A password as commands carry it: hashed and sealed.
fn sealed_password(sealer: &Sealer, name: &UserName, password: &str) -> Result<Sealed, SealError> {
    sealer.seal_user(name, Field::Password, password_auth::generate_hash(password).as_bytes())
}
