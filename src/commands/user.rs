//! `ebasvuru user`: users from the command line, for the first Yönetici and for emergencies.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Context;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::{User, UserProfile};
use ebasvuru_workflow::log::{Log, Start, topic};
use ebasvuru_workflow::message::Message;
use serde::Serialize;

use crate::bootstrap;
use crate::cli::{RoleArg, User as Command};
use crate::config::Config;
use crate::keys::Keys;
use crate::operator::{define_user, execute, one_time_password, reset_password};

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
            let body = define_user(sealer, &name, profile, &password, true)?;
            execute(log, clock, name.clone(), None, body)?;
            print_password(out, &name, &password)?;
        }
        Command::Passwd { name } => {
            let name: UserName = name.parse()?;
            let user = read_users(log)?.remove(&name).with_context(|| format!("there is no user {name}"))?;
            let password = one_time_password();
            let body = reset_password(sealer, &name, &password)?;
            execute(log, clock, name.clone(), Some(user.version), body)?;
            print_password(out, &name, &password)?;
        }
        Command::List(options) => {
            for user in read_users(log)?.values() {
                print_user(out, user, options.json)?;
            }
        }
    }
    Ok(())
}

fn print_password(out: &mut impl Write, name: &UserName, password: &str) -> std::io::Result<()> {
    writeln!(out, "{name} may log in once, within 24 hours, with the one-time password {password}")
}

/// A user as `list --json` prints one.
#[derive(Serialize)]
struct ListedUser<'a> {
    name: &'a str,
    full_name: &'a str,
    role: Role,
    unit: Option<&'a str>,
    active: bool,
    version: u64,
}

fn print_user(out: &mut impl Write, user: &User, json: bool) -> anyhow::Result<()> {
    let listed = ListedUser {
        name: user.name.as_str(),
        full_name: &user.profile.full_name,
        role: user.profile.role,
        unit: user.profile.unit.as_ref().map(|unit| unit.as_str()),
        active: user.active,
        version: user.version,
    };
    if json {
        writeln!(out, "{}", serde_json::to_string(&listed)?)?;
    } else {
        writeln!(
            out,
            "{:<24} {:<26} {:<26} {:<6} {}",
            listed.name,
            listed.role.label_tr(),
            listed.unit.unwrap_or("-"),
            if listed.active { "aktif" } else { "pasif" },
            listed.full_name
        )?;
    }
    Ok(())
}

/// Every user, as the log has them now.
fn read_users(log: &dyn Log) -> anyhow::Result<BTreeMap<UserName, User>> {
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
