//! `ebasvuru.commands`: commands on applications, users and scheduled reports.

use serde::{Deserialize, Serialize};

use super::contract::{DecodeError, Message, type_of};
use crate::domain::application::Command;
use crate::domain::ids::ApplicationId;
use crate::domain::schedule::ScheduleCommand;
use crate::domain::user::UserCommand;
use crate::log::{Record, topic};

/// A command on an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationCommand {
    /// Which application.
    pub application: ApplicationId,
    /// What is asked.
    pub command: Command,
}

impl Message for ApplicationCommand {
    const TYPE: &'static str = "ebasvuru.command.v1";
    const TOPIC: &'static str = topic::COMMANDS;
    fn key(&self) -> String {
        self.application.to_string()
    }
}

impl Message for UserCommand {
    const TYPE: &'static str = "ebasvuru.user-command.v1";
    const TOPIC: &'static str = topic::COMMANDS;
    /// One key for all, so that one worker decides all commands on users, one after the other: rules
    /// across users (the last active Yönetici stays) are then decided on the present state, not on an
    /// older copy. Users change rarely; one partition is enough.
    fn key(&self) -> String {
        "users".into()
    }
}

impl Message for ScheduleCommand {
    const TYPE: &'static str = "ebasvuru.schedule-command.v1";
    const TOPIC: &'static str = topic::COMMANDS;
    /// One key for all, as for users: of two claims of one occurrence, one comes second, and the number
    /// of schedules is bounded.
    fn key(&self) -> String {
        "schedules".into()
    }
}

/// A record of `ebasvuru.commands`.
#[derive(Clone, Debug)]
pub enum AnyCommand {
    /// On an application.
    Application(Box<ApplicationCommand>),
    /// On a user.
    User(Box<UserCommand>),
    /// On a scheduled report.
    Schedule(Box<ScheduleCommand>),
}

impl AnyCommand {
    /// Reads a record of `ebasvuru.commands`.
    pub fn from_record(record: &Record) -> Result<Self, DecodeError> {
        match type_of(record) {
            ApplicationCommand::TYPE => {
                ApplicationCommand::from_record(record).map(|c| Self::Application(Box::new(c)))
            }
            UserCommand::TYPE => UserCommand::from_record(record).map(|c| Self::User(Box::new(c))),
            ScheduleCommand::TYPE => {
                ScheduleCommand::from_record(record).map(|c| Self::Schedule(Box::new(c)))
            }
            other => Err(DecodeError::UnknownType(other.into())),
        }
    }
}
