//! A part of what a figure counts, as the bars and boxes of a chart divide it.

use std::ops::RangeInclusive;

use jiff::civil::Date;

use super::days::clamped;
use super::figure::{OPEN, days_past};
use super::sql::{Conditions, Table, Value};

/// An application without a deadline is not among them.
const PAST_THE_DEADLINE: &str =
    concat!("(isNotNull(due_at) AND ", days_past!(), " BETWEEN {days_from:Int64} AND {days_to:Int64})");

/// A bucket of applications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// Open, and so many full days past the deadline, negative before it; no Ön Başvuru.
    DaysPast(RangeInclusive<i64>),
    /// Received in this hour of the week in Istanbul, from 0, which is the first of Monday.
    HourOfWeek(u8),
    /// Closed on one of the days that are given for its day of receipt.
    ClosedOn(ClosingDays),
}

/// For each day of receipt, the first and the last day of closing. An application that was received
/// on none of these days is not in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosingDays {
    /// The first day of receipt; the others follow it.
    pub first: Date,
    /// For each of them, the days of closing.
    pub days: Vec<RangeInclusive<Date>>,
}

impl Bucket {
    /// Whether only open applications are in it.
    pub(super) const fn is_of_open(&self) -> bool {
        matches!(self, Self::DaysPast(_))
    }

    /// The conditions of the applications in it.
    pub(super) fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        match self {
            Self::DaysPast(days) => {
                conditions.and(OPEN);
                conditions.and(PAST_THE_DEADLINE);
                conditions.param("days_from", Value::Int(*days.start()));
                conditions.param("days_to", Value::Int(*days.end()));
            }
            Self::HourOfWeek(hour) => {
                let clause = |table: Table| format!("{} = {{hour_of_week:UInt8}}", table.hour_of_week());
                conditions.and_each(clause(Table::Open), clause(Table::Closed));
                conditions.param("hour_of_week", Value::Int((*hour).into()));
            }
            Self::ClosedOn(ClosingDays { first, days }) => {
                let clause = |table: Table| {
                    let (received, closed) = (table.received_on(), table.closed_on());
                    let place = format!("toInt32({received}) - toInt32({{first_received:Date}}) + 1");
                    format!(
                        "({place} BETWEEN 1 AND {} AND {closed} BETWEEN \
                         arrayElement({{closed_from:Array(Date)}}, {place}) \
                         AND arrayElement({{closed_to:Array(Date)}}, {place}))",
                        days.len()
                    )
                };
                conditions.and_each(clause(Table::Open), clause(Table::Closed));
                let text = |day: &Date| clamped(*day).to_string();
                let each = |end: fn(&RangeInclusive<Date>) -> &Date| {
                    Value::Texts(days.iter().map(|range| text(end(range))).collect())
                };
                conditions.param("first_received", Value::Text(text(first)));
                conditions.param("closed_from", each(RangeInclusive::start));
                conditions.param("closed_to", each(RangeInclusive::end));
            }
        }
        conditions
    }
}
