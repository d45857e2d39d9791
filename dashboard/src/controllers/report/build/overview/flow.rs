//! What happened on each day of the period.

use std::collections::BTreeMap;

use ebasvuru_analytics::read::FLOW_DEFINITION_TR;
use ebasvuru_analytics::read::overview::Happened;

use super::{Overview, ReportRequest};
use crate::controllers::report::chart::{self, Ink};
use crate::controllers::report::filter::Period;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::table::{Cell, Column, Section, Table};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

/// What happened on each day of the period, also on those on which nothing did.
pub fn by_day(period: Period, overview: &Overview) -> Vec<Happened> {
    let by_day: BTreeMap<_, _> = overview.happenings.by_day.iter().copied().collect();
    period.each().map(|day| by_day.get(&day).copied().unwrap_or_default()).collect()
}

pub fn section(request: &ReportRequest<'_>, overview: &Overview) -> Result<Section, Problem> {
    let days: Vec<_> = request.period.each().collect();
    let happened = by_day(request.period, overview);
    let whole = &overview.happenings.whole;
    let sentence = say!(
        "{days} günde {received} başvuru geldi, {closed} başvuru sonuçlandı, {breached} başvurunun süresi geçti.",
        days = days.len(),
        received = labels::thousands(whole.received),
        closed = labels::thousands(whole.closed),
        breached = labels::thousands(whole.breached)
    );
    let rows = days.iter().zip(&happened).map(|(day, on_day)| {
        let one = request.params.carried().of(Period { from: *day, last: *day });
        let cell = |count, key| Cell::Count(count, one.behind(key));
        vec![
            Cell::Day(*day),
            cell(on_day.received, "total"),
            cell(on_day.closed, "closed_in_period"),
            cell(on_day.breached, "breached_in_period"),
        ]
    });
    let table = Table {
        columns: ["Gün", "Gelen", "Sonuçlanan", "Süresi Geçen"].map(Column::of).into(),
        rows: rows.collect(),
        ..Table::default()
    }
    .summed();
    let caption = chart::Caption {
        id: "akis-grafik",
        title: tr("Dönemde gelen, sonuçlanan ve süresi geçen"),
        sentence: &sentence,
    };
    let values = |pick: fn(&Happened) -> u64| happened.iter().map(pick).collect::<Vec<u64>>();
    let line = |name, ink, values| chart::Line { name, ink, values };
    let lines = [
        line(tr("Gelen"), Ink::First, values(|h| h.received)),
        line(tr("Sonuçlanan"), Ink::Good, values(|h| h.closed)),
        line(tr("Süresi Geçen"), Ink::Bad, values(|h| h.breached)),
    ];
    // A day leads to what was received on it, a longer part to its own overview.
    let behind = |part: Period| {
        let there = request.params.carried().of(part);
        if part.days() == 1 { there.behind("total") } else { there.address(ReportKind::Overview.path()) }
    };
    Ok(Section {
        slug: "akis",
        title: caption.title.into(),
        definition: FLOW_DEFINITION_TR,
        chart: Some(chart::lines(&caption, request.period, &lines, &behind)?),
        folded: true,
        table,
    })
}
