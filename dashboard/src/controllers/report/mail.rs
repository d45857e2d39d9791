//! A report as a mail: the numbers of its tables as HTML and as text, all of it attached as XLSX, and
//! the address of its page.

use std::fmt::Write as _;

use ebasvuru_workflow::domain::calendar::day_of;
use ebasvuru_workflow::domain::schedule::{ScheduleTerms, Sending};
use minijinja::context;
use serde::Serialize;

use super::build::{ReportRequest, build};
use super::conditions::conditions;
use super::filter::period_of;
use super::query::ReportQuery;
use super::show::slug;
use super::table::{Cell, Section};
use super::xlsx;
use crate::mail::{Mail, MailError, Mailer};
use crate::view::document::{DataMoment, DocumentHead};
use crate::view::environment::value;
use crate::view::i18n::{say, tr};
use crate::view::{labels, render};
use crate::web::app::App;
use crate::web::problem::Problem;

/// The most rows of a table in the mail itself; the attachment has them all.
const ROWS: usize = 40;

/// The data of `report/mail.html`.
#[derive(Serialize)]
struct MailPage<'a> {
    name: &'a str,
    /// The report and its filters.
    report: String,
    period: String,
    /// Up to when the data is complete.
    data: String,
    /// Said if the data is behind, or if earlier occurrences were missed.
    warnings: Vec<String>,
    tables: Vec<TableView>,
    /// The page of the report.
    link: String,
    /// The page of the schedules.
    schedules: String,
}

#[derive(Serialize)]
struct TableView {
    title: String,
    columns: Vec<TextView>,
    rows: Vec<Vec<TextView>>,
    total: Vec<TextView>,
    /// Said if there are more rows.
    more: String,
}

#[derive(Serialize)]
struct TextView {
    text: String,
    number: bool,
}

/// Builds the mail of a sending.
///
/// # Errors
/// When the numbers cannot be read now, or the report no longer exists.
pub async fn compose(
    app: &App,
    mailer: &Mailer,
    terms: &ScheduleTerms,
    sending: &Sending,
) -> Result<Mail, MailError> {
    let now = app.clock.now();
    let query = ReportQuery::parse(terms.report.as_str());
    let query = query.ok_or_else(|| MailError::Refused(tr("Rapor artık bulunmamaktadır.").to_owned()))?;
    query.check(app, day_of(now)).map_err(MailError::Refused)?;
    let period = period_of(terms.period, day_of(sending.due_at));
    let request = ReportRequest { app, params: &query.params, period, now };
    let data = DataMoment::of(app.freshness.at(now));
    let sections = build(query.kind, &request).await.map_err(|problem| match problem {
        Problem::Unavailable(..) => MailError::Away(tr("Rapor hazırlanamadı.").to_owned()),
        _ => MailError::Refused(tr("Rapor hazırlanamadı.").to_owned()),
    })?;
    let head = DocumentHead {
        title: terms.name.clone(),
        conditions: conditions(app, &query.params, period),
        data,
        made_at: now,
        made_for: tr("Zamanlanmış rapor").to_owned(),
    };
    let page = MailPage {
        name: &terms.name,
        report: query.words(app),
        period: labels::days(period.from, period.last),
        data: data.sentence(),
        warnings: [data.warning(), missed(sending)].into_iter().filter(|it| !it.is_empty()).collect(),
        tables: sections.iter().map(table).collect(),
        link: mailer.link(&query.address_of(period)),
        schedules: mailer.link(crate::controllers::schedule::list::PATH),
    };
    let broken = |error: String| {
        tracing::error!(error.message = error, "a report cannot be made into a mail");
        MailError::Refused(tr("Rapor hazırlanamadı.").to_owned())
    };
    let html = render("report/mail.html", context! { p => value(&page) });
    let html = html.map_err(|error| broken(format!("{error:#}")))?;
    let xlsx = tokio::task::spawn_blocking(move || xlsx::workbook(&head, &sections)).await;
    let xlsx = xlsx.map_err(|error| broken(error.to_string()))?.map_err(|error| broken(error.to_string()))?;
    Ok(Mail {
        id: sending.id.0,
        at: now.into(),
        subject: format!("{} ({})", terms.name, page.period),
        text: text(&page),
        html,
        attachment: (
            // A longer name would be written in parts (RFC 2231), which not every mail program joins.
            format!("{}_{}.xlsx", slug(query.kind), period.last),
            xlsx::MEDIA_TYPE,
            xlsx,
        ),
    })
}

fn missed(sending: &Sending) -> String {
    match sending.missed {
        0 => String::new(),
        n => say!("Bundan önceki {n} gönderim kaçırıldı; yalnızca sonuncusu gönderildi.", n = n),
    }
}

/// The table of a section; of one with groups, their subtotals.
fn table(section: &Section) -> TableView {
    let table = &section.table;
    let rows: Vec<&Vec<Cell>> = if table.groups.is_empty() {
        table.rows.iter().collect()
    } else {
        table.groups.iter().map(|group| &group.subtotal).collect()
    };
    let is_number = |column: usize| rows.iter().any(|row| row.get(column).is_some_and(Cell::is_number));
    let columns = table.columns.iter().enumerate();
    let cells = |row: &Vec<Cell>| {
        let text = |cell: &Cell| TextView { text: cell.display(), number: cell.is_number() };
        row.iter().map(text).collect::<Vec<_>>()
    };
    let left_out = if table.groups.is_empty() { rows.len().saturating_sub(ROWS) } else { table.rows.len() };
    TableView {
        title: section.title.clone(),
        columns: columns.map(|(i, it)| TextView { text: it.label.clone(), number: is_number(i) }).collect(),
        rows: rows.iter().take(ROWS).map(|row| cells(row)).collect(),
        total: table.total.iter().flat_map(cells).collect(),
        more: match (rows.len(), left_out) {
            (0, _) => tr("Dönemde başvuru yok.").to_owned(),
            (_, 0) => String::new(),
            (_, n) => say!("Tablonun {n} satırı daha ekteki dosyadadır.", n = n),
        },
    }
}

/// The same without HTML: a line for each row, each number with its heading.
fn text(page: &MailPage<'_>) -> String {
    let mut out = format!("{}\n{}\n{}\n", page.name, page.report, page.period);
    for line in page.warnings.iter().chain(std::iter::once(&page.data)) {
        let _ = writeln!(out, "{line}");
    }
    for table in &page.tables {
        let _ = writeln!(out, "\n{}", table.title);
        for row in table.rows.iter().chain(Some(&table.total).filter(|total| !total.is_empty())) {
            let cells = row.iter().zip(&table.columns);
            let cells = cells.map(|(cell, column)| match cell.number {
                true => format!("{} {}", column.text, cell.text),
                false => cell.text.clone(),
            });
            let _ = writeln!(out, "- {}", cells.collect::<Vec<_>>().join("; "));
        }
        if !table.more.is_empty() {
            let _ = writeln!(out, "{}", table.more);
        }
    }
    let _ = writeln!(out, "\n{}: {}", tr("Raporun sayfası"), page.link);
    let _ = writeln!(out, "{}: {}", tr("Zamanlanmış raporlar"), page.schedules);
    out
}
