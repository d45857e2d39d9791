//! The rows of a closed application.

use ebasvuru_workflow::domain::calendar::{day_of, istanbul};
use ebasvuru_workflow::seal::CURRENT_NAME_INDEX;
use jiff::civil::Date;
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::sink::row::ApplicationRow;

/// A row of `closed_applications`.
#[derive(Clone, Debug, PartialEq, Eq, clickhouse::Row, Serialize, Deserialize)]
pub struct ClosedRow {
    pub sweep: u32,
    pub month: u32,
    pub partition: i32,
    pub offset: i64,
    #[serde(with = "clickhouse::serde::uuid")]
    pub id: Uuid,
    pub no: String,
    #[serde(with = "clickhouse::serde::uuid")]
    pub submission_id: Uuid,
    pub version: u64,
    pub service: String,
    pub valilik: u8,
    pub unit: String,
    pub phase: String,
    pub lapses_at: Option<i64>,
    pub due_at: Option<i64>,
    pub stage_since: i64,
    pub officer: String,
    pub outcome: String,
    pub submitted_at: i64,
    pub received_at: i64,
    pub breached_at: Option<i64>,
    pub closed_at: i64,
    pub masked_name: String,
    pub masked_tckn: String,
    pub life: u64,
    pub received_on: u16,
    pub closed_on: u16,
    pub breached_on: Option<u16>,
    pub hour_of_week: u8,
    pub response_hours: u16,
}

/// A row of `closed_snapshots`.
#[derive(Clone, Debug, clickhouse::Row, Serialize, Deserialize)]
pub struct SnapshotRow {
    pub no: String,
    pub version: u64,
    pub unit: String,
    pub received_at: i64,
    #[serde(with = "clickhouse::serde::uuid")]
    pub id: Uuid,
    pub snapshot: String,
}

/// A row of `closed_people`.
#[derive(Clone, Debug, clickhouse::Row, Serialize, Deserialize)]
pub struct PersonRow {
    pub person: String,
    pub unit: String,
    pub received_at: i64,
    #[serde(with = "clickhouse::serde::uuid")]
    pub id: Uuid,
    pub former: bool,
}

impl ClosedRow {
    /// The row of a closed application that this sweep brings. Days before 1970 and after 2149, which
    /// ClickHouse's `Date` has not, become its first and its last.
    #[must_use]
    pub fn of(row: &ApplicationRow, sweep: u32) -> Self {
        let time = |ms| Timestamp::from_millisecond(ms).unwrap_or_default();
        let received = time(row.received_at).to_zoned(istanbul());
        let closed_at = row.closed_at.unwrap_or(row.stage_since);
        let hour = i16::from(received.weekday().to_monday_zero_offset()) * 24 + i16::from(received.hour());
        let answered = matches!(row.outcome.as_str(), "positive" | "negative");
        let hours = (closed_at - row.received_at).max(0) / 3_600_000;
        Self {
            sweep,
            month: month_of(received.date()),
            partition: row.partition,
            offset: row.offset,
            id: row.id,
            no: row.no.clone(),
            submission_id: row.submission_id,
            version: row.version,
            service: row.service.clone(),
            valilik: row.valilik,
            unit: row.unit.clone(),
            phase: row.phase.clone(),
            lapses_at: row.lapses_at,
            due_at: row.due_at,
            stage_since: row.stage_since,
            officer: row.officer.clone(),
            outcome: row.outcome.clone(),
            submitted_at: row.submitted_at,
            received_at: row.received_at,
            breached_at: row.breached_at,
            closed_at,
            masked_name: row.masked_name.clone(),
            masked_tckn: row.masked_tckn.clone(),
            life: row.life,
            received_on: days(received.date()),
            closed_on: days(day_of(time(closed_at))),
            breached_on: row.breached_at.map(|at| days(day_of(time(at)))),
            hour_of_week: u8::try_from(hour).unwrap_or(0),
            response_hours: if answered { u16::try_from(hours).unwrap_or(u16::MAX) } else { 0 },
        }
    }
}

impl SnapshotRow {
    /// The row of a closed application.
    #[must_use]
    pub fn of(row: &ApplicationRow) -> Self {
        Self {
            no: row.no.clone(),
            version: row.version,
            unit: row.unit.clone(),
            received_at: row.received_at,
            id: row.id,
            snapshot: row.snapshot.clone(),
        }
    }
}

impl PersonRow {
    /// The rows by which a closed application is found: one for the T.C. Kimlik No, one for each word of
    /// the name.
    pub fn of(row: &ApplicationRow) -> impl Iterator<Item = Self> {
        let person = |person: &String, former| Self {
            person: person.clone(),
            unit: row.unit.clone(),
            received_at: row.received_at,
            id: row.id,
            former,
        };
        let words =
            row.name_index.iter().map(move |word| person(word, !word.starts_with(CURRENT_NAME_INDEX)));
        std::iter::once(person(&row.tckn_index, false)).chain(words)
    }
}

/// The month of a day, as YYYYMM.
fn month_of(day: Date) -> u32 {
    u32::from(day.year().unsigned_abs()) * 100 + u32::from(day.month().unsigned_abs())
}

/// A day as ClickHouse's `Date`: the days since 1970.
fn days(day: Date) -> u16 {
    let since = day.since((Unit::Day, Date::constant(1970, 1, 1))).map_or(0, |span| span.get_days());
    u16::try_from(since.clamp(0, i32::from(u16::MAX))).unwrap_or(0)
}
