//! `/raporlama`: counts, process, response time, outcomes and what is past its deadline,
//! for each unit and service.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use ebasvuru_analytics::read::figure::days;
use ebasvuru_analytics::read::{Daily, Figures, Group, GroupRow, ReportFilter};
use jiff::ToSpan;
use jiff::civil::Date;
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::chart;
use crate::app::App;
use crate::guard::Viewer;
use crate::labels;
use crate::page::{Shell, value};
use crate::problem::Problem;

/// The longest period, in days.
const LONGEST: i32 = 366;

/// The period.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    bas: String,
    son: String,
}

#[derive(Serialize)]
struct RowView {
    unit: String,
    service: String,
    received: u64,
    unassigned: u64,
    assigned: u64,
    awaiting_approval: u64,
    closed: u64,
    positive: u64,
    negative: u64,
    overdue: u64,
    median: String,
    p90: String,
}

#[derive(Serialize)]
struct DayView {
    date: String,
    received: u64,
}

/// `GET /raporlama`
pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let today = app.clock.now().to_zoned(labels::istanbul()).date();
    let (from, to, error) = period(&params, today);
    let now = app.clock.now();
    let start = |day: Date| day.to_zoned(labels::istanbul()).map_or(now, |start| start.timestamp());
    let filter = ReportFilter { from: Some(start(from)), until: Some(start(to)), ..ReportFilter::default() };
    let (mut rows, intake) = tokio::try_join!(
        app.read.grouped(Group::UnitAndService, &filter, now),
        app.read.intake_by_day(&filter)
    )?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.figures.total));
    let report = Report { days: every_day(from, to, &intake), rows };

    let rows: Vec<RowView> = report.rows.iter().map(|row| view(&app, row)).collect();
    let per_day = chart::per_day("Günlük gelen başvuru", &words(&report), &report.days)?;
    let slowest = slowest(&app, &report);
    let medians = chart::bars(
        "sure",
        "Hizmetlere göre ortanca cevaplanma süresi (gün)",
        &slowest.first().map_or_else(
            || "Dönemde cevaplanan başvuru yok.".to_owned(),
            |(name, days)| format!("En uzun: {name}, {days:.1} gün."),
        ),
        &slowest,
    )?;
    let day_views: Vec<DayView> = report
        .days
        .iter()
        .map(|d| DayView { date: d.day.strftime("%d.%m.%Y").to_string(), received: d.received })
        .collect();
    let slow_views: Vec<_> =
        slowest.iter().map(|(name, days)| (name, format!("{days:.1}").replace('.', ","))).collect();
    let sum = |of: fn(&Figures) -> u64| report.rows.iter().map(|row| of(&row.figures)).sum::<u64>();
    let total = context! {
        received => sum(|f| f.total), unassigned => sum(|f| f.unassigned),
        assigned => sum(|f| f.assigned), awaiting_approval => sum(|f| f.awaiting_approval),
        closed => sum(|f| f.total - f.open), positive => sum(|f| f.positive),
        negative => sum(|f| f.negative), overdue => sum(|f| f.overdue_open + f.overdue_closed),
    };
    let html = Shell::new(&app, &viewer, "Raporlama").page(
        "report/show.html",
        context! {
            from => from.to_string(), to => (to.yesterday().unwrap_or(to)).to_string(), error,
            rows => value(rows), total, days => value(day_views), slowest => value(slow_views),
            per_day => minijinja::Value::from_safe_string(per_day),
            medians => minijinja::Value::from_safe_string(medians),
        },
    )?;
    Ok(html.into_response())
}

/// The period asked for, its end exclusive; the last 30 days when it makes no sense.
fn period(params: &Params, today: Date) -> (Date, Date, &'static str) {
    let tomorrow = today.tomorrow().unwrap_or(today);
    let usual = (today.saturating_sub(29.days()), tomorrow);
    if params.bas.is_empty() && params.son.is_empty() {
        return (usual.0, usual.1, "");
    }
    let asked = params.bas.parse::<Date>().ok().zip(params.son.parse::<Date>().ok());
    match asked.and_then(|(from, last)| Some((from, last.tomorrow().ok()?))) {
        Some((from, to)) if from < to && from.until(to).is_ok_and(|span| span.get_days() <= LONGEST) => {
            (from, to, "")
        }
        _ => (usual.0, usual.1, "Dönem en fazla 366 gün olmalı ve başlangıcı sonundan sonra gelmemelidir."),
    }
}

/// What the page shows.
struct Report {
    rows: Vec<GroupRow>,
    days: Vec<Daily>,
}

/// The days from `from` to before `to`, none left out.
fn every_day(from: Date, to: Date, intake: &[Daily]) -> Vec<Daily> {
    let received = |day| intake.iter().find(|daily| daily.day == day).map_or(0, |daily| daily.received);
    from.series(1.day())
        .take_while(|day| *day < to)
        .map(|day| Daily { day, received: received(day) })
        .collect()
}

fn names(app: &App, row: &GroupRow) -> (String, String) {
    let unit = row.unit.as_ref().map(|unit| app.unit_name(unit)).unwrap_or_default();
    (unit, row.service.as_ref().map(|service| app.service_name(service)).unwrap_or_default())
}

fn view(app: &App, row: &GroupRow) -> RowView {
    let f = &row.figures;
    let time = |ms: u64| {
        if f.answered == 0 {
            "–".to_owned()
        } else {
            labels::duration(i64::try_from(ms).unwrap_or(i64::MAX))
        }
    };
    let (unit, service) = names(app, row);
    RowView {
        unit,
        service,
        received: f.total,
        unassigned: f.unassigned,
        assigned: f.assigned,
        awaiting_approval: f.awaiting_approval,
        closed: f.total - f.open,
        positive: f.positive,
        negative: f.negative,
        overdue: f.overdue_open + f.overdue_closed,
        median: time(f.response_median_ms),
        p90: time(f.response_p90_ms),
    }
}

/// The chart of days in a sentence.
fn words(report: &Report) -> String {
    let received: u64 = report.days.iter().map(|d| d.received).sum();
    match report.days.iter().max_by_key(|d| d.received) {
        Some(top) => format!(
            "{} günde {received} başvuru geldi; en çok gelen gün {} ({}).",
            report.days.len(),
            top.day.strftime("%d.%m.%Y"),
            top.received
        ),
        None => "Dönemde başvuru yok.".into(),
    }
}

/// The ten rows with the longest median, in days, by name.
fn slowest(app: &App, report: &Report) -> Vec<(String, f64)> {
    let answered = report.rows.iter().filter(|row| row.figures.answered > 0);
    let mut rows: Vec<_> = answered.map(|row| (row.figures.response_median_ms, row)).collect();
    rows.sort_by_key(|(ms, _)| std::cmp::Reverse(*ms));
    rows.truncate(10);
    rows.into_iter()
        .map(|(ms, row)| {
            let (unit, service) = names(app, row);
            (format!("{service}, {unit}"), days(ms))
        })
        .collect()
}
