//! `ebasvuru.settings`: the scheduled reports, which every replica reads whole.

use super::contract::{DecodeError, Message, STATE_FORMAT, type_of};
use crate::domain::ids::ScheduleId;
use crate::domain::schedule::Schedule;
use crate::log::{Outgoing, Record, topic};

const PREFIX: &str = "schedule/";

impl Message for Schedule {
    const TYPE: &'static str = "ebasvuru.schedule.v1";
    const TOPIC: &'static str = topic::SETTINGS;
    const FORMAT: Option<u32> = Some(STATE_FORMAT);
    fn key(&self) -> String {
        format!("{PREFIX}{}", self.id)
    }
}

/// A record of `ebasvuru.settings` about a scheduled report.
#[derive(Clone, Debug)]
pub enum ScheduleRecord {
    /// Its state.
    Schedule(Box<Schedule>),
    /// It was deleted.
    Deleted(ScheduleId),
}

impl ScheduleRecord {
    /// Reads a record of `ebasvuru.settings`; `None` for the other settings there.
    pub fn from_record(record: &Record) -> Result<Option<Self>, DecodeError> {
        if record.value.is_none() {
            let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
            let id = key.and_then(|key| key.strip_prefix(PREFIX)).and_then(|id| id.parse().ok());
            return Ok(id.map(Self::Deleted));
        }
        if type_of(record) != Schedule::TYPE {
            return Ok(None);
        }
        Schedule::from_record(record).map(|schedule| Some(Self::Schedule(Box::new(schedule))))
    }

    /// The record that deletes a schedule.
    #[must_use]
    pub fn deletion(id: ScheduleId) -> Outgoing {
        Outgoing {
            topic: topic::SETTINGS,
            partition: None,
            key: Some(format!("{PREFIX}{id}").into()),
            value: None,
            headers: Vec::new(),
        }
    }
}
