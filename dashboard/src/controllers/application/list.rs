//! `/basvurular`: the unit's applications, or one's own (requirements 15 and 22).

use std::collections::HashSet;

use axum::extract::{Query as UrlQuery, State};
use axum::response::{Html, IntoResponse, Response};
use ebasvuru_analytics::read::{Page, Tabs, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::StageName;
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::turkish;
use jiff::{SignedDuration, Timestamp};
use minijinja::context;
use serde::Serialize;
use uuid::Uuid;

use super::filter::{DEADLINES, Params, SORTS, Tab};
use super::{action, load};
use crate::app::{App, AppState};
use crate::guard::Viewer;
use crate::labels;
use crate::page::{Shell, value};
use crate::problem::Problem;

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
    stage: &'static str,
    holder: String,
    received: String,
    deadline: String,
    urgency: &'static str,
    claim: bool,
    assign: bool,
}

#[derive(Serialize)]
struct TabView {
    href: String,
    label: &'static str,
    count: u64,
    current: bool,
}

/// One thing to choose in a filter.
#[derive(Serialize)]
pub struct Choice {
    value: String,
    label: String,
    chosen: bool,
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
    let base = params.filter(&app, &scope, &user.name);
    let filter = params.tab().narrow(base.clone());
    let counted = WorklistFilter { after: None, ..base };
    let (page, counts) =
        tokio::try_join!(app.read.worklist(&filter, PAGE, now), app.read.tabs(&counted, &user.name, now),)?;
    let next =
        page.next.map(|next| Params { sonra: next.to_string(), ..params.clone() }.address("/basvurular"));
    let rows = with_recent(&app, &filter, page, now);

    let done = action::done_to(&params.oldu, &params.adet);
    let views: Vec<RowView> = rows.iter().map(|row| view(&app, &viewer, row, now)).collect();
    let assignable = views.iter().any(|row| row.assign);
    let title = if params.mine() { "Sorumlu Üzerindeki Başvurular" } else { "Başvurular" };
    let first = Params { sonra: String::new(), ..params.clone() };
    let html: Html<String> = Shell::new(&app, &viewer, title).page(
        "application/list.html",
        context! {
            rows => value(views), tabs => value(tabs(&first, &counts)), next, notice => done,
            mine => params.mine(), is_officer => officer, mine_count => counts.mine,
            search => params.ara.as_str(), tab => params.tab().slug(),
            services => value(services(&app, &scope, &params.hizmet)),
            units => value(units(&app, &scope, &params.birim)),
            officers => value(officers(&app, &scope, &params.sorumlu)),
            deadlines => value(named(&DEADLINES, &params.sure)),
            sorts => value(named(&SORTS, &params.sirala)),
            assignees => value(if assignable { assignees(&app, user.profile.unit.as_ref(), "") } else { Vec::new() }),
            first => params.sonra.is_empty(), start => first.address("/basvurular"),
            narrowed => [&first.hizmet, &first.birim, &first.sorumlu, &first.sure, &first.ara].iter().any(|p| !p.is_empty()),
            here => params.address("/basvurular"), command => Uuid::now_v7().to_string(),
        },
    )?;
    Ok(html.into_response())
}

fn tabs(params: &Params, counts: &Tabs) -> Vec<TabView> {
    Tab::ALL
        .into_iter()
        .map(|tab| TabView {
            href: Params { durum: tab.slug().into(), ..params.clone() }.address("/basvurular"),
            label: tab.label(),
            count: tab.count(counts),
            current: tab == params.tab(),
        })
        .collect()
}

fn sorted(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by(|a, b| turkish::compare(&a.label, &b.label));
    choices
}

/// The services that any of the units owns.
fn services(app: &AppState, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    let owned: HashSet<_> =
        app.catalog.routes().filter(|(.., unit)| scope.contains(unit)).map(|(slug, ..)| slug).collect();
    let choice = |slug: &_| {
        let value = std::string::ToString::to_string(slug);
        Choice { label: app.service_name(slug), chosen: value == chosen, value }
    };
    sorted(owned.into_iter().map(choice).collect())
}

/// The units to choose from, where there are several.
fn units(app: &AppState, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    let choice = |unit: &UnitId| Choice {
        value: unit.to_string(),
        label: app.unit_name(unit),
        chosen: unit.as_str() == chosen,
    };
    if scope.len() < 2 { Vec::new() } else { sorted(scope.iter().map(choice).collect()) }
}

fn officers(app: &AppState, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    app.gateway.directory(|users| {
        let officers = scope.iter().flat_map(|unit| users.officers_of(unit));
        let choices = officers.map(|officer| Choice {
            value: officer.name.to_string(),
            label: officer.profile.full_name.clone(),
            chosen: officer.name.as_str() == chosen,
        });
        sorted(choices.collect())
    })
}

/// To whom "Teslim Et" can give what is ticked.
pub fn assignees(app: &AppState, unit: Option<&UnitId>, chosen: &str) -> Vec<Choice> {
    unit.map(|unit| officers(app, std::slice::from_ref(unit), chosen)).unwrap_or_default()
}

fn named(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let choice = |(value, label): &(&str, &str)| Choice {
        value: (*value).into(),
        label: (*label).into(),
        chosen: *value == chosen,
    };
    all.iter().map(choice).collect()
}

fn view(app: &AppState, viewer: &Viewer, row: &WorklistRow, now: Timestamp) -> RowView {
    let open = row.stage != StageName::Closed;
    let (deadline, urgency) = if open { labels::deadline(row.deadline, now) } else { (String::new(), "") };
    let free = row.stage == StageName::Unassigned;
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
        stage: labels::stage(row.stage, row.outcome),
        holder: row
            .officer
            .as_ref()
            .filter(|_| open)
            .map(|name| app.gateway.full_name(name))
            .unwrap_or_default(),
        received: labels::date(row.received_at),
        deadline,
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
    let last = page.rows.last().map(place);
    let more = page.next.is_some();
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
            filter.after.is_none_or(|after| behind(here, after))
                && (!more || last.is_none_or(|last| !behind(here, last)))
        };
        let fresh = recent.values().filter(|a| now.duration_since(a.last_at()) <= OVERLAY);
        let missing = fresh.map(|a| WorklistRow::of(a, now));
        rows.extend(missing.filter(|row| !seen.contains(&row.id) && on_page(row) && filter.admits(row, now)));
        rows.sort_by(|a, b| filter.sort.compare(place(a), place(b)));
    }
    rows
}
