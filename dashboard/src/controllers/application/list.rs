//! `/basvurular`: the unit's applications, or one's own (requirements 15 and 22).

use std::collections::HashSet;

use axum::extract::{Query as UrlQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_analytics::read::{Tabs, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::UserName;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::actions::table;
use super::filter::{DEADLINES, Params, SORTS, Tab, ready_made};
use super::load;
use super::officers::{assignees, officers};
use super::worklist;
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::view::{Choice, label_of_chosen, sorted, with_unlisted};
use crate::web::app::{App, AppState};
use crate::web::form::SubmittedForm;
use crate::web::guard::Viewer;
use crate::web::page::{form_page, head, part_of_list, render_document};
use crate::web::problem::Problem;
use crate::web::search::{self, AddressSearch};
use crate::web::unsent::UnsentForm;

/// The path of the list.
pub const PATH: &str = "/basvurular";
/// The number of rows of a page.
const PAGE: u16 = 25;

/// Whether this is an address of the list, with or without a query.
pub fn is_address(address: &str) -> bool {
    address.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('?'))
}

/// The data of `application/list.html`.
#[derive(Serialize)]
struct ListPage {
    rows: Vec<Row>,
    tabs: Vec<TabLink>,
    /// The address of the next page.
    next: Option<String>,
    /// The address of the previous page.
    previous: Option<String>,
    notice: String,
    error: &'static str,
    /// Why the form for the ticked applications was refused.
    bulk_error: &'static str,
    /// The tab of the address, if there is no such tab.
    unknown_tab: String,
    /// Whether the list holds the viewer's own applications.
    mine: bool,
    is_officer: bool,
    mine_count: String,
    views: Vec<ViewLink>,
    /// The text that was searched for.
    search: String,
    /// The slug of the tab.
    tab: &'static str,
    services: Vec<Choice>,
    units: Vec<Choice>,
    officers: Vec<Choice>,
    deadlines: Vec<Choice>,
    sorts: Vec<Choice>,
    /// To whom ticked applications can be assigned; empty if none can be ticked.
    assignees: Vec<Choice>,
    /// Whether this is the first page.
    first: bool,
    /// The address of the first page.
    start: String,
    /// Whether a filter is set.
    narrowed: bool,
    /// The address without filters.
    wide: String,
    /// Whether the address has a query.
    narrow: bool,
    /// The address of this page.
    here: String,
    /// The id of the commands of the ticked applications.
    command: String,
}

#[derive(Serialize)]
struct Row {
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
    /// Whether the viewer may claim it.
    claim: bool,
    /// Whether the viewer may assign it.
    assign: bool,
    /// Whether it was ticked in a form that was refused.
    ticked: bool,
}

#[derive(Serialize)]
struct TabLink {
    href: String,
    label: &'static str,
    count: String,
    current: bool,
}

/// A ready-made view.
#[derive(Serialize)]
struct ViewLink {
    href: String,
    label: &'static str,
    current: bool,
}

/// `GET /basvurular`
pub async fn show(
    State(app): State<AppState>,
    viewer: Viewer,
    UrlQuery(params): UrlQuery<Params>,
) -> Result<Response, Problem> {
    page(&app, &viewer, params, &RefusedBulk::default()).await
}

/// A form for several applications that was refused, to be shown again as it was.
#[derive(Debug, Default)]
pub struct RefusedBulk {
    /// Why: a sentence; empty if there was none.
    pub error: &'static str,
    /// The numbers of the ticked applications.
    pub ticked: Vec<String>,
    /// The chosen Sorumlu.
    pub officer: String,
}

/// The list.
pub async fn page(
    app: &AppState,
    viewer: &Viewer,
    params: Params,
    bulk: &RefusedBulk,
) -> Result<Response, Problem> {
    let user = &viewer.user;
    let now = app.clock.now();
    let is_officer = user.profile.role == Role::Officer;
    let params = if is_officer { params } else { Params { ustumdeki: String::new(), ..params } };
    let scope = load::scope(app, user).ok_or(Problem::Forbidden)?;
    let (params, search, unreadable) = match search::open(&app.sealer, &user.name, &params.ara) {
        AddressSearch::Text(text) => (params, text, false),
        AddressSearch::Unsealed(text) => {
            let ara = search::seal(&app.sealer, &user.name, &text)?;
            return Ok(Redirect::to(&Params { ara, ..params }.address(PATH)).into_response());
        }
        AddressSearch::Unreadable => (Params { ara: String::new(), ..params }, String::new(), true),
    };
    let base = params.filter(app, &scope, &user.name, &search);
    let filter = params.narrow(base.clone());
    let counted = WorklistFilter { edge: None, ..base };
    // What the button to one's own applications leads to, whatever is listed here.
    let own = WorklistFilter {
        units: scope.clone(),
        officer: Some(user.name.clone()),
        ..WorklistFilter::default()
    };
    // Before ClickHouse is asked: what it has by then is not in the list twice.
    let unstored = app.recent.unstored(app.has_until());
    let page = worklist::page(app, &filter, PAGE, &unstored, now);
    let own = async {
        let apart = is_officer && !params.mine() && params.is_narrowed();
        Ok(if apart { Some(worklist::tabs(app, &own, &user.name, &unstored, now).await?) } else { None })
    };
    let counts = worklist::tabs(app, &counted, &user.name, &unstored, now);
    let (page, counts, own) = tokio::try_join!(page, counts, own)?;
    let mine = own.as_ref().unwrap_or(&counts).mine;
    let first = params.first();
    let next = page.next.map(|row| Params { sonra: row.to_string(), ..first.clone() }.address(PATH));
    let previous = page.previous.map(|row| Params { once: row.to_string(), ..first.clone() }.address(PATH));
    let rows: Vec<Row> = page.rows.iter().map(|found| row(app, viewer, found, &bulk.ticked, now)).collect();

    let assignable = rows.iter().any(|row| row.assign);
    let (here, start) = (params.address(PATH), first.address(PATH));
    let views = ready_made(user.profile.role).iter().map(|(label, query)| {
        let href = format!("{PATH}?{query}");
        ViewLink { label: tr(label), current: start == href, href }
    });
    let only_tab =
        Params { durum: params.durum.clone(), ustumdeki: params.ustumdeki.clone(), ..Params::default() };
    let data = ListPage {
        rows,
        tabs: tabs(&first, &counts),
        next,
        previous,
        notice: table::done_to(&params.oldu, &params.adet),
        error: search::unreadable_text(unreadable),
        bulk_error: bulk.error,
        unknown_tab: if params.tab().slug() == params.durum { String::new() } else { params.durum.clone() },
        mine: params.mine(),
        is_officer,
        mine_count: labels::thousands(mine),
        views: views.collect(),
        search,
        tab: params.tab().slug(),
        services: services(app, &scope, &params.hizmet),
        units: units(app, &scope, &params.birim),
        officers: listed_officers(app, &scope, &params.sorumlu),
        deadlines: named(&DEADLINES, &params.sure),
        sorts: named(&SORTS, &params.sirala),
        assignees: if assignable {
            assignees(app, user.profile.unit.as_ref(), &bulk.officer)
        } else {
            Vec::new()
        },
        first: params.sonra.is_empty() && params.once.is_empty(),
        start,
        narrowed: params.is_narrowed(),
        wide: only_tab.address(PATH),
        narrow: here != PATH,
        here,
        command: Uuid::now_v7().to_string(),
    };
    let title = tr(if params.mine() { "Sorumlu Üzerindeki Başvurular" } else { "Başvurular" });
    let head = head(app, viewer, title, conditions(&params, &data));
    let html = render_document(app, viewer, &head, "application/list.html", data)?;
    Ok(form_page(bulk.error, html))
}

/// `POST /basvurular`: the form of the filters. Its search is sealed into the address.
pub async fn search(
    State(app): State<AppState>,
    viewer: Viewer,
    form: SubmittedForm,
) -> Result<Redirect, Problem> {
    let ara = search::seal(&app.sealer, &viewer.user.name, &form.text("ara"))?;
    Ok(Redirect::to(&Params::of_form(&form, ara).address(PATH)))
}

/// A search changes nothing, so it is carried out after all.
pub async fn search_again(
    app: State<AppState>,
    viewer: Viewer,
    UnsentForm { form, .. }: UnsentForm,
) -> Result<Redirect, Problem> {
    search(app, viewer, form).await
}

/// What the list is of, for its printed form.
fn conditions(params: &Params, data: &ListPage) -> Vec<(&'static str, String)> {
    let mut conditions = vec![
        ("Başvuru Durumu", tr(params.label(params.tab())).to_owned()),
        ("Hizmet", label_of_chosen(&data.services)),
        ("Süre", label_of_chosen(&data.deadlines)),
        ("Sıralama", label_of_chosen(&data.sorts)),
    ];
    if !data.mine {
        conditions.insert(1, ("Sorumlu", label_of_chosen(&data.officers)));
    }
    if !data.units.is_empty() {
        conditions.insert(1, ("Birim", label_of_chosen(&data.units)));
    }
    if !data.search.is_empty() {
        conditions.push(("Arama", search::masked(&data.search)));
    }
    let mut conditions: Vec<_> = conditions.into_iter().map(|(label, value)| (tr(label), value)).collect();
    if data.next.is_some() || data.previous.is_some() {
        conditions.push(part_of_list(data.rows.len()));
    }
    conditions
}

fn tabs(params: &Params, counts: &Tabs) -> Vec<TabLink> {
    Tab::ALL
        .into_iter()
        .map(|tab| TabLink {
            href: Params { durum: tab.slug().into(), ..params.clone() }.address(PATH),
            label: tr(params.label(tab)),
            count: labels::thousands(params.count(tab, counts)),
            current: tab == params.tab(),
        })
        .collect()
}

/// The services of the units.
fn services(app: &App, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    let owned: HashSet<_> =
        app.catalog.routes().filter(|(.., unit)| scope.contains(unit)).map(|(slug, ..)| slug).collect();
    let choices = sorted(owned.into_iter().map(|slug| Choice::new(slug, app.service_name(slug), chosen)));
    let slug = chosen.parse().ok();
    with_unlisted(choices, chosen, slug.is_some(), || {
        slug.map_or_else(|| chosen.to_owned(), |slug| app.service_name(&slug))
    })
}

/// The units, if there are several.
fn units(app: &App, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    let choices = sorted(scope.iter().map(|unit| Choice::new(unit, app.unit_name(unit), chosen)));
    let choices = with_unlisted(choices, chosen, false, || chosen.to_owned());
    if choices.len() < 2 { Vec::new() } else { choices }
}

/// The Sorumlu users of the units. One who is pasif or has left the unit still has closed applications
/// there; a pasif one is a choice only where the address names them.
fn listed_officers(app: &App, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    let name: Option<UserName> = chosen.parse().ok();
    let user = name.as_ref().and_then(|name| app.users.get(name));
    let known = user.filter(|user| user.profile.unit.as_ref().is_some_and(|unit| scope.contains(unit)));
    let mut choices = officers(app, scope, chosen);
    if let Some(user) = known.as_ref().filter(|user| !user.active && user.profile.role == Role::Officer) {
        let label = say!("{name} (pasif)", name = user.profile.full_name);
        choices.insert(0, Choice::new(&user.name, label, chosen));
    }
    with_unlisted(choices, chosen, name.is_some(), || {
        known.map_or_else(|| chosen.to_owned(), |user| user.profile.full_name.clone())
    })
}

fn named(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let choices = all.iter().map(|(value, label)| Choice::new(value, tr(label), chosen)).collect();
    with_unlisted(choices, chosen, false, || chosen.to_owned())
}

fn row(app: &App, viewer: &Viewer, row: &WorklistRow, ticked: &[String], now: Timestamp) -> Row {
    let open = row.status != StatusName::Closed;
    let (deadline, urgency) = if open { labels::deadline(row.deadline, now) } else { (String::new(), "") };
    // A lapsed Ön Başvuru is about to be closed by the system.
    let unassigned = row.status == StatusName::Unassigned && !(row.pre_application && row.deadline <= now);
    let profile = &viewer.user.profile;
    let own = profile.unit.as_ref() == Some(&row.unit);
    Row {
        ticked: ticked.iter().any(|no| no == row.no.as_str()),
        no: row.no.to_string(),
        version: row.version,
        name: row.masked_name.clone(),
        tckn: row.masked_tckn.clone(),
        service: app.service_name(&row.service),
        unit: app.unit_name(&row.unit),
        phase: labels::phase(row.pre_application),
        status: labels::status_of(row),
        holder: row.officer.as_ref().map(|name| app.users.full_name(name)).unwrap_or_default(),
        received: labels::date(row.received_at),
        deadline,
        last_day: labels::last_day(row.deadline),
        urgency,
        claim: unassigned && own && profile.role == Role::Officer,
        assign: unassigned
            && own
            && app.users.read(|users| users.authority(&viewer.user.name, &row.unit, now).is_some()),
    }
}
