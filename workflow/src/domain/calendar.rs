//! The calendar by which deadlines are counted (decision i): day of receipt excluded, end
//! of the last day, in Europe/Istanbul.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// How long there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// So many days, every day counting.
    CalendarDays(u16),
    /// So many days, leaving out weekends and official holidays.
    WorkingDays(u16),
}

/// The official holidays, and where the day ends.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    /// Official holidays; half days (arife) only if they do not count as working.
    holidays: BTreeSet<Date>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self::new(BTreeSet::new())
    }
}

impl Calendar {
    /// The calendar with these days off beside weekends.
    #[must_use]
    pub fn new(holidays: BTreeSet<Date>) -> Self {
        // Turkey has stood at UTC+3 since 2016.
        let zone = TimeZone::get("Europe/Istanbul").unwrap_or_else(|_| TimeZone::fixed(tz::offset(3)));
        Self { zone, holidays }
    }

    /// The day on which `at` falls.
    #[must_use]
    pub fn date(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// The first instant that is too late, counted from `from`.
    #[must_use]
    pub fn due_at(&self, deadline: Deadline, from: Timestamp) -> Timestamp {
        let day = self.date(from);
        let last = match deadline {
            Deadline::CalendarDays(days) => day.saturating_add(i64::from(days).days()),
            Deadline::WorkingDays(days) => {
                let mut working =
                    (1_i64..).map(|n| day.saturating_add(n.days())).filter(|d| self.is_working(*d));
                match days {
                    0 => day,
                    days => working.nth(usize::from(days) - 1).unwrap_or(Date::MAX),
                }
            }
        };
        last.saturating_add(1.day()).to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |end| end.timestamp())
    }

    fn is_working(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.holidays.contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_receipt_does_not_count_and_the_last_one_does_to_its_end() {
        let received: Timestamp = "2026-10-27T23:30:00+03:00".parse().unwrap(); // a Tuesday
        let calendar = Calendar::new(["2026-10-29".parse().unwrap()].into());
        let end = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(calendar.due_at(Deadline::CalendarDays(30), received), end("2026-11-27T00:00:00+03:00"));
        // Wednesday, (Thursday is a holiday,) Friday, (weekend,) Monday.
        assert_eq!(calendar.due_at(Deadline::WorkingDays(3), received), end("2026-11-03T00:00:00+03:00"));
        assert_eq!(calendar.due_at(Deadline::WorkingDays(1), received), end("2026-10-29T00:00:00+03:00"));
    }
}
