//! Occurrences, and the days that reports are about.

use jiff::ToSpan;
use jiff::civil::{Weekday, date, time};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::at;
use crate::domain::calendar::{day_of, istanbul};
use crate::domain::schedule::{Cadence, MonthDay, ReportPeriod, Timing};

fn monthly(day: i8) -> Timing {
    Timing { cadence: Cadence::Month { on: MonthDay::try_from(day).unwrap() }, time: time(8, 0, 0, 0) }
}

fn days(timing: Timing, from: &str, count: usize) -> Vec<String> {
    let next = |after: &jiff::Timestamp| timing.next(*after);
    let all = std::iter::successors(timing.next(at(from)), next).take(count);
    all.map(|at| at.to_zoned(istanbul()).strftime("%Y-%m-%d %H:%M").to_string()).collect()
}

#[test]
fn a_shorter_month_has_its_report_on_its_last_day() {
    let expected =
        ["2027-12-31 08:00", "2028-01-31 08:00", "2028-02-29 08:00", "2028-03-31 08:00", "2028-04-30 08:00"];
    assert_eq!(days(monthly(31), "2027-12-01T00:00:00Z", 5), expected);
    assert_eq!(
        days(monthly(29), "2027-01-30T00:00:00Z", 2),
        ["2027-02-28 08:00", "2027-03-29 08:00"],
        "no leap year"
    );
    assert_eq!(days(monthly(30), "2026-11-30T05:00:00Z", 1), ["2026-12-30 08:00"], "08:00 itself is over");
    assert_eq!(days(monthly(30), "2026-11-30T04:59:59Z", 1), ["2026-11-30 08:00"]);
    assert!([0, 32, -1].into_iter().all(|day| MonthDay::try_from(day).is_err()));
}

#[test]
fn a_week_and_a_day_are_those_of_istanbul() {
    let week = Timing { cadence: Cadence::Week { on: Weekday::Monday }, time: time(0, 30, 0, 0) };
    // Sunday, 21:30 of UTC.
    assert_eq!(week.next(at("2026-11-26T06:00:00Z")), Some(at("2026-11-29T21:30:00Z")));
    assert_eq!(week.last(at("2026-11-29T21:30:00Z")), Some(at("2026-11-29T21:30:00Z")));
    assert_eq!(week.last(at("2026-11-29T21:29:59Z")), Some(at("2026-11-22T21:30:00Z")));
    let day = Timing { cadence: Cadence::Day, time: time(7, 0, 0, 0) };
    // There has been no summer time since 2016; before, the database knows it.
    assert_eq!(day.next(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T04:00:00Z")));
    assert_eq!(day.next(at("2026-10-24T12:00:00Z")), Some(at("2026-10-25T04:00:00Z")));
    assert_eq!(day.next(at("2015-03-28T12:00:00Z")), Some(at("2015-03-29T04:00:00Z")));
    assert_eq!(day.next(at("2015-12-01T12:00:00Z")), Some(at("2015-12-02T05:00:00Z")));
}

#[test]
fn periods_are_counted_from_the_day() {
    let of = |period: ReportPeriod, day: jiff::civil::Date| {
        let (from, last) = period.days(day);
        format!("{from} {last}")
    };
    let thursday = date(2026, 11, 26);
    let expected = [
        (ReportPeriod::Yesterday, "2026-11-25 2026-11-25"),
        (ReportPeriod::Last7Days, "2026-11-20 2026-11-26"),
        (ReportPeriod::Last30Days, "2026-10-28 2026-11-26"),
        (ReportPeriod::ThisWeek, "2026-11-23 2026-11-26"),
        (ReportPeriod::LastWeek, "2026-11-16 2026-11-22"),
        (ReportPeriod::ThisMonth, "2026-11-01 2026-11-26"),
        (ReportPeriod::LastMonth, "2026-10-01 2026-10-31"),
        (ReportPeriod::ThisYear, "2026-01-01 2026-11-26"),
    ];
    for (period, days) in expected {
        assert_eq!(of(period, thursday), days, "{period:?}");
    }
    assert_eq!(of(ReportPeriod::LastMonth, date(2028, 3, 31)), "2028-02-01 2028-02-29", "a leap day");
    assert_eq!(of(ReportPeriod::LastWeek, date(2026, 11, 29)), "2026-11-16 2026-11-22", "on a Sunday");
    assert_eq!(of(ReportPeriod::ThisWeek, date(2026, 11, 30)), "2026-11-30 2026-11-30", "on a Monday");
    assert_eq!(of(ReportPeriod::Yesterday, date(2027, 1, 1)), "2026-12-31 2026-12-31");
}

fn cadence() -> impl Strategy<Value = Cadence> {
    prop_oneof![
        Just(Cadence::Day),
        (1_i8..=7).prop_map(|day| Cadence::Week { on: Weekday::from_monday_one_offset(day).unwrap() }),
        (1_i8..=31).prop_map(|day| Cadence::Month { on: MonthDay::try_from(day).unwrap() }),
    ]
}

proptest! {
    /// Also in the years in which Turkey had summer time.
    #[test]
    fn occurrences_follow_each_other(
        cadence in cadence(),
        (hour, minute) in (0_i8..24, 0_i8..60),
        start in 0_i64..1_900_000_000,
    ) {
        let timing = Timing { cadence, time: time(hour, minute, 0, 0) };
        let start = jiff::Timestamp::from_second(start).unwrap();
        let last = timing.last(start).unwrap();
        let next = timing.next(start).unwrap();
        prop_assert!(last <= start && start < next);
        prop_assert_eq!(timing.next(last), Some(next), "none is left out");
        prop_assert_eq!(timing.last(next), Some(next));
        prop_assert_eq!(timing.last(next - 1.nanosecond()), Some(last), "none is made up");
        let month = day_of(last).first_of_month();
        let due = month.series(1.day()).take_while(|day| day.month() == month.month()).filter(|day| {
            let at = day.to_datetime(timing.time).to_zoned(TimeZone::get("Europe/Istanbul").unwrap()).unwrap();
            timing.last(at.timestamp()) == Some(at.timestamp())
        });
        let due = due.count();
        let fits = match cadence {
            Cadence::Day => due >= 28,
            Cadence::Week { .. } => due == 4 || due == 5,
            Cadence::Month { .. } => due == 1,
        };
        prop_assert!(fits, "{} in {}", due, month);
    }
}
