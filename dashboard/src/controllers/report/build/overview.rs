//! The figures of the period, of the period before, of today and of this month; and how many
//! applications were received and closed each day.

use ebasvuru_analytics::read::{FIGURES, FLOW_DEFINITION_TR};

use super::ReportRequest;
use crate::controllers::report::chart::{self, Ink};
use crate::controllers::report::filter::Period;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::table::{Cell, Column, Section, Table, figure_cell};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let today = request.now.to_zoned(labels::istanbul()).date();
    let periods = [
        request.period,
        request.period.before(),
        Period { from: today, last: today },
        Period { from: today.first_of_month(), last: today },
    ];
    let params = periods.map(|period| request.params.carried().of(period));
    let filters: Vec<_> = periods.iter().map(|period| request.params.filter(*period)).collect();
    let read = &request.app.read;
    let figures = tokio::try_join!(
        read.figures(&filters[0], request.now),
        read.figures(&filters[1], request.now),
        read.figures(&filters[2], request.now),
        read.figures(&filters[3], request.now),
    )?;
    let figures = [figures.0, figures.1, figures.2, figures.3];
    let rows = FIGURES.iter().map(|figure| {
        let cells = (0..4).map(|i| figure_cell(figure, &params[i], &figures[i]));
        let change = change(figures[0].get(figure.key), figures[1].get(figure.key));
        let mut row: Vec<Cell> = std::iter::once(Cell::text(tr(figure.label_tr))).chain(cells).collect();
        row.insert(3, change);
        row
    });
    let columns = ["Gösterge", "Seçilen dönem", "Önceki dönem", "Değişim", "Bugün", "Bu ay"];
    let overview = Section {
        slug: "genel",
        title: tr("Dönemin sayıları").into(),
        definition: "Önceki dönem, seçilen dönemden hemen önceki aynı uzunluktaki dönemdir.",
        chart: None,
        folded: false,
        table: Table { columns: columns.map(Column::of).into(), rows: rows.collect(), ..Table::default() },
    };
    Ok(vec![overview, flow(request).await?])
}

/// The relative change.
fn change(now: u64, before: u64) -> Cell {
    if before == 0 {
        return Cell::None;
    }
    let share = (now as f64 - before as f64) / before as f64;
    Cell::Share(share)
}

/// How many applications were received, closed and became overdue each day.
async fn flow(request: &ReportRequest<'_>) -> Result<Section, Problem> {
    let flow = request.app.read.flow(&request.params.filter(request.period)).await?;
    let days: Vec<_> = request.period.each().collect();
    let of = |day| flow.iter().find(|flow| flow.day == day);
    let values = |pick: fn(&ebasvuru_analytics::read::Flow) -> u64| -> Vec<u64> {
        days.iter().map(|day| of(*day).map_or(0, pick)).collect()
    };
    let (received, closed, breached) = (values(|f| f.received), values(|f| f.closed), values(|f| f.breached));
    let sum = |values: &[u64]| labels::thousands(values.iter().sum());
    let sentence = say!(
        "{days} günde {received} başvuru geldi, {closed} başvuru sonuçlandı, {breached} başvurunun süresi geçti.",
        days = days.len(),
        received = sum(&received),
        closed = sum(&closed),
        breached = sum(&breached)
    );
    let rows = days.iter().enumerate().map(|(i, day)| {
        let one = request.params.carried().of(Period { from: *day, last: *day });
        let arrived = Cell::Count(received[i], one.behind("total"));
        vec![Cell::Day(*day), arrived, Cell::count(closed[i]), Cell::count(breached[i])]
    });
    let table = Table {
        columns: ["Gün", "Gelen", "Sonuçlanan", "Süresi Geçen"].map(Column::of).into(),
        rows: rows.collect(),
        ..Table::default()
    }
    .summed();
    let caption =
        chart::Caption {
            id: "akis", title: tr("Günlük gelen ve sonuçlanan başvuru"), sentence: &sentence
        };
    let line = |name, ink, values| chart::Line { name, ink, values };
    let lines = [
        line(tr("Gelen"), Ink::First, received),
        line(tr("Sonuçlanan"), Ink::Good, closed),
        line(tr("Süresi Geçen"), Ink::Bad, breached),
    ];
    // A day leads to what was received on it, a longer part to its own overview.
    let behind = |part: Period| {
        let part_params = request.params.carried().of(part);
        if part.days() == 1 {
            part_params.behind("total")
        } else {
            part_params.address(ReportKind::Overview.path())
        }
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
