//! When a report is due: a cadence, and a time of the clock in Istanbul.

use jiff::civil::{Date, Time, Weekday};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{day_of, istanbul};

/// The days of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "every", rename_all = "snake_case")]
pub enum Cadence {
    /// Every day.
    Day,
    /// Once a week.
    Week {
        /// On this day, 1 (Monday) to 7 when stored.
        #[serde(with = "iso_weekday")]
        on: Weekday,
    },
    /// Once a month.
    Month {
        /// On this day, or on the last one of a shorter month.
        on: MonthDay,
    },
}

/// A day of the month, 1 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "i8", into = "i8")]
pub struct MonthDay(i8);

impl TryFrom<i8> for MonthDay {
    type Error = &'static str;
    fn try_from(day: i8) -> Result<Self, Self::Error> {
        if (1..=31).contains(&day) { Ok(Self(day)) } else { Err("a month has the days 1 to 31") }
    }
}

impl From<MonthDay> for i8 {
    fn from(day: MonthDay) -> Self {
        day.0
    }
}

/// The days of a schedule and the time of the day in Istanbul.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Which days.
    pub cadence: Cadence,
    /// At what time of the clock.
    pub time: Time,
}

/// Two neighbouring occurrences are never further apart, in days.
const LONGEST: usize = 62;

impl Timing {
    /// The first occurrence after `at`.
    #[must_use]
    pub fn next(&self, at: Timestamp) -> Option<Timestamp> {
        self.among(day_of(at).series(1.day())).find(|occurrence| *occurrence > at)
    }

    /// The last occurrence that is not after `at`.
    #[must_use]
    pub fn last(&self, at: Timestamp) -> Option<Timestamp> {
        self.among(day_of(at).series((-1).day())).find(|occurrence| *occurrence <= at)
    }

    fn among(&self, days: impl Iterator<Item = Date>) -> impl Iterator<Item = Timestamp> {
        days.take(LONGEST).filter(|day| self.falls_on(*day)).filter_map(|day| {
            // A time that the clock skips is the same time after the change.
            Some(day.to_datetime(self.time).to_zoned(istanbul()).ok()?.timestamp())
        })
    }

    fn falls_on(&self, day: Date) -> bool {
        match self.cadence {
            Cadence::Day => true,
            Cadence::Week { on } => day.weekday() == on,
            Cadence::Month { on } => day.day() == on.0.min(day.days_in_month()),
        }
    }
}

mod iso_weekday {
    use jiff::civil::Weekday;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(day: &Weekday, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i8(day.to_monday_one_offset())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Weekday, D::Error> {
        Weekday::from_monday_one_offset(i8::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
