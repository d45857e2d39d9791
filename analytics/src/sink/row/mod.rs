//! The row that a record becomes, if it becomes one: a pure function.

mod access;
mod application;
mod event;
mod reject;
mod snapshot;

use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::log::{Record, topic};
use ebasvuru_workflow::message::{AnyEvent, DecodeError, Message as _, StateRecord, type_of};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

pub use access::AccessRow;
pub use application::ApplicationRow;
pub use event::EventRow;
pub use reject::RejectRow;

/// A table that the sink writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// `events`
    Events,
    /// `open_applications`
    Applications,
    /// `access_log`
    Accesses,
    /// `sink_rejects`
    Rejects,
}

impl Table {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Applications => "open_applications",
            Self::Accesses => "access_log",
            Self::Rejects => "sink_rejects",
        }
    }
}

/// A row for one of the tables.
#[derive(Clone, Debug)]
pub enum Row {
    /// For `events`.
    Event(Box<EventRow>),
    /// For `applications`.
    Application(Box<ApplicationRow>),
    /// For `access_log`.
    Access(Box<AccessRow>),
    /// For `sink_rejects`.
    Reject(Box<RejectRow>),
}

impl Row {
    /// The row of a record of one of our topics. `None` for what is not part of the read model:
    /// tombstones, closed markers, counters, waiting withdrawals.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        record.value.as_ref()?;
        Self::decode(record)
            .unwrap_or_else(|error| Some(Self::Reject(Box::new(RejectRow::of(record, &error)))))
    }

    fn decode(record: &Record) -> Result<Option<Self>, DecodeError> {
        if &*record.topic == topic::EVENTS {
            let row = match AnyEvent::from_record(record)? {
                AnyEvent::Application(event) => EventRow::of_application(record, &event),
                AnyEvent::User(event) => EventRow::of_user(record, &event),
                AnyEvent::Schedule(event) => EventRow::of_schedule(record, &event),
            };
            return Ok(Some(Self::Event(Box::new(row))));
        }
        if &*record.topic == topic::AUDIT {
            return Ok(Some(Self::Access(Box::new(AccessRow::of(record)?))));
        }
        if type_of(record) == Application::TYPE {
            return Ok(Some(Self::Application(Box::new(ApplicationRow::of(record)?))));
        }
        // Nothing of it is in the read model, but what cannot be read is told of.
        StateRecord::from_record(record).map(|_| None)
    }

    /// The table, and the month of its table partition if it has partitions: one insert is one block of
    /// one partition.
    #[must_use]
    pub fn place(&self) -> (Table, Option<u32>) {
        match self {
            Self::Event(row) => (Table::Events, Some(month(row.received_at))),
            Self::Application(_) => (Table::Applications, None),
            Self::Access(row) => (Table::Accesses, Some(month(row.at))),
            Self::Reject(row) => (Table::Rejects, Some(month(row.at))),
        }
    }

    /// The row, if it is for `events`.
    #[must_use]
    pub fn as_event(&self) -> Option<&EventRow> {
        if let Self::Event(row) = self { Some(row) } else { None }
    }

    /// The row, if it is for `applications`.
    #[must_use]
    pub fn as_application(&self) -> Option<&ApplicationRow> {
        if let Self::Application(row) = self { Some(row) } else { None }
    }

    /// The row, if it is for `access_log`.
    #[must_use]
    pub fn as_access(&self) -> Option<&AccessRow> {
        if let Self::Access(row) = self { Some(row) } else { None }
    }

    /// The row, if it is for `sink_rejects`.
    #[must_use]
    pub fn as_reject(&self) -> Option<&RejectRow> {
        if let Self::Reject(row) = self { Some(row) } else { None }
    }

    /// About how much memory it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Event(row) => 512 + row.detail.len(),
            Self::Application(row) => 512 + row.snapshot.len(),
            Self::Access(_) => 256,
            Self::Reject(row) => 128 + row.value.len(),
        }
    }
}

/// The month of a time, as `toYYYYMM` of a UTC column gives it.
fn month(ms: i64) -> u32 {
    let date = Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::UTC).date();
    u32::from(date.year().unsigned_abs()) * 100 + u32::from(date.month().unsigned_abs())
}

/// The serde name of a unit variant.
fn name_of<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
