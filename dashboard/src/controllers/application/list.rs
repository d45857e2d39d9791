//! `/basvurular`: the unit's applications, or one's own (requirements 15 and 22).

use std::collections::HashSet;

use axum::extract::{Query as UrlQuery, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use ebasvuru_analytics::read::{Edge, Page, Tabs, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::catalog::UnitId;
use jiff::{SignedDuration, Timestamp};
use minijinja::context;
use serde::Serialize;
use uuid::Uuid;

use super::filter::{DEADLINES, Params, SORTS, Tab, ready_made};
use super::{action, load};
use crate::app::{App, AppState};
use crate::choice::{Choice, sorted};
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::labels;
use crate::page::{Shell, value};
use crate::problem::Problem;
use crate::search::{self, Searched};

/// Its page.
const PATH: &str = "/basvurular";
/// Rows of a page.
const PAGE: u16 = 25;
/// For how long a reply's state is laid over the list: ClickHouse has it long before.
const OVERLAY: SignedDuration = SignedDuration::from_secs(60);

#[derive(Serialize)]
struct RowView {
    no: String,
    version: u64,
    name: String,
    tckn: String,
    service: String,
    unit: String,
    phase: &'static str,
    status: &'static str,
    holder: String,
    received: String,
    deadline: String,
    last_day: String,
    urgency: &'static str,
    claim: bool,
    assign: bool,
}

#[derive(Serialize)]
struct TabView {
    href: String,
    label: &'static str,
    count: String,
    current: bool,
}

/// A view that is used every day.
#[derive(Serialize)]
struct ReadyMade {
    href: String,
    label: &'static str,
    current: bool,
}

/// `GET /basvurular`
pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    UrlQuery(params): UrlQuery<Params>,
) -> Result<Response, Problem> {
    let user = &viewer.user;
    let now = app.clock.now();
    let officer = user.profile.role == Role::Officer;
    let params = if officer { params } else { Params { ustumdeki: String::new(), ..params } };
    let scope = load::scope(&app, user).ok_or(Problem::Forbidden)?;
    let (params, typed, shut) = match search::of_address(&app.sealer, &user.name, &params.ara) {
        Searched::Text(text) => (params, text, false),
        Searched::Clear(text) => {
            let ara = search::to_address(&app.sealer, &user.name, &text)?;
            return Ok(Redirect::to(&Params { ara, ..params }.address(PATH)).into_response());
        }
        Searched::Shut => (Params { ara: String::new(), ..params }, String::new(), true),
    };
    let base = params.filter(&app, &scope, &user.name, &typed);
    let filter = params.tab().narrow(base.clone());
    let counted = WorklistFilter { edge: None, ..base };
    let (page, counts) =
        tokio::try_join!(app.read.worklist(&filter, PAGE, now), app.read.tabs(&counted, &user.name, now),)?;
    let first = params.first();
    let next = page.next.map(|row| Params { sonra: row.to_string(), ..first.clone() }.address(PATH));
    let previous = page.previous.map(|row| Params { once: row.to_string(), ..first.clone() }.address(PATH));
    let rows = with_recent(&app, &filter, page, now);

    let done = action::done_to(&params.oldu, &params.adet);
    let views: Vec<RowView> = rows.iter().map(|row| view(&app, &viewer, row, now)).collect();
    let assignable = views.iter().any(|row| row.assign);
    let title = tr(if params.mine() { "Sorumlu Üzerindeki Başvurular" } else { "Başvurular" });
    let (here, start) = (params.address(PATH), first.address(PATH));
    let ready_made = ready_made(user.profile.role).iter().map(|(label, address)| ReadyMade {
        href: format!("{PATH}?{address}"),
        label: tr(label),
        current: start == format!("{PATH}?{address}"),
    });
    let html: Html<String> = Shell::new(&app, &viewer, title).page(
        "application/list.html",
        context! {
            rows => value(views), tabs => value(tabs(&first, &counts)), next, previous, notice => done,
            mine => params.mine(), is_officer => officer, mine_count => labels::thousands(counts.mine),
            views => value(ready_made.collect::<Vec<_>>()),
            search => typed, error => search::shut(shut), tab => params.tab().slug(),
            services => value(services(&app, &scope, &params.hizmet)),
            units => value(units(&app, &scope, &params.birim)),
            officers => value(officers(&app, &scope, &params.sorumlu)),
            deadlines => value(named(&DEADLINES, &params.sure)),
            sorts => value(named(&SORTS, &params.sirala)),
            assignees => value(if assignable { assignees(&app, user.profile.unit.as_ref(), "") } else { Vec::new() }),
            first => params.sonra.is_empty() && params.once.is_empty(), start,
            narrowed => [&first.hizmet, &first.birim, &first.sorumlu, &first.sure, &first.ara].iter().any(|p| !p.is_empty()),
            wide => Params { durum: params.durum.clone(), ustumdeki: params.ustumdeki.clone(), ..Params::default() }.address(PATH),
            narrow => here != PATH, here, command => Uuid::now_v7().to_string(),
        },
    )?;
    Ok(html.into_response())
}

/// `POST /basvurular`: the form of the filters. What is searched for stands in its body, and goes
/// on sealed.
pub async fn search(State(app): State<App>, viewer: Viewer, form: Submitted) -> Result<Redirect, Problem> {
    let ara = search::to_address(&app.sealer, &viewer.user.name, &form.text("ara"))?;
    Ok(Redirect::to(&Params::of_form(&form, ara).address(PATH)))
}

fn tabs(params: &Params, counts: &Tabs) -> Vec<TabView> {
    Tab::ALL
        .into_iter()
        .map(|tab| TabView {
            href: Params { durum: tab.slug().into(), ..params.clone() }.address(PATH),
            label: tr(tab.label()),
            count: labels::thousands(tab.count(counts)),
            current: tab == params.tab(),
        })
        .collect()
}

/// The services that any of the units owns.
fn services(app: &AppState, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    let owned: HashSet<_> =
        app.catalog.routes().filter(|(.., unit)| scope.contains(unit)).map(|(slug, ..)| slug).collect();
    sorted(owned.into_iter().map(|slug| Choice::new(slug, app.service_name(slug), chosen)))
}

/// The units to choose from, where there are several.
fn units(app: &AppState, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    let choice = |unit: &UnitId| Choice::new(unit, app.unit_name(unit), chosen);
    if scope.len() < 2 { Vec::new() } else { sorted(scope.iter().map(choice)) }
}

fn officers(app: &AppState, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    app.gateway.directory(|users| {
        let officers = scope.iter().flat_map(|unit| users.officers_of(unit));
        sorted(officers.map(|officer| Choice::new(&officer.name, &officer.profile.full_name, chosen)))
    })
}

/// To whom "Teslim Et" can give what is ticked.
pub fn assignees(app: &AppState, unit: Option<&UnitId>, chosen: &str) -> Vec<Choice> {
    unit.map(|unit| officers(app, std::slice::from_ref(unit), chosen)).unwrap_or_default()
}

fn named(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    all.iter().map(|(value, label)| Choice::new(value, tr(label), chosen)).collect()
}

fn view(app: &AppState, viewer: &Viewer, row: &WorklistRow, now: Timestamp) -> RowView {
    let open = row.status != StatusName::Closed;
    let (deadline, urgency) = if open { labels::deadline(row.deadline, now) } else { (String::new(), "") };
    let free = row.status == StatusName::Unassigned;
    let profile = &viewer.user.profile;
    let own = profile.unit.as_ref() == Some(&row.unit);
    RowView {
        no: row.no.to_string(),
        version: row.version,
        name: row.masked_name.clone(),
        tckn: row.masked_tckn.clone(),
        service: app.service_name(&row.service),
        unit: app.unit_name(&row.unit),
        phase: labels::phase(row.pre_application),
        status: labels::status(row.status, row.outcome),
        holder: row
            .officer
            .as_ref()
            .filter(|_| open)
            .map(|name| app.gateway.full_name(name))
            .unwrap_or_default(),
        received: labels::date(row.received_at),
        deadline,
        last_day: labels::last_day(row.deadline),
        urgency,
        claim: free && own && profile.role == Role::Officer,
        assign: free
            && own
            && app.gateway.directory(|users| users.authority(&viewer.user.name, &row.unit, now).is_some()),
    }
}

/// Lays what replies said lately over what ClickHouse has: newer states in place of older,
/// rows that no longer belong taken out, rows that now belong put in where they stand.
fn with_recent(
    app: &AppState,
    filter: &WorklistFilter,
    page: Page<WorklistRow>,
    now: Timestamp,
) -> Vec<WorklistRow> {
    let mut recent = app.gateway.all_recent();
    let place = |row: &WorklistRow| row.cursor(filter.sort);
    // Towards where the page was read there may be rows of another one.
    let back = matches!(filter.edge, Some(Edge::Before(_)));
    let first = page.rows.first().map(place).filter(|_| back && page.previous.is_some());
    let last = page.rows.last().map(place).filter(|_| !back && page.next.is_some());
    let seen: HashSet<_> = page.rows.iter().map(|row| row.id).collect();
    let mut rows: Vec<WorklistRow> = page
        .rows
        .into_iter()
        .filter_map(|row| match recent.remove(&row.id) {
            Some(newer) if newer.version > row.version => {
                let row = WorklistRow::of(&newer, now);
                filter.admits(&row, now).then_some(row)
            }
            _ => Some(row),
        })
        .collect();
    if filter.search.is_none() {
        let behind = |a, b| filter.sort.compare(a, b).is_gt();
        let on_page = |row: &WorklistRow| {
            let here = place(row);
            let edge = match filter.edge {
                Some(Edge::After(edge)) => behind(here, edge),
                Some(Edge::Before(edge)) => behind(edge, here),
                None => true,
            };
            edge && first.is_none_or(|first| !behind(first, here))
                && last.is_none_or(|last| !behind(here, last))
        };
        let fresh = recent.values().filter(|a| now.duration_since(a.last_at()) <= OVERLAY);
        let missing = fresh.map(|a| WorklistRow::of(a, now));
        rows.extend(missing.filter(|row| !seen.contains(&row.id) && on_page(row) && filter.admits(row, now)));
        rows.sort_by(|a, b| filter.sort.compare(place(a), place(b)));
    }
    rows
}
