//! Answered applications in groups by the days from receipt to answer. The day of receipt does not count.

use std::ops::RangeInclusive;

use ebasvuru_analytics::read::ClosingDays;
use ebasvuru_workflow::domain::calendar::Calendar;
use jiff::ToSpan;
use jiff::civil::Date;

use super::filter::Period;
use crate::view::i18n::say;

/// Which days count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayCount {
    /// Those on which people work.
    Working,
    /// All.
    Calendar,
}

impl DayCount {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Working, Self::Calendar];

    /// The name in addresses.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Working => "is-gunu",
            Self::Calendar => "takvim",
        }
    }

    /// What is counted in such days.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Working => "İş günü olarak cevaplanma süresi",
            Self::Calendar => "Takvim günü olarak cevaplanma süresi",
        }
    }

    /// The days after `from` up to and including `to`. e-Devlet's clock may be ahead of ours: then there
    /// are none.
    pub fn between(self, calendar: &Calendar, from: Date, to: Date) -> u32 {
        match self {
            Self::Working => calendar.working_days_between(from, to),
            Self::Calendar => from.until(to).map_or(0, |span| u32::try_from(span.get_days()).unwrap_or(0)),
        }
    }

    /// The first day with so many days after `from` up to and including it.
    fn after(self, calendar: &Calendar, from: Date, days: u32) -> Date {
        match self {
            Self::Working => calendar.after_working_days(from, days),
            Self::Calendar => from.saturating_add(i64::from(days).days()),
        }
    }
}

/// The last day of each group; the last group has no end.
const UP_TO: [u32; 8] = [1, 3, 5, 10, 15, 20, 30, u32::MAX];

/// A group of those answered within so many days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerGroup {
    /// Which days.
    pub count: DayCount,
    /// How many.
    pub days: RangeInclusive<u32>,
}

impl AnswerGroup {
    /// Every group, from the quickest answers to the slowest.
    pub fn all(count: DayCount) -> impl Iterator<Item = Self> {
        let from = std::iter::once(0).chain(UP_TO.map(|to| to.saturating_add(1)));
        from.zip(UP_TO).map(move |(from, to)| Self { count, days: from..=to })
    }

    /// The group with this name in addresses.
    pub fn named(slug: &str) -> Option<Self> {
        DayCount::ALL.into_iter().flat_map(Self::all).find(|group| group.slug() == slug)
    }

    /// Its name in addresses.
    pub fn slug(&self) -> String {
        let (count, from) = (self.count.slug(), self.days.start());
        self.last().map_or_else(|| format!("{count}-{from}"), |to| format!("{count}-{from}-{to}"))
    }

    /// Its name on screens.
    pub fn label(&self) -> String {
        let from = self.days.start();
        match self.last() {
            None => say!("{n} gün ve üstü", n = from),
            Some(to) => say!("{from}–{to} gün", from = from, to = to),
        }
    }

    /// On which days an application was answered that is in this group, for each day of receipt in the
    /// period.
    pub fn closing_days(&self, calendar: &Calendar, period: Period) -> ClosingDays {
        let after = |received, days| self.count.after(calendar, received, days);
        let days = period.each().map(|received| {
            let first = match *self.days.start() {
                0 => Date::MIN,
                from => after(received, from),
            };
            let last = self.last().map_or(Date::MAX, |to| after(received, to + 1).saturating_sub(1.day()));
            first..=last
        });
        ClosingDays { first: period.from, days: days.collect() }
    }

    fn last(&self) -> Option<u32> {
        Some(*self.days.end()).filter(|to| *to < u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::domain::calendar::Holiday;

    use super::*;

    #[test]
    fn every_number_of_days_is_in_exactly_one_group() {
        for days in (0..100).chain([u32::MAX]) {
            let holds = AnswerGroup::all(DayCount::Calendar).filter(|group| group.days.contains(&days));
            assert_eq!(holds.count(), 1, "{days}");
        }
    }

    #[test]
    fn a_group_has_exactly_the_days_that_count_up_to_it() {
        let republic = Holiday {
            name: "Cumhuriyet Bayramı".into(),
            date: Date::constant(2026, 10, 29),
            days: 1,
            eve: true,
        };
        let calendar = &Calendar::build(&[republic], true).unwrap();
        let period = Period { from: Date::constant(2026, 10, 20), last: Date::constant(2026, 11, 5) };
        for count in DayCount::ALL {
            for group in AnswerGroup::all(count) {
                assert_eq!(AnswerGroup::named(&group.slug()), Some(group.clone()));
                let closing = group.closing_days(calendar, period);
                for (received, days) in period.each().zip(&closing.days) {
                    let answers = received.saturating_sub(2.days()).series(1.day()).take(70);
                    for answered in answers {
                        let counted = count.between(calendar, received, answered);
                        let (is_in, is_meant) = (days.contains(&answered), group.days.contains(&counted));
                        assert_eq!(is_in, is_meant, "{group:?} {received} {answered}");
                    }
                }
            }
        }
    }
}
