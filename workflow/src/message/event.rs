//! `ebasvuru.events`: events of applications, users and scheduled reports.

use super::contract::{DecodeError, Message, type_of};
use crate::domain::application::Event;
use crate::domain::schedule::ScheduleEvent;
use crate::domain::user::UserEvent;
use crate::log::{Record, topic};

impl Message for Event {
    const TYPE: &'static str = "ebasvuru.event.v1";
    const TOPIC: &'static str = topic::EVENTS;
    fn key(&self) -> String {
        self.application.to_string()
    }
}

impl Message for UserEvent {
    const TYPE: &'static str = "ebasvuru.user-event.v1";
    const TOPIC: &'static str = topic::EVENTS;
    fn key(&self) -> String {
        self.user.to_string()
    }
}

impl Message for ScheduleEvent {
    const TYPE: &'static str = "ebasvuru.schedule-event.v1";
    const TOPIC: &'static str = topic::EVENTS;
    fn key(&self) -> String {
        self.schedule.to_string()
    }
}

/// A record of `ebasvuru.events`.
#[derive(Clone, Debug)]
pub enum AnyEvent {
    /// Of an application.
    Application(Box<Event>),
    /// Of a user.
    User(Box<UserEvent>),
    /// Of a scheduled report.
    Schedule(Box<ScheduleEvent>),
}

impl AnyEvent {
    /// Reads a record of `ebasvuru.events`.
    pub fn from_record(record: &Record) -> Result<Self, DecodeError> {
        match type_of(record) {
            Event::TYPE => Event::from_record(record).map(|e| Self::Application(Box::new(e))),
            UserEvent::TYPE => UserEvent::from_record(record).map(|e| Self::User(Box::new(e))),
            ScheduleEvent::TYPE => ScheduleEvent::from_record(record).map(|e| Self::Schedule(Box::new(e))),
            other => Err(DecodeError::UnknownType(other.into())),
        }
    }
}
