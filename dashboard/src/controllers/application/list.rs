//! `/basvurular`: the unit's applications (requirements 15, 22, 31).

use std::collections::HashSet;

use axum::extract::{Query as UrlQuery, State};
use axum::response::{Html, IntoResponse, Response};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::StageName;
use jiff::{SignedDuration, Timestamp};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{action, load};
use crate::app::{App, AppState};
use crate::guard::Viewer;
use crate::labels;
use crate::page::{Shell, percent, value};
use crate::problem::Problem;
use crate::read::{Cursor, Find, Query, Row, Tab};

/// Rows of a page.
const PAGE: usize = 25;
/// For how long a reply's state is laid over the list: ClickHouse has it long before.
const OVERLAY: SignedDuration = SignedDuration::from_secs(60);

/// The address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    durum: String,
    ustumdeki: String,
    ara: String,
    sonra: String,
    oldu: String,
}

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
    let mine = params.ustumdeki == "1" && user.profile.role == Role::Officer;
    let tab = labels::TABS.into_iter().find(|t| labels::tab(*t).0 == params.durum).unwrap_or(Tab::All);
    let query = Query {
        scope: load::scope(&app, user).ok_or(Problem::Forbidden)?,
        tab,
        holder: mine.then(|| user.name.clone()),
        find: find(&app, &params.ara),
        after: cursor(&params.sonra),
        now,
        limit: PAGE,
    };
    let (stored, more) = app.read.worklist(&query).await?;
    let rows = with_recent(&app, &query, stored, more);

    let next = more.then(|| rows.last().map(cursor_text)).flatten();
    let next = next.map(|sonra| address(tab, mine, &params.ara, &sonra));
    let tabs: Vec<TabView> = labels::TABS
        .into_iter()
        .map(|t| TabView {
            href: address(t, mine, &params.ara, ""),
            label: labels::tab(t).1,
            current: t == tab,
        })
        .collect();
    let notice = action::done(&params.oldu);
    let views: Vec<RowView> = rows.iter().map(|row| view(&app, &viewer, row, now)).collect();
    let title = if mine { "Sorumlu Üzerindeki Başvurular" } else { "Başvurular" };
    let html: Html<String> = Shell::new(&app, &viewer, title).page(
        "application/list.html",
        context! {
            rows => value(views), tabs => value(tabs), next, notice, mine,
            is_officer => user.profile.role == Role::Officer,
            search => params.ara, tab => labels::tab(tab).0,
            first => params.sonra.is_empty(),
        },
    )?;
    Ok(html.into_response())
}

fn view(app: &AppState, viewer: &Viewer, row: &Row, now: Timestamp) -> RowView {
    let open = row.stage != StageName::Closed;
    let (deadline, urgency) = if open { labels::deadline(row.strikes_at, now) } else { (String::new(), "") };
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
        holder: row.holder.as_ref().map(|name| app.gateway.full_name(name)).unwrap_or_default(),
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
fn with_recent(app: &AppState, query: &Query, stored: Vec<Row>, more: bool) -> Vec<Row> {
    let mut recent = app.gateway.all_recent();
    let last = stored.last().map(|row| (row.received_at, row.id));
    let seen: HashSet<_> = stored.iter().map(|row| row.id).collect();
    let mut rows: Vec<Row> = stored
        .into_iter()
        .filter_map(|row| match recent.remove(&row.id) {
            Some(newer) if newer.version > row.version => {
                let row = Row::from(newer.as_ref());
                belongs(app, query, &row).then_some(row)
            }
            _ => Some(row),
        })
        .collect();
    if query.find.is_none() {
        let on_page = |row: &Row| {
            let key = (row.received_at, row.id);
            query.after.is_none_or(|after| key < (after.received_at, after.id))
                && (!more || last.is_none_or(|last| key >= last))
        };
        let fresh = recent.values().filter(|a| query.now.duration_since(a.last_at()) <= OVERLAY);
        let missing = fresh.map(|a| Row::from(a.as_ref()));
        rows.extend(missing.filter(|r| !seen.contains(&r.id) && on_page(r) && belongs(app, query, r)));
        rows.sort_by_key(|row| std::cmp::Reverse((row.received_at, row.id)));
    }
    rows
}

fn belongs(app: &AppState, query: &Query, row: &Row) -> bool {
    let open = row.stage != StageName::Closed;
    let tab = match query.tab {
        Tab::All => true,
        Tab::Unassigned => row.stage == StageName::Unassigned,
        Tab::Assigned => row.stage == StageName::Assigned,
        Tab::AwaitingApproval => row.stage == StageName::AwaitingApproval,
        Tab::PreApplication => open && row.pre_application,
        Tab::Overdue => open && row.strikes_at <= query.now,
        Tab::Closed => !open,
    };
    tab && load::covers(app, &query.scope, &row.unit)
        && query.holder.as_ref().is_none_or(|holder| row.holder.as_ref() == Some(holder))
}

/// What was typed: an application number, a T.C. Kimlik No, or a name.
fn find(app: &AppState, typed: &str) -> Option<Find> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    if let Ok(no) = typed.parse() {
        return Some(Find::No(no));
    }
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 11 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Find::Person(app.sealer.tckn_index(&digits)));
    }
    Some(Find::Name(app.sealer.name_index(typed)))
}

fn address(tab: Tab, mine: bool, search: &str, after: &str) -> String {
    let mut parts = Vec::new();
    if tab != Tab::All {
        parts.push(format!("durum={}", labels::tab(tab).0));
    }
    if mine {
        parts.push("ustumdeki=1".into());
    }
    if !search.is_empty() {
        parts.push(format!("ara={}", percent(search)));
    }
    if !after.is_empty() {
        parts.push(format!("sonra={after}"));
    }
    if parts.is_empty() { "/basvurular".into() } else { format!("/basvurular?{}", parts.join("&")) }
}

fn cursor_text(row: &Row) -> String {
    format!("{}.{}", row.received_at.as_millisecond(), row.id)
}

fn cursor(text: &str) -> Option<Cursor> {
    let (at, id) = text.split_once('.')?;
    let received_at = Timestamp::from_millisecond(at.parse().ok()?).ok()?;
    Some(Cursor { received_at, id: id.parse().ok()? })
}
