use std::collections::{BTreeMap, BTreeSet};

use ebasvuru_workflow::domain::application::{Application, Outcome, Status};
use ebasvuru_workflow::domain::calendar::day_of;
use jiff::Timestamp;

use super::reports::{HOUR_MS, of_whole_days, quantile, random_filter};
use super::{filled, now};
use crate::read::overview::{Happened, Happenings, MEASURES, Measure, Standing, Stands};
use crate::read::{FIGURES, ReadModel, ReportFilter, WorklistFilter};
use crate::testing::{Random, hours};

fn outcome(a: &Application) -> Option<(Outcome, Timestamp)> {
    if let Status::Closed { outcome, at, .. } = a.status { Some((outcome, at)) } else { None }
}

/// When its deadline passed while it was open.
fn late_at(a: &Application) -> Option<Timestamp> {
    let until = outcome(a).map_or(now(), |(_, at)| at);
    a.breached_at.or_else(|| a.phase.due_at().filter(|due| *due <= until))
}

fn is_answered(a: &Application) -> bool {
    matches!(outcome(a), Some((Outcome::Positive | Outcome::Negative, _)))
}

/// Counts what happened to the applications at the moments that fit.
fn counted<'a>(
    applications: impl Iterator<Item = &'a Application>,
    fits: &dyn Fn(Timestamp) -> bool,
) -> Happened {
    let mut all = Happened::default();
    let mut times = Vec::new();
    for a in applications {
        all.received += u64::from(fits(a.received_at));
        let late = late_at(a);
        if let Some((outcome, at)) = outcome(a).filter(|(_, at)| fits(*at)) {
            all.closed += 1;
            all.closed_overdue += u64::from(late.is_some());
            *match outcome {
                Outcome::Positive => &mut all.positive,
                Outcome::Negative => &mut all.negative,
                Outcome::Lapsed => &mut all.lapsed,
                Outcome::Withdrawn => &mut all.withdrawn,
            } += 1;
            if is_answered(a) {
                times.push(
                    u64::try_from(at.as_millisecond() - a.received_at.as_millisecond()).unwrap() / HOUR_MS
                        * HOUR_MS,
                );
                all.on_time += u64::from(late.is_none());
                all.judged += u64::from(late.is_none());
            }
        }
        if late.is_some_and(fits) {
            all.breached += 1;
            all.judged += u64::from(is_answered(a) || !a.status.is_closed());
        }
    }
    all.response_median_ms = quantile(times, 0.5);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_and_what_stands_equal_the_count() {
    let (_, read, histories) = filled(250, 7).await;
    let mut random = Random::new(3);
    for case in 0..12 {
        let filter =
            if case == 0 { ReportFilter::default() } else { of_whole_days(&random_filter(&mut random)) };
        let chosen: Vec<&Application> = histories
            .iter()
            .map(|history| &history.application)
            .filter(|a| {
                filter.unit.as_ref().is_none_or(|unit| a.unit == *unit)
                    && filter.service.as_ref().is_none_or(|service| a.service == *service)
                    && filter.valilik.is_none_or(|valilik| a.valilik == valilik)
            })
            .collect();
        let fits = |at: Timestamp| {
            filter.from.is_none_or(|from| at >= from) && filter.until.is_none_or(|until| at < until)
        };
        let some = |happened: &Happened| *happened != Happened::default();

        let before = filter.from.filter(|_| case % 3 > 0).map(|from| from - hours(240));
        let is_before = |at: Timestamp| {
            before.is_some_and(|before| at >= before) && filter.from.is_some_and(|from| at < from)
        };
        let is_since = |at: Timestamp| filter.until.is_some_and(|until| at >= until);
        let whole = counted(chosen.iter().copied(), &fits);
        let mut expected = Happenings {
            whole,
            before: counted(chosen.iter().copied(), &is_before),
            since: counted(chosen.iter().copied(), &is_since),
            ..Happenings::default()
        };
        let days = chosen.iter().flat_map(|a| {
            [Some(a.received_at), outcome(a).map(|(_, at)| at), late_at(a)].into_iter().flatten()
        });
        let days: BTreeSet<_> = days.map(day_of).collect();
        for day in days {
            let fits = |at: Timestamp| fits(at) && day_of(at) == day;
            expected.by_day.push((day, counted(chosen.iter().copied(), &fits)));
        }
        let mut valilikler: BTreeMap<_, Vec<&Application>> = BTreeMap::new();
        let mut units: BTreeMap<_, Vec<&Application>> = BTreeMap::new();
        for a in &chosen {
            valilikler.entry(a.valilik).or_default().push(a);
            units.entry(a.unit.clone()).or_default().push(a);
        }
        let of = |all: &[&Application]| counted(all.iter().copied(), &fits);
        expected.by_valilik = valilikler.iter().map(|(valilik, all)| (*valilik, of(all))).collect();
        expected.by_unit = units.into_iter().map(|(unit, all)| (unit, of(&all))).collect();
        expected.by_day.retain(|(_, happened)| some(happened));
        expected.by_valilik.retain(|(_, happened)| some(happened));
        expected.by_unit.retain(|(_, happened)| some(happened));
        assert_eq!(read.happenings(&filter, before, now()).await.unwrap(), expected, "{filter:?}");

        let mut stands = Stands::default();
        for a in chosen.iter().filter(|a| !a.status.is_closed()) {
            let late = late_at(a).is_some();
            let one = Standing {
                open: 1,
                pre_application: u64::from(a.phase.is_pre_application()),
                overdue: u64::from(late),
            };
            stands.whole += one;
            *stands.by_valilik.entry(a.valilik).or_default() += one;
            if late {
                let since = now().as_millisecond() - a.phase.due_at().unwrap().as_millisecond();
                *stands.overdue_by_days.entry(since / 86_400_000).or_default() += 1;
            }
        }
        assert_eq!(read.stands(&filter, now()).await.unwrap(), stands, "{filter:?}");
        lists_have_as_many_rows(&read, &filter, &whole, &stands.whole).await;
    }
}

/// Checks that the list behind each measure has that many rows.
async fn lists_have_as_many_rows(
    read: &ReadModel,
    filter: &ReportFilter,
    whole: &Happened,
    standing: &Standing,
) {
    for measure in MEASURES {
        let expected = match measure.key {
            "closed_in_period" => whole.closed,
            "answered_in_period" => whole.answered(),
            "positive_in_period" => whole.positive,
            "negative_in_period" => whole.negative,
            "lapsed_in_period" => whole.lapsed,
            "withdrawn_in_period" => whole.withdrawn,
            "on_time_in_period" => whole.on_time,
            "judged_in_period" => whole.judged,
            "breached_in_period" => whole.breached,
            "open_now" => standing.open,
            "overdue_now" => standing.overdue,
            other => panic!("{other} is not counted"),
        };
        let list = WorklistFilter { figure: measure.of(filter.clone()), ..WorklistFilter::default() };
        assert!(list.figure.is_some(), "{measure:?}");
        let rows = read.worklist(&list, 1000, now()).await.unwrap().rows;
        assert_eq!(rows.len() as u64, expected, "{} {filter:?}", measure.key);
    }
}

#[test]
fn a_late_answer_does_not_mend_the_rate() {
    let rate = |on_time, judged| Happened { on_time, judged, ..Happened::default() }.on_time_rate();
    assert_eq!(rate(0, 0), None, "nothing was decided");
    assert_eq!(rate(0, 7), Some(0.0), "a unit that never answers");
    assert_eq!(rate(6, 8), Some(0.75));
}

#[test]
fn what_happened_and_what_became_of_those_received_share_no_word() {
    let flow = MEASURES.iter().map(|measure| measure.label_tr);
    let flow: Vec<_> = flow
        .chain([crate::read::overview::ON_TIME_RATE_TR, crate::read::overview::RESPONSE_MEDIAN_TR])
        .collect();
    let cohort = FIGURES.iter().map(|figure| figure.label_tr);
    let cohort: Vec<_> = cohort.chain([crate::read::figure::ON_TIME_RATE_TR]).collect();
    for label in &flow {
        assert!(!cohort.contains(label), "{label} is the label of a figure, too");
        assert_eq!(flow.iter().filter(|other| other == &label).count(), 1, "{label}");
    }
    for label in &cohort {
        assert!(!label.starts_with("Şu an"), "{label}");
        // "Gelen" is the same applications either way.
        let happened = ["lanan", "Geçen", "nanan", "geçen"].iter().any(|end| label.contains(end));
        assert!(!happened, "{label}: what has become of them ends in -mış");
    }
    for measure in MEASURES {
        assert_eq!(measure.is_of_now(), measure.label_tr.starts_with("Şu an"), "{}", measure.label_tr);
        assert!(!measure.label_tr.contains("mış") && measure.definition_tr.ends_with('.'));
        assert_eq!(Measure::named(measure.key), Some(*measure));
    }
}
