//! The days that a scheduled report is about, counted from the day on which it is due.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A period relative to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportPeriod {
    /// "dün".
    Yesterday,
    /// "son 7 gün": the day and the six before it, as the pages count their last 30 days.
    Last7Days,
    /// "son 30 gün".
    Last30Days,
    /// "bu hafta": since Monday.
    ThisWeek,
    /// "geçen hafta": Monday to Sunday.
    LastWeek,
    /// "bu ay": since the 1st.
    ThisMonth,
    /// "geçen ay".
    LastMonth,
    /// "bu yıl": since 1 January.
    ThisYear,
}

impl ReportPeriod {
    /// Every period, in the order of forms.
    pub const ALL: [Self; 8] = [
        Self::Yesterday,
        Self::Last7Days,
        Self::Last30Days,
        Self::ThisWeek,
        Self::LastWeek,
        Self::ThisMonth,
        Self::LastMonth,
        Self::ThisYear,
    ];

    /// Its first and its last day, seen from `today`.
    #[must_use]
    pub fn days(self, today: Date) -> (Date, Date) {
        let monday = today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
        let before_this_month = today.first_of_month().saturating_sub(1.day());
        match self {
            Self::Yesterday => (today.saturating_sub(1.day()), today.saturating_sub(1.day())),
            Self::Last7Days => (today.saturating_sub(6.days()), today),
            Self::Last30Days => (today.saturating_sub(29.days()), today),
            Self::ThisWeek => (monday, today),
            Self::LastWeek => (monday.saturating_sub(7.days()), monday.saturating_sub(1.day())),
            Self::ThisMonth => (today.first_of_month(), today),
            Self::LastMonth => (before_this_month.first_of_month(), before_this_month),
            Self::ThisYear => (today.first_of_year(), today),
        }
    }
}
