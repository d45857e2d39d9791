//! The Turkish calendar: deadlines, working days, official holidays.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// The name, in the time zone database, of the zone in which days and deadlines are counted.
pub const ISTANBUL: &str = "Europe/Istanbul";

/// The zone in which days and deadlines are counted: the system's time zone database has it, or
/// the one that is compiled in.
#[must_use]
pub fn istanbul() -> TimeZone {
    #[expect(clippy::expect_used, reason = "the time zone database is compiled in (`tzdb-bundle-always`)")]
    static ZONE: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get(ISTANBUL).expect("the database has Istanbul"));
    ZONE.clone()
}

/// The day on which something happened, in Istanbul.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(istanbul()).date()
}

/// How long an answer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineRule {
    /// So many days, weekends and holidays included (3071, m.7: 30).
    CalendarDays(u16),
    /// So many working days (4982: 15).
    WorkingDays(u16),
}

/// A run of holidays.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The first day.
    pub date: Date,
    /// What is celebrated.
    pub name: String,
    /// How many whole days.
    #[serde(default = "one")]
    pub days: u8,
    /// Whether the afternoon before the first day (arife) is free, too.
    #[serde(default)]
    pub eve: bool,
}

const fn one() -> u8 {
    1
}

/// How much of a day is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Free {
    Whole,
    /// From 13:00 (2429, m.2).
    Afternoon,
}

/// Weekends, official holidays and arife half days (2429 sayılı Kanun).
#[derive(Clone, Debug)]
pub struct Calendar {
    free: BTreeMap<Date, Free>,
    half_days_count: bool,
}

impl Calendar {
    /// Builds the calendar from holidays.
    ///
    /// # Errors
    /// A line naming what is wrong: a year between the first and the last without any
    /// holiday, a date out of range.
    pub fn build(holidays: &[Holiday], half_days_count: bool) -> Result<Self, String> {
        let mut free = BTreeMap::new();
        for holiday in holidays {
            let name = &holiday.name;
            let out_of_range = |_| format!("{name}: {} is out of range", holiday.date);
            if holiday.eve {
                let eve = holiday.date.yesterday().map_err(out_of_range)?;
                free.entry(eve).or_insert(Free::Afternoon);
            }
            for day in 0..holiday.days {
                let date = holiday.date.checked_add(i64::from(day).days()).map_err(out_of_range)?;
                free.insert(date, Free::Whole);
            }
        }
        let years: Vec<i16> = free.keys().map(|date| date.year()).collect();
        if let (Some(first), Some(last)) = (years.first(), years.last()) {
            for year in *first..=*last {
                if !years.contains(&year) {
                    return Err(format!("{year} has no holidays"));
                }
            }
        } else {
            return Err("there are no holidays".into());
        }
        Ok(Self { free, half_days_count })
    }

    /// The last year with holidays. After it only weekends are known; `ebasvuru check` warns in time.
    #[must_use]
    pub fn last_year(&self) -> i16 {
        self.free.last_key_value().map_or(0, |(date, _)| date.year())
    }

