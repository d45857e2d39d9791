//! `/raporlama`: counts, process, response time, outcomes and what is past its deadline,
//! for each unit and service.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
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
use crate::read::{Report, ReportRow};

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
    closed: u64,
}

/// `GET /raporlama`
pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let today = app.clock.now().to_zoned(labels::istanbul()).date();
    let (from, to, error) = period(&params, today);
    let report = app.read.report(from, to).await?;

    let rows: Vec<RowView> = report.rows.iter().map(|row| view(&app, row)).collect();
    let per_day = chart::per_day("Günlük gelen ve sonuçlanan başvuru", &words(&report), &report.days)?;
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
        .map(|d| DayView {
            date: d.date.strftime("%d.%m.%Y").to_string(),
            received: d.received,
            closed: d.closed,
        })
        .collect();
    let slow_views: Vec<_> =
        slowest.iter().map(|(name, days)| (name, format!("{days:.1}").replace('.', ","))).collect();
    let sum = |of: fn(&ReportRow) -> u64| report.rows.iter().map(of).sum::<u64>();
    let total = context! {
        received => sum(|r| r.received), unassigned => sum(|r| r.unassigned),
        assigned => sum(|r| r.assigned), awaiting_approval => sum(|r| r.awaiting_approval),
        closed => sum(|r| r.closed), positive => sum(|r| r.positive),
        negative => sum(|r| r.negative), overdue => sum(|r| r.overdue),
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

fn view(app: &App, row: &ReportRow) -> RowView {
    let time = |ms: Option<i64>| ms.map_or_else(|| "–".to_owned(), labels::duration);
    RowView {
        unit: app.unit_name(&row.unit),
        service: app.service_name(&row.service),
        received: row.received,
        unassigned: row.unassigned,
        assigned: row.assigned,
        awaiting_approval: row.awaiting_approval,
        closed: row.closed,
        positive: row.positive,
        negative: row.negative,
        overdue: row.overdue,
        median: time(row.response_median_ms),
        p90: time(row.response_p90_ms),
    }
}

/// The chart of days in a sentence.
fn words(report: &Report) -> String {
    let received: u64 = report.days.iter().map(|d| d.received).sum();
    let closed: u64 = report.days.iter().map(|d| d.closed).sum();
    match report.days.iter().max_by_key(|d| d.received) {
        Some(top) => format!(
            "{} günde {received} başvuru geldi, {closed} başvuru sonuçlandı; en çok gelen gün {} ({}).",
            report.days.len(),
            top.date.strftime("%d.%m.%Y"),
            top.received
        ),
        None => "Dönemde başvuru yok.".into(),
    }
}

/// The ten rows with the longest median, in days, by name.
fn slowest(app: &App, report: &Report) -> Vec<(String, f64)> {
    let mut rows: Vec<_> =
        report.rows.iter().filter_map(|row| Some((row.response_median_ms?, row))).collect();
    rows.sort_by_key(|(ms, _)| std::cmp::Reverse(*ms));
    rows.truncate(10);
    #[expect(clippy::cast_precision_loss, reason = "a chart in days does not show milliseconds")]
    let days = |ms: i64| ms as f64 / 86_400_000.0;
    rows.into_iter()
        .map(|(ms, row)| {
            let name = format!("{}, {}", app.service_name(&row.service), app.unit_name(&row.unit));
            (name, days(ms))
        })
        .collect()
}
