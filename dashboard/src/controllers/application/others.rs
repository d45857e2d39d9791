//! "Vatandaşın Diğer Başvuruları" (requirement 30): the applicant's other applications, in all units, newest
//! first. A row has no content, whatever the viewer may see.

use ebasvuru_analytics::read::{Edge, Page, Search, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::catalog::UnitId;
use jiff::Timestamp;
use serde::Serialize;

use super::list;
use crate::view::address::with_query;
use crate::view::labels;
use crate::web::app::App;
use crate::web::problem::Problem;

/// The number of rows of a page.
const PAGE: u16 = 20;
/// The id of the section, to which the links to other pages lead.
const ANCHOR: &str = "digerleri";

/// A page of the list.
#[derive(Debug, Serialize)]
pub struct Others {
    rows: Vec<Other>,
    /// How many there are on all pages; empty for none.
    total: String,
    /// The address of the page with newer ones.
    previous: Option<String>,
    /// The address of the page with older ones.
    next: Option<String>,
    id: &'static str,
}

#[derive(Debug, Serialize)]
struct Other {
    no: String,
    link: bool,
    service: String,
    unit: String,
    status: &'static str,
    received: String,
}

/// The page at `edge`; `list` is the address of the worklist that led to `application`.
pub async fn others(
    app: &App,
    scope: &[UnitId],
    application: &Application,
    edge: Option<Edge>,
    list: &str,
    now: Timestamp,
) -> Result<Others, Problem> {
    let search = Some(Search::TcknIndex(application.applicant.tckn_index.clone()));
    let all = WorklistFilter { search, except: Some(application.id), ..WorklistFilter::default() };
    let on_page = WorklistFilter { edge, ..all.clone() };
    let few = if edge.is_none() { few_others(app, application, now).await? } else { None };
    let page = match few {
        Some(rows) => Page { rows, previous: None, next: None },
        None => app.read.worklist(&on_page, PAGE, now).await?,
    };
    // Most people have few: all are counted only if the page does not have all.
    let total = if on_page.edge.is_none() && page.next.is_none() {
        page.rows.len() as u64
    } else {
        app.read.count(&all, now).await?
    };
    let here = format!("{}/{}", list::PATH, application.no);
    let address = |name, row: String| {
        format!("{}#{ANCHOR}", with_query(&here, [(name, row.as_str()), ("liste", list)]))
    };
    Ok(Others {
        rows: page.rows.iter().map(|row| other(app, scope, row)).collect(),
        total: if total == 0 { String::new() } else { labels::thousands(total) },
        previous: page.previous.map(|row| address("once", row.to_string())),
        next: page.next.map(|row| address("sonra", row.to_string())),
        id: ANCHOR,
    })
}

/// All of them as they are now, unless they are more than a page.
async fn few_others(
    app: &App,
    application: &Application,
    now: Timestamp,
) -> Result<Option<Vec<WorklistRow>>, Problem> {
    let person = &application.applicant.tckn_index;
    // Only then does this replica learn what the person submits.
    let open = app.open_now(now).filter(|open| open.usable());
    let kept = open.and_then(|open| app.others.list(person, &application.no, open));
    if kept.is_some() {
        return Ok(kept);
    }
    let until = open.and_then(|_| app.has_until());
    let Some(mut rows) = app.read.few_others(application, PAGE, now).await? else { return Ok(None) };
    if let Some(until) = until {
        app.others.keep(person.clone(), application.no.clone(), rows.clone(), until);
    }
    for row in &mut rows {
        if let Some(current) = open.and_then(|open| open.current(row)) {
            *row = current;
        }
    }
    Ok(Some(rows))
}

fn other(app: &App, scope: &[UnitId], row: &WorklistRow) -> Other {
    Other {
        no: row.no.to_string(),
        link: scope.contains(&row.unit),
        service: app.service_name(&row.service),
        unit: app.unit_name(&row.unit),
        status: labels::status_of(row),
        received: labels::date(row.received_at),
    }
}