    /// Whether people work on that day.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return false;
        }
        match self.free.get(&date) {
            None => true,
            Some(Free::Afternoon) => self.half_days_count,
            Some(Free::Whole) => false,
        }
    }

    /// Whether people work on that day after 13:00, too: not on an arife.
    #[must_use]
    pub fn is_working_afternoon(&self, date: Date) -> bool {
        self.is_working_day(date) && !self.free.contains_key(&date)
    }

    /// The deadline of something received at `from`: the first instant that is too late, which is the
    /// midnight in Istanbul after the last day. The day of receipt does not count (decision i). A last
    /// calendar day that is a holiday is not moved: the rule says "30 days", and we know of no law that
    /// extends an administration's own duty to answer.
    #[must_use]
    pub fn deadline(&self, rule: DeadlineRule, from: Timestamp) -> Timestamp {
        let received = day_of(from);
        let last = match rule {
            DeadlineRule::CalendarDays(days) => received.saturating_add(i64::from(days).days()),
            DeadlineRule::WorkingDays(days) => self.after_working_days(received, days.into()),
        };
        last.saturating_add(1.day()).to_zoned(istanbul()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    /// The first day up to which so many working days have passed after `from`.
    #[must_use]
    pub fn after_working_days(&self, from: Date, days: u32) -> Date {
        let mut date = from;
        let mut left = days;
        while left > 0 && date < Date::MAX {
            date = date.saturating_add(1.day());
            left -= u32::from(self.is_working_day(date));
        }
        date
    }

    /// Working days after `from` up to and including `to`.
    #[must_use]
    pub fn working_days_between(&self, from: Date, to: Date) -> u32 {
        let mut date = from;
        let mut count = 0;
        while date < to {
            date = date.saturating_add(1.day());
            count += u32::from(self.is_working_day(date));
        }
        count
    }

    /// How many days are left until the last day of a deadline: 0 on the last day itself, negative
    /// after it.
    #[must_use]
    pub fn days_left(&self, due_at: Timestamp, now: Timestamp) -> i32 {
        let last = day_of(due_at - jiff::SignedDuration::from_millis(1));
        day_of(now).until(last).map_or(0, |span| span.get_days())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn calendar(half_days_count: bool) -> Calendar {
        let holidays = [
            Holiday { date: "2026-01-01".parse().unwrap(), name: "Yılbaşı".into(), days: 1, eve: false },
            Holiday { date: "2026-05-27".parse().unwrap(), name: "Kurban".into(), days: 4, eve: true },
            Holiday { date: "2026-10-29".parse().unwrap(), name: "Cumhuriyet".into(), days: 1, eve: true },
        ];
        Calendar::build(&holidays, half_days_count).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn thirty_calendar_days_end_with_the_thirtieth_day_after_receipt() {
        // 23 November, 23:30 in Istanbul; the 30th day after is 23 December.
        let due = calendar(true).deadline(DeadlineRule::CalendarDays(30), at("2026-11-23T20:30:00Z"));
        assert_eq!(due, at("2026-12-23T21:00:00Z"));
    }

    #[test]
    fn working_days_skip_weekends_and_holidays_and_a_setting_says_whether_an_arife_counts() {
        // Friday 22 May 2026: Mon 25 is the first, Tue 26 is the arife, Wed–Sat are Kurban Bayramı.
        let from = at("2026-05-22T09:00:00Z");
        let counted = calendar(true).deadline(DeadlineRule::WorkingDays(2), from);
        assert_eq!(counted, at("2026-05-26T21:00:00Z"));
        let left_out = calendar(false).deadline(DeadlineRule::WorkingDays(2), from);
        assert_eq!(left_out, at("2026-06-01T21:00:00Z"));
    }

    #[test]
    fn on_the_last_day_no_days_are_left_and_it_is_not_late() {
        let calendar = calendar(true);
        let due = calendar.deadline(DeadlineRule::CalendarDays(1), at("2026-11-23T09:00:00Z"));
        assert_eq!(calendar.days_left(due, at("2026-11-23T09:00:00Z")), 1);
        assert_eq!(calendar.days_left(due, at("2026-11-24T20:59:59Z")), 0);
        assert_eq!(calendar.days_left(due, at("2026-11-24T21:00:00Z")), -1);
    }

    proptest! {
        /// A deadline of n working days lies n working days away, on a working day, and the
        /// day before it would be one short.
        #[test]
        fn working_days_and_deadlines_agree(seconds in 1_767_300_000_i64..1_798_000_000, days in 1_u16..60) {
            let calendar = calendar(true);
            let from = Timestamp::from_second(seconds).unwrap();
            let due = calendar.deadline(DeadlineRule::WorkingDays(days), from);
            let last_instant = due - jiff::SignedDuration::from_millis(1);
            prop_assert!(calendar.is_working_day(day_of(last_instant)));
            prop_assert_eq!(calendar.working_days_between(day_of(from), day_of(last_instant)), u32::from(days));
            let day_before = last_instant - jiff::SignedDuration::from_hours(24);
            prop_assert_eq!(calendar.working_days_between(day_of(from), day_of(day_before)), u32::from(days) - 1);
        }
    }
}
