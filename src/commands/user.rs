//! `ebasvuru user`: users from the command line, for the first Yönetici and for emergencies.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::{BlockingCommandClient, CommandError};
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::user::{self, User, UserCommand, UserCommandBody, UserProfile};
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Log, LogError, Start, topic};
use ebasvuru_workflow::message::{Decision, Message};
use ebasvuru_workflow::seal::{Field, Sealer};
use serde::Serialize;
use uuid::Uuid;

use crate::bootstrap;
use crate::cli::{RoleArg, User as Command};
use crate::config::Config;
use crate::keys::Keys;

/// How long a reply may take before the operator is told that no workflow worker answers.
const REPLY_TIMEOUT: Duration = Duration::from_secs(20);

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Yonetici => Self::Administrator,
            RoleArg::Yetkili => Self::Supervisor,
            RoleArg::Sorumlu => Self::Officer,
            RoleArg::Koordinasyon => Self::Coordinator,
        }
    }
}

/// Runs the subcommand.
pub fn run(config: &Config, command: Command, out: &mut impl Write) -> anyhow::Result<()> {
    let (log, catalog) = (bootstrap::log(config)?, bootstrap::catalog(config)?);
    let sealer = &Keys::open(config, &catalog, log.as_ref())?.sealer();
    let (log, clock) = (log.as_ref(), &Clock::System);
    match command {
        Command::Add { name, full_name, role, unit } => {
            let unit = unit.map(|unit| unit.parse()).transpose()?;
            let profile = UserProfile { full_name, role: role.into(), unit };
            let (name, password) = (name.parse()?, one_time_password());
            let body = define(sealer, &name, profile, &password, true)?;
            execute(log, clock, name.clone(), None, body)?;
            told(out, &name, &password)?;
        }
        Command::Passwd { name } => {
            let name: UserName = name.parse()?;
            let user = all(log)?.remove(&name).with_context(|| format!("there is no user {name}"))?;
            let password = one_time_password();
            let body = UserCommandBody::ChangePassword {
                password: sealer.seal_user(&name, Field::Password, hash(&password).as_bytes())?,
                must_change_password: true,
            };
            execute(log, clock, name.clone(), Some(user.version), body)?;
            told(out, &name, &password)?;
        }
        Command::List(json) => {
            for user in all(log)?.values() {
                let line = Line::of(user);
                if json.json {
                    writeln!(out, "{}", serde_json::to_string(&line)?)?;
                } else {
                    writeln!(
                        out,
                        "{:<24} {:<26} {:<26} {:<6} {}",
                        line.name,
                        user.profile.role.label_tr(),
                        line.unit.unwrap_or("-"),
                        if line.active { "aktif" } else { "pasif" },
                        line.full_name
                    )?;
                }
            }
        }
    }
    Ok(())
}

fn told(out: &mut impl Write, name: &UserName, password: &str) -> std::io::Result<()> {
    writeln!(out, "{name} may log in once, within 24 hours, with the one-time password {password}")
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    full_name: &'a str,
    role: Role,
    unit: Option<&'a str>,
    active: bool,
    version: u64,
}

impl<'a> Line<'a> {
    fn of(user: &'a User) -> Self {
        Self {
            name: user.name.as_str(),
            full_name: &user.profile.full_name,
            role: user.profile.role,
            unit: user.profile.unit.as_ref().map(|unit| unit.as_str()),
            active: user.active,
            version: user.version,
        }
    }
}

/// The command that defines a user with this password.
pub fn define(
    sealer: &Sealer,
    name: &UserName,
    profile: UserProfile,
    password: &str,
    must_change_password: bool,
) -> anyhow::Result<UserCommandBody> {
    let password = sealer.seal_user(name, Field::Password, hash(password).as_bytes())?;
    Ok(UserCommandBody::DefineUser { profile, password, must_change_password })
}

/// Gives one command on a user as the operator. A refusal is an error with its sentence.
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

/// A client for commands of the operator.
pub fn connect(log: &dyn Log) -> Result<BlockingCommandClient, LogError> {
    BlockingCommandClient::connect(log, REPLY_TIMEOUT)
}

/// What the operator is told when a command gets no reply.
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

/// Every user, as the log has them now.
pub fn all(log: &dyn Log) -> anyhow::Result<BTreeMap<UserName, User>> {
    let mut users = BTreeMap::new();
    log.reader(topic::USERS, Start::Beginning)?.catch_up(&mut |record| match User::from_record(&record) {
        Ok(user) => {
            users.insert(user.name.clone(), user);
        }
        Err(error) => {
            tracing::error!(
                error.message = %error,
                record.topic = topic::USERS,
                record.partition = record.partition,
                record.offset = record.offset,
                "a record of the user directory cannot be read and is skipped"
            );
        }
    })?;
    Ok(users)
}

/// A random one-time password.
pub fn one_time_password() -> String {
    // The first byte of a UUID of version 4 is random as a whole.
    user::one_time_password(&std::array::from_fn(|_| Uuid::new_v4().as_bytes()[0]))
}

fn hash(password: &str) -> String {
    password_auth::generate_hash(password)
}
