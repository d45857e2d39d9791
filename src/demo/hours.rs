//! When people apply and staff work: the moments of the demo, from its first day until now.

use ebasvuru_workflow::domain::calendar::{Calendar, istanbul};
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A moment at which something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: Timestamp,
    /// Whether staff are at work.
    pub is_staffed: bool,
    /// Whether a Yetkili goes through what awaits approval: before lunch and before going home.
    pub is_for_approval: bool,
}

/// The moments of a working day: hour and minute of the earliest, by how many minutes it is later at most
/// (nobody looks at the clock), and what staff do.
const WORKING_DAY: [(i8, i8, i64, Staff); 9] = [
    (8, 35, 25, Staff::Work),
    (9, 50, 25, Staff::Work),
    (11, 10, 25, Staff::Approve),
    (12, 20, 60, Staff::Away),
    (13, 40, 25, Staff::Work),
    (15, 0, 25, Staff::Work),
    (16, 20, 25, Staff::Approve),
    (17, 40, 150, Staff::Away),
    (21, 0, 170, Staff::Away),
];
/// Those of any other day.
const FREE_DAY: [(i8, i8, i64, Staff); 4] = [
    (9, 30, 120, Staff::Away),
    (12, 30, 180, Staff::Away),
    (17, 0, 180, Staff::Away),
    (21, 0, 170, Staff::Away),
];
/// Every third night somebody is awake, too.
const NIGHT: (i8, i8, i64, Staff) = (0, 40, 330, Staff::Away);
/// Where the afternoon begins, which is free on an arife.
const NOON: i8 = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Staff {
    Work,
    Approve,
    Away,
}

/// The moments of these last days, oldest first; the last one is now.
pub fn moments(calendar: &Calendar, days: i64, now: Timestamp) -> Vec<Moment> {
    let today = now.to_zoned(istanbul()).date();
    let mut moments = Vec::new();
    for ago in (0..=days).rev() {
        moments.extend(moments_of(calendar, today.saturating_sub(ago.days())));
    }
    moments.retain(|moment| moment.at < now);
    moments.push(Moment { at: now, is_staffed: false, is_for_approval: false });
    moments
}

fn moments_of(calendar: &Calendar, date: Date) -> impl Iterator<Item = Moment> {
    let works_afternoon = calendar.is_working_afternoon(date);
    let times: &[_] = if calendar.is_working_day(date) { &WORKING_DAY } else { &FREE_DAY };
    let day = i64::from(date.day_of_year());
    let night = (day % 3 == 0).then_some(&NIGHT);
    night.into_iter().chain(times).zip(0..).filter_map(move |(&(hour, minute, spread, staff), nth)| {
        let late = (day * 37 + nth * 101) % spread;
        let at = date.at(hour, minute, 0, 0).saturating_add(late.minutes());
        let is_staffed = staff != Staff::Away && (works_afternoon || hour < NOON);
        Some(Moment {
            at: at.to_zoned(istanbul()).ok()?.timestamp(),
            is_staffed,
            is_for_approval: is_staffed && staff == Staff::Approve,
        })
    })
}

/// How many of a hundred submissions of a working day come in each hour: most before noon, many after work,
/// few at night.
const BY_HOUR: [f64; 24] = [
    0.9, 0.6, 0.3, 0.2, 0.2, 0.4, 0.9, 2.0, 4.5, 7.5, 9.5, 9.0, 5.5, 6.0, 7.0, 6.5, 5.5, 5.0, 5.5, 6.5, 6.5,
    5.0, 3.0, 2.0,
];

/// The share of a usual working day's submissions that come in the hour before this time.
pub fn share_of_hour(calendar: &Calendar, end: Timestamp) -> f64 {
    let begin = (end - SignedDuration::from_hours(1)).to_zoned(istanbul());
    let of_day = match begin.date().weekday() {
        Weekday::Saturday => 0.45,
        Weekday::Sunday => 0.35,
        _ if !calendar.is_working_day(begin.date()) => 0.3,
        Weekday::Monday => 1.2,
        Weekday::Friday => 0.9,
        _ => 1.0,
    };
    of_day * BY_HOUR[usize::try_from(begin.hour()).unwrap_or(0)] / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> std::sync::Arc<ebasvuru_workflow::domain::catalog::Catalog> {
        ebasvuru_ingest::catalog::load(None).unwrap().into()
    }

    fn local(at: Timestamp) -> jiff::Zoned {
        at.to_zoned(istanbul())
    }

    #[test]
    fn staff_work_in_working_hours_of_working_days_alone_whenever_the_demo_starts() {
        let catalog = calendar();
        let calendar = catalog.calendar();
        for now in [
            "2026-11-23T09:00:00+03:00",
            "2026-11-22T15:00:00+03:00",
            "2026-10-29T12:00:00+03:00",
            "2027-01-03T02:00:00+03:00",
            "2026-06-15T17:29:00+03:00",
        ] {
            let now: Timestamp = now.parse().unwrap();
            let moments = moments(calendar, 50, now);
            assert!(moments.is_sorted_by(|a, b| a.at < b.at), "{now}");
            assert_eq!(moments.last().map(|last| last.at), Some(now));
            for moment in moments.iter().filter(|moment| moment.is_staffed) {
                let at = local(moment.at);
                assert!(calendar.is_working_day(at.date()) && (8..17).contains(&at.hour()), "{at}");
            }
            let eves = moments.iter().filter(|m| local(m.at).date() == "2026-10-28".parse().unwrap());
            assert!(eves.filter(|m| m.is_staffed).all(|m| local(m.at).hour() < 13), "{now}");
            assert!(moments.iter().filter(|moment| moment.is_for_approval).count() > 50, "{now}");
        }
    }

    #[test]
    fn people_apply_most_before_noon_and_less_at_weekends_and_at_night() {
        let catalog = calendar();
        let share = |end: &str| share_of_hour(catalog.calendar(), end.parse().unwrap());
        let noon = share("2026-11-25T11:00:00+03:00");
        assert!(
            noon > share("2026-11-25T13:00:00+03:00") && noon > 10.0 * share("2026-11-25T04:00:00+03:00")
        );
        assert!(share("2026-11-25T20:00:00+03:00") > share("2026-11-25T18:00:00+03:00"), "after work");
        assert!(share("2026-11-22T11:00:00+03:00") < noon / 2.0, "on a Sunday");
        assert!(share("2026-10-29T11:00:00+03:00") < noon / 2.0, "on a holiday");
        let sum: f64 = (1..=24)
            .map(|hour| {
                let begin: Timestamp = "2026-11-25T00:00:00+03:00".parse().unwrap();
                share_of_hour(catalog.calendar(), begin + SignedDuration::from_hours(hour))
            })
            .sum();
        assert!((0.98..1.02).contains(&sum), "{sum}");
    }
}
