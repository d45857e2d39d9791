use std::collections::BTreeMap;

use ebasvuru_workflow::domain::application::{Application, Outcome, Status, StatusName};
use ebasvuru_workflow::domain::calendar::{day_of, istanbul};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::totals::totals_agree;
use super::{filled, now};
use crate::read::{
    Bucket, ClosingDays, FIGURES, Figure, Figures, ReadModel, ReportFilter, StatusTime, Wanted,
    WorklistFilter,
};
use crate::testing::{Random, SERVICES, UNITS, at, hours};

pub const HOUR_MS: u64 = 3_600_000;

/// The element that `quantileExact` takes.
pub fn quantile(mut values: Vec<u64>, level: f64) -> u64 {
    values.sort_unstable();
    let n = (level * values.len() as f64) as usize;
    values.get(n).copied().unwrap_or(0)
}

/// All figures, counted from the applications.
pub fn counted(applications: &[&Application]) -> Figures {
    let count = |f: &dyn Fn(&Application) -> bool| applications.iter().filter(|a| f(a)).count() as u64;
    let outcome = |a: &Application| match &a.status {
        Status::Closed { outcome, .. } => Some(*outcome),
        _ => None,
    };
    let open = |a: &Application| !a.status.is_closed();
    let overdue = |a: &Application| {
        let until = match &a.status {
            Status::Closed { at, .. } => *at,
            _ => now(),
        };
        a.breached_at.is_some() || a.phase.due_at().is_some_and(|due| due <= until)
    };
    let answered: Vec<u64> = applications
        .iter()
        .filter_map(|a| match &a.status {
            Status::Closed { outcome: Outcome::Positive | Outcome::Negative, at, .. } => Some(
                u64::try_from(at.as_millisecond() - a.received_at.as_millisecond()).unwrap() / HOUR_MS
                    * HOUR_MS,
            ),
            _ => None,
        })
        .collect();
    Figures {
        total: applications.len() as u64,
        open: count(&open),
        pre_application: count(&|a| open(a) && a.phase.is_pre_application()),
        unassigned: count(&|a| a.status.name() == StatusName::Unassigned),
        assigned: count(&|a| a.status.name() == StatusName::Assigned),
        awaiting_approval: count(&|a| a.status.name() == StatusName::AwaitingApproval),
        closed: count(&|a| !open(a)),
        overdue: count(&overdue),
        positive: count(&|a| outcome(a) == Some(Outcome::Positive)),
        negative: count(&|a| outcome(a) == Some(Outcome::Negative)),
        lapsed: count(&|a| outcome(a) == Some(Outcome::Lapsed)),
        withdrawn: count(&|a| outcome(a) == Some(Outcome::Withdrawn)),
        overdue_open: count(&|a| open(a) && overdue(a)),
        overdue_closed: count(&|a| !open(a) && overdue(a)),
        answered: answered.len() as u64,
        on_time: count(&|a| matches!(outcome(a), Some(Outcome::Positive | Outcome::Negative)) && !overdue(a)),
        judged: answered.len() as u64 + count(&|a| open(a) && overdue(a)),
        response_median_ms: quantile(answered.clone(), 0.5),
        response_p90_ms: quantile(answered, 0.9),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_equals_the_count_for_every_filter_and_group() {
    let (_, read, histories) = filled(250, 42).await;
    let all: Vec<_> = histories.iter().map(|history| &history.application).collect();
    let figures = counted(&all);
    let some = |n: u64| assert!(n > 3, "the histories are too alike: {figures:?}");
    [
        figures.positive,
        figures.negative,
        figures.lapsed,
        figures.withdrawn,
        figures.overdue_open,
        figures.overdue_closed,
    ]
    .into_iter()
    .for_each(some);
    let mut random = Random::new(1);
    reports_agree(&read, &all, &ReportFilter::default()).await;
    for _ in 0..16 {
        reports_agree(&read, &all, &random_filter(&mut random)).await;
    }
}

/// A filter of some period and place; the period sometimes begins or ends with a month.
pub fn random_filter(random: &mut Random) -> ReportFilter {
    let mut border = |first: i64| {
        let month = ["2026-01-31T21:00:00Z", "2026-02-28T21:00:00Z", "2026-03-31T21:00:00Z"];
        match random.below(4) {
            0 => Some(at("2026-01-15T00:00:00Z") + hours(first + i64::from(random.below(1200)))),
            1 | 2 => Some(at(random.pick::<&str>(&month))),
            _ => None,
        }
    };
    let (from, until) = (border(0), border(900));
    ReportFilter {
        from,
        until: until.filter(|until| from.is_none_or(|from| from < *until)),
        unit: (random.below(3) == 0).then(|| random.pick(&UNITS).parse().unwrap()),
        service: (random.below(3) == 0).then(|| random.pick(&SERVICES).parse().unwrap()),
        valilik: (random.below(3) == 0).then(|| 6.try_into().unwrap()),
        ..ReportFilter::default()
    }
}

/// The filter with a period that begins and ends with a day in Istanbul.
pub fn of_whole_days(filter: &ReportFilter) -> ReportFilter {
    let midnight = |at| day_of(at).to_zoned(istanbul()).unwrap().timestamp();
    ReportFilter { from: filter.from.map(midnight), until: filter.until.map(midnight), ..filter.clone() }
}

/// Compares every figure, in every group, every series, and the lists behind the figures with what is
/// counted from the applications.
pub async fn reports_agree(read: &ReadModel, all: &[&Application], filter: &ReportFilter) {
    let fits = |a: &Application| {
        filter.from.is_none_or(|from| a.received_at >= from)
            && filter.until.is_none_or(|until| a.received_at < until)
            && filter.unit.as_ref().is_none_or(|unit| a.unit == *unit)
            && filter.service.as_ref().is_none_or(|service| a.service == *service)
            && filter.valilik.is_none_or(|valilik| a.valilik == valilik)
    };
    let chosen: Vec<&Application> = all.iter().copied().filter(|a| fits(a)).collect();
    let figures = read.figures(Wanted::All, filter, now()).await.unwrap();
    assert_eq!(figures, counted(&chosen), "{filter:?}");
    totals_agree(read, filter, &chosen).await;
    series_agree(read, filter, &chosen, all).await;
    lists_have_as_many_rows(read, filter, &counted(&chosen)).await;
}

/// Compares flow, hours, answers and ages with the applications.
async fn series_agree(
    read: &ReadModel,
    filter: &ReportFilter,
    chosen: &[&Application],
    all: &[&Application],
) {
    let place = |a: &Application| {
        filter.unit.as_ref().is_none_or(|unit| a.unit == *unit)
            && filter.service.as_ref().is_none_or(|service| a.service == *service)
            && filter.valilik.is_none_or(|valilik| a.valilik == valilik)
    };
    let whole_days = of_whole_days(filter);
    let in_period = |at: Timestamp| {
        whole_days.from.is_none_or(|from| at >= from) && whole_days.until.is_none_or(|until| at < until)
    };
    let mut days: BTreeMap<Date, [u64; 3]> = BTreeMap::new();
    for a in all.iter().filter(|a| place(a)) {
        let closed = if let Status::Closed { at, .. } = a.status { Some(at) } else { None };
        let late = a.breached_at.or(a.phase.due_at().filter(|due| *due <= closed.unwrap_or(now())));
        for (n, at) in [Some(a.received_at), closed, late].into_iter().enumerate() {
            if let Some(at) = at.filter(|at| in_period(*at)) {
                days.entry(day_of(at)).or_default()[n] += 1;
            }
        }
    }
    let found = read.happened_by_day(filter, now()).await.unwrap();
    let found: BTreeMap<_, _> =
        found.into_iter().map(|(day, n)| (day, [n.received, n.closed, n.breached])).collect();
    assert_eq!(found, days, "{filter:?}");

    let mut hours: BTreeMap<(u8, u8), u64> = BTreeMap::new();
    let mut answers: BTreeMap<(Date, Date), u64> = BTreeMap::new();
    let mut ages: BTreeMap<i64, u64> = BTreeMap::new();
    for a in chosen {
        let received = a.received_at.to_zoned(istanbul());
        let weekday = u8::try_from(received.weekday().to_monday_one_offset()).unwrap();
        *hours.entry((weekday, u8::try_from(received.hour()).unwrap())).or_default() += 1;
        if let Status::Closed { outcome: Outcome::Positive | Outcome::Negative, at, .. } = a.status {
            *answers.entry((received.date(), day_of(at))).or_default() += 1;
        }
        if let (false, Some(due)) = (a.status.is_closed(), a.phase.due_at()) {
            let past = now().as_millisecond() - due.as_millisecond();
            *ages.entry(past.div_euclid(86_400_000)).or_default() += 1;
        }
    }
    let found = read.hours_of_week(filter).await.unwrap();
    let found: BTreeMap<_, _> = found.into_iter().map(|h| ((h.weekday, h.hour), h.received)).collect();
    assert_eq!(found, hours, "{filter:?}");
    let found = read.answered(filter).await.unwrap();
    let found: BTreeMap<_, _> = found.into_iter().map(|a| ((a.received, a.answered), a.count)).collect();
    assert_eq!(found, answers, "{filter:?}");
    let found = read.ages(filter, now()).await.unwrap();
    let found: BTreeMap<_, _> = found.into_iter().map(|a| (a.days, a.open)).collect();
    assert_eq!(found, ages, "{filter:?}");
    buckets_agree(read, filter, &hours, &answers, &ages).await;
}

/// Checks that the lists behind the bars and boxes of the charts have as many rows as those count.
async fn buckets_agree(
    read: &ReadModel,
    filter: &ReportFilter,
    hours: &BTreeMap<(u8, u8), u64>,
    answers: &BTreeMap<(Date, Date), u64>,
    ages: &BTreeMap<i64, u64>,
) {
    let fullest = hours.iter().max_by_key(|(_, count)| **count).map(|(hour, _)| *hour);
    let mut buckets: Vec<_> = [fullest, Some((7, 23))]
        .into_iter()
        .flatten()
        .map(|hour| {
            let count = hours.get(&hour).copied().unwrap_or(0);
            ("total", Bucket::HourOfWeek((hour.0 - 1) * 24 + hour.1), count)
        })
        .collect();
    let of_ages = ages.range(-20..=5).map(|(_, count)| count).sum();
    buckets.push(("open", Bucket::DaysPast(-20..=5), of_ages));
    // One day of closing more with each day of receipt, so that no two have the same days.
    if let (Some((first, _)), Some((last, _))) = (answers.keys().next(), answers.keys().next_back()) {
        let days_of = |received: Date| {
            let place = i64::from(received.since(*first).unwrap().get_days());
            received.saturating_add(1.day())..=received.saturating_add((2 + place % 30).days())
        };
        let received = first.series(1.day()).take_while(|day| day <= last);
        let closing = ClosingDays { first: *first, days: received.map(days_of).collect() };
        let is_in = |((received, answered), _): &(&(Date, Date), &u64)| days_of(*received).contains(answered);
        let count = answers.iter().filter(is_in).map(|(_, count)| count).sum();
        buckets.push(("answered", Bucket::ClosedOn(closing), count));
    }
    for (figure, bucket, count) in buckets {
        let figure = Some((Figure::named(figure).unwrap(), filter.clone()));
        let list = WorklistFilter { figure, bucket: Some(bucket), ..WorklistFilter::default() };
        let rows = read.worklist(&list, 1000, now()).await.unwrap().rows;
        assert_eq!(rows.len() as u64, count, "{list:?}");
        assert_eq!(read.count(&list, now()).await.unwrap(), count, "{list:?}");
    }
}

/// Checks that the list behind each figure has that many rows.
async fn lists_have_as_many_rows(read: &ReadModel, filter: &ReportFilter, figures: &Figures) {
    for figure in FIGURES.iter().filter(|figure| !figure.key.ends_with("_ms")) {
        let list = WorklistFilter { figure: Some((figure, filter.clone())), ..WorklistFilter::default() };
        let rows = read.worklist(&list, 1000, now()).await.unwrap().rows;
        assert_eq!(rows.len() as u64, figures.get(figure.key), "{} {filter:?}", figure.key);
        assert_eq!(read.count(&list, now()).await.unwrap(), rows.len() as u64, "{}", figure.key);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_times_equal_those_of_the_events() {
    let (_, read, histories) = filled(120, 9).await;
    let times = |status: StatusName| {
        let events = histories.iter().flat_map(|history| &history.events);
        let times: Vec<u64> = events
            .filter(|e| e.facts.previous_status == Some(status) && e.facts.previous_status_ms > 0)
            .map(|e| u64::try_from(e.facts.previous_status_ms).unwrap())
            .collect();
        StatusTime {
            status,
            times: times.len() as u64,
            median_ms: quantile(times.clone(), 0.5),
            p90_ms: quantile(times, 0.9),
        }
    };
    let expected = [StatusName::Unassigned, StatusName::Assigned, StatusName::AwaitingApproval].map(times);
    assert_eq!(read.status_times(&ReportFilter::default()).await.unwrap(), expected);
}

#[test]
fn every_figure_has_a_definition() {
    assert!(FIGURES.iter().all(|figure| !figure.label_tr.is_empty() && figure.definition_tr.ends_with('.')));
}

#[test]
fn the_on_time_rate_is_of_those_answered_or_too_late() {
    let rate = |on_time, answered: u64, overdue_open| {
        let judged = answered + overdue_open;
        Figures { total: 1000, on_time, judged, ..Figures::default() }.on_time_rate()
    };
    assert_eq!(rate(0, 0, 0), None, "nothing is due yet");
    assert_eq!(rate(0, 0, 7), Some(0.0), "a unit that never answers");
    assert_eq!(rate(3, 3, 0), Some(1.0));
    assert_eq!(rate(3, 4, 0), Some(0.75), "one was answered too late");
    assert_eq!(rate(3, 4, 2), Some(0.5), "and two are too late and open");
}
