//! The worklists and their tabs, as current as this replica can make them: open applications from its memory,
//! everything else from ClickHouse together with the replies that ClickHouse does not have yet.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ebasvuru_analytics::read::{Edge, Page, ReadError, Tabs, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::UserName;
use jiff::Timestamp;

use crate::web::app::App;

/// A page of `limit` rows, and those that replies add to it.
pub async fn page(
    app: &App,
    filter: &WorklistFilter,
    limit: u16,
    unstored: &[Arc<Application>],
    now: Timestamp,
) -> Result<Page<WorklistRow>, ReadError> {
    if let Some(page) = app.open_now(now).and_then(|open| open.page(filter, limit, now)) {
        return Ok(page);
    }
    let page = app.read.worklist(filter, limit, now).await?;
    let (previous, next) = (page.previous, page.next);
    Ok(Page { rows: merged(unstored, filter, page, now), previous, next })
}

/// How many rows each tab has; `mine` is the officer of the last one.
pub async fn tabs(
    app: &App,
    filter: &WorklistFilter,
    mine: &UserName,
    unstored: &[Arc<Application>],
    now: Timestamp,
) -> Result<Tabs, ReadError> {
    let Some(open) = app.open_now(now).and_then(|open| open.tabs(filter, mine, now)) else {
        return app.read.tabs(filter, mine, unstored, now).await;
    };
    let closed = if filter.is_of_units() {
        closed_of_units(app, filter, now).await?
    } else {
        app.read.closed(filter, unstored, now).await?
    };
    Ok(Tabs { closed, ..open })
}

/// How many closed applications a list of units has. ClickHouse counts only those of units whose counts are not kept.
/// To be called only while the open applications are in memory: otherwise it is not known here what is closed.
async fn closed_of_units(app: &App, filter: &WorklistFilter, now: Timestamp) -> Result<u64, ReadError> {
    let officer = filter.officer.as_ref();
    let (mut closed, mut unknown) = (0, Vec::new());
    for unit in filter.units.iter().collect::<HashSet<_>>() {
        match app.closed.count(unit, officer, now) {
            Some(count) => closed += count,
            None => unknown.push(unit.clone()),
        }
    }
    if unknown.is_empty() {
        return Ok(closed);
    }
    let (asked, closings) = app.closed.ask(&unknown, app.has_until());
    for (unit, counts) in app.read.closed_of_units(&unknown, closings).await? {
        closed += counts.count(officer);
        app.closed.keep(&asked, unit, counts, app.clock.now());
    }
    Ok(closed)
}

/// Merges the states of replies into a page from ClickHouse: newer states replace older ones, rows that no
/// longer match are removed, and rows that now match are inserted in order.
fn merged(
    unstored: &[Arc<Application>],
    filter: &WorklistFilter,
    page: Page<WorklistRow>,
    now: Timestamp,
) -> Vec<WorklistRow> {
    let mut unstored: HashMap<_, _> = unstored.iter().map(|a| (a.id, a)).collect();
    let position = |row: &WorklistRow| row.cursor(filter.sort);
    // In the direction in which the page was read, further rows may belong to another page.
    let back = matches!(filter.edge, Some(Edge::Before(_)));
    let first = page.rows.first().map(position).filter(|_| back && page.previous.is_some());
    let last = page.rows.last().map(position).filter(|_| !back && page.next.is_some());
    let seen: HashSet<_> = page.rows.iter().map(|row| row.id).collect();
    let mut rows: Vec<WorklistRow> = page
        .rows
        .into_iter()
        .filter_map(|row| match unstored.remove(&row.id) {
            Some(newer) if newer.version > row.version => {
                let row = WorklistRow::of(newer);
                filter.admits(&row, now).then_some(row)
            }
            _ => Some(row),
        })
        .collect();
    if filter.search.is_none() {
        let behind = |a, b| filter.sort.compare(a, b).is_gt();
        let on_page = |row: &WorklistRow| {
            let here = position(row);
            let edge = match filter.edge {
                Some(Edge::After(edge)) => behind(here, edge),
                Some(Edge::Before(edge)) => behind(edge, here),
                None => true,
            };
            edge && first.is_none_or(|first| !behind(first, here))
                && last.is_none_or(|last| !behind(here, last))
        };
        let missing = unstored.into_values().map(|application| WorklistRow::of(application));
        rows.extend(missing.filter(|row| !seen.contains(&row.id) && on_page(row) && filter.admits(row, now)));
        rows.sort_by(|a, b| filter.sort.compare(position(a), position(b)));
    }
    rows
}
