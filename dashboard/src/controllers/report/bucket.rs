//! A part of what a figure counts, as the bars and boxes of the charts divide it: with its name in
//! addresses, so that each leads to the list behind it.

use ebasvuru_analytics::read;
use ebasvuru_workflow::domain::calendar::Calendar;

use super::ages::AgeGroup;
use super::answer_days::AnswerGroup;
use super::chart::WEEKDAYS;
use super::filter::Period;
use crate::view::i18n::tr;

/// A bucket.
pub enum Bucket {
    /// Open ones by their deadline.
    Age(&'static AgeGroup),
    /// Answered ones by the days from receipt to answer.
    Answer(AnswerGroup),
    /// Those received in an hour of the week.
    Hour(WeekHour),
}

/// An hour of the week, in Istanbul.
#[derive(Clone, Copy)]
pub struct WeekHour {
    /// From 0, which is Monday.
    pub weekday: u8,
    /// From 0 to 23.
    pub hour: u8,
}

impl WeekHour {
    fn all() -> impl Iterator<Item = Self> {
        (0..7).flat_map(|weekday| (0..24).map(move |hour| Self { weekday, hour }))
    }

    /// The name in addresses.
    pub fn slug(self) -> String {
        const DAYS: [&str; 7] = ["pzt", "sal", "car", "per", "cum", "cmt", "paz"];
        let day = DAYS.get(usize::from(self.weekday)).unwrap_or(&"");
        format!("{day}-{:02}", self.hour)
    }

    /// The name on screens.
    pub fn label(self) -> String {
        let day = WEEKDAYS.get(usize::from(self.weekday)).unwrap_or(&"");
        format!("{} {:02}.00", tr(day), self.hour)
    }
}

impl Bucket {
    /// The bucket with this name.
    pub fn named(slug: &str) -> Option<Self> {
        let age = || AgeGroup::named(slug).map(Self::Age);
        let answer = || AnswerGroup::named(slug).map(Self::Answer);
        let hour = || WeekHour::all().find(|hour| hour.slug() == slug).map(Self::Hour);
        age().or_else(answer).or_else(hour)
    }

    /// By what its chart divides, and its own name on screens.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Self::Age(age) => ("Kalan ya da geçen süre", tr(age.label).to_owned()),
            Self::Answer(group) => (group.count.title(), group.label()),
            Self::Hour(hour) => ("Gün ve saat", hour.label()),
        }
    }

    /// Whether it is a part of this figure. Of another one the part would have another meaning, such as the
    /// answer time of what is not answered.
    pub fn divides(&self, figure: &str) -> bool {
        match self {
            Self::Age(_) => ["open", "overdue_now"].contains(&figure),
            Self::Answer(_) => figure == "answered",
            Self::Hour(_) => figure == "total",
        }
    }

    /// The applications in it, of those received in this period.
    pub fn of(&self, calendar: &Calendar, period: Period) -> read::Bucket {
        match self {
            Self::Age(age) => read::Bucket::DaysPast(age.days.clone()),
            Self::Answer(group) => read::Bucket::ClosedOn(group.closing_days(calendar, period)),
            Self::Hour(WeekHour { weekday, hour }) => read::Bucket::HourOfWeek(weekday * 24 + hour),
        }
    }
}
