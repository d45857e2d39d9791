//! `/kullanicilar`: the users that the viewer sees, by name, searched and filtered (requirements 10,
//! 12, 31).

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::catalog::{UnitId, Valilik};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::{User, may_manage};
use serde::{Deserialize, Serialize};

use super::{role_slug, visibility};
use crate::view::address::with_query;
use crate::view::i18n::tr;
use crate::view::{Choice, label_of_chosen, sorted, with_unlisted};
use crate::web::app::{App, AppState};
use crate::web::form::SubmittedForm;
use crate::web::guard::Viewer;
use crate::web::page::{head, part_of_list, render_document};
use crate::web::problem::Problem;
use crate::web::search::{self, AddressSearch};
use crate::web::unsent::UnsentForm;

/// The path of the list.
pub const PATH: &str = "/kullanicilar";
/// The number of rows of a page.
const PAGE: usize = 50;

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The search, as [`crate::web::search`] writes it into an address.
    ara: String,
    rol: String,
    valilik: String,
    birim: String,
    durum: String,
    /// The user after whom the page begins.
    sonra: String,
}

impl Params {
    /// The address of the page after the user `after`; of the first page if that is empty.
    fn address(&self, after: &str) -> String {
        let parameters = [
            ("ara", self.ara.as_str()),
            ("rol", &self.rol),
            ("valilik", &self.valilik),
            ("birim", &self.birim),
            ("durum", &self.durum),
            ("sonra", after),
        ];
        with_query(PATH, parameters)
    }
}

/// The data of `user/list.html`.
#[derive(Serialize)]
struct ListPage {
    rows: Vec<Row>,
    /// The address of the next page.
    next: Option<String>,
    /// The number of users on all pages.
    total: usize,
    /// Whether this is the first page.
    first: bool,
    /// Whether a filter is set.
    filtered: bool,
    /// The text that was searched for.
    search: String,
    error: &'static str,
    roles: Vec<Choice>,
    states: Vec<Choice>,
    valilikler: Vec<Choice>,
    units: Vec<Choice>,
    /// The address of the first page.
    first_page: String,
    /// Whether the viewer may define users.
    may_add: bool,
    /// Whether the viewer may share their authority.
    may_delegate: bool,
}

#[derive(Serialize)]
struct Row {
    name: String,
    full_name: String,
    role: &'static str,
    unit: String,
    active: bool,
    manages: bool,
    oneself: bool,
}

/// The filters of a query; unknown values filter nothing.
struct Filter {
    role: Option<Role>,
    valilik: Option<Valilik>,
    unit: Option<UnitId>,
    active: Option<bool>,
}

impl Filter {
    fn of(app: &App, params: &Params) -> Self {
        let valilik = params.valilik.parse().ok().and_then(Valilik::from_plate);
        let unit = params.birim.parse().ok().filter(|unit| {
            // The unit may belong to the valilik that was chosen before.
            app.catalog.unit(unit).is_some_and(|unit| valilik.is_none_or(|valilik| unit.valilik == valilik))
        });
        let active = match params.durum.as_str() {
            "aktif" => Some(true),
            "pasif" => Some(false),
            _ => None,
        };
        Self { role: role_slug::parse(&params.rol), valilik, unit, active }
    }

    fn matches(&self, app: &App, user: &User) -> bool {
        let unit = user.profile.unit.as_ref();
        self.role.is_none_or(|role| user.profile.role == role)
            && self.active.is_none_or(|active| user.active == active)
            && self.unit.as_ref().is_none_or(|wanted| unit == Some(wanted))
            && self.valilik.is_none_or(|wanted| {
                unit.and_then(|unit| app.catalog.unit(unit)).is_some_and(|unit| unit.valilik == wanted)
            })
    }
}

/// `GET /kullanicilar`
pub async fn show(
    State(app): State<AppState>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let me = &viewer.user;
    let (params, search, unreadable) = match search::open(&app.sealer, &me.name, &params.ara) {
        AddressSearch::Text(text) => (params, text, false),
        AddressSearch::Unsealed(text) => {
            let ara = search::seal(&app.sealer, &me.name, &text)?;
            return Ok(Redirect::to(&Params { ara, ..params }.address("")).into_response());
        }
        AddressSearch::Unreadable => (Params { ara: String::new(), ..params }, String::new(), true),
    };
    let filter = Filter::of(&app, &params);
    let after: Option<UserName> = params.sonra.parse().ok();
    let page = app.users.by_name(|users| {
        let listed = |user: &User| visibility::sees(me, user) && filter.matches(&app, user);
        users.page(&search, after.as_ref(), PAGE, listed)
    });
    let row = |user: &User| Row {
        name: user.name.to_string(),
        full_name: user.profile.full_name.clone(),
        role: tr(user.profile.role.label_tr()),
        unit: user.profile.unit.as_ref().map(|unit| app.unit_name(unit)).unwrap_or_default(),
        active: user.active,
        manages: may_manage(me, &user.profile),
        oneself: user.name == me.name,
    };

    let is_administrator = me.profile.role == Role::Administrator;
    let roles = role_slug::choices(visibility::visible_roles(me.profile.role), &params.rol);
    let states = [("aktif", "Aktif"), ("pasif", "Pasif")];
    let states = states.map(|(value, label)| Choice::new(value, tr(label), &params.durum)).into();
    let valilikler: Vec<Choice> = if is_administrator {
        let all = app.catalog.valilikler();
        let all = sorted(all.map(|(valilik, name)| Choice::new(valilik.plate(), name, &params.valilik)));
        with_unlisted(all, &params.valilik, false, || params.valilik.clone())
    } else {
        Vec::new()
    };
    // Only the units of one valilik: a list of all six hundred would be of no use.
    let chosen = filter.valilik.filter(|_| is_administrator);
    let units = chosen.map_or_else(Vec::new, |valilik| {
        let units = app.catalog.units_of(valilik);
        sorted(units.map(|unit| Choice::new(&unit.id, &unit.title, &params.birim)))
    });
    let units = with_unlisted(units, &params.birim, filter.unit.is_some(), || {
        let unit = params.birim.parse().ok();
        unit.map_or_else(|| params.birim.clone(), |unit| app.unit_name(&unit))
    });
    let filters = [&params.ara, &params.rol, &params.valilik, &params.birim, &params.durum];
    let data = ListPage {
        rows: page.users.iter().map(|user| row(user)).collect(),
        next: page.users.last().filter(|_| page.more).map(|last| params.address(last.name.as_str())),
        total: page.total,
        first: params.sonra.is_empty(),
        filtered: filters.iter().any(|filter| !filter.is_empty()),
        search,
        error: search::unreadable_text(unreadable),
        roles: with_unlisted(roles, &params.rol, filter.role.is_some(), || {
            filter.role.map_or_else(|| params.rol.clone(), |role| tr(role.label_tr()).to_owned())
        }),
        states: with_unlisted(states, &params.durum, false, || params.durum.clone()),
        valilikler,
        units,
        first_page: params.address(""),
        may_add: !visibility::definable_roles(me.profile.role).is_empty(),
        may_delegate: me.profile.role == Role::Supervisor,
    };
    let head = head(&app, &viewer, tr("Kullanıcılar"), conditions(&data));
    Ok(render_document(&app, &viewer, &head, "user/list.html", data)?.into_response())
}

/// What the list is of, for its printed form.
fn conditions(data: &ListPage) -> Vec<(&'static str, String)> {
    let mut conditions = vec![(tr("Rol"), label_of_chosen(&data.roles))];
    for (label, choices) in [(tr("Valilik"), &data.valilikler), (tr("Birim"), &data.units)] {
        if !choices.is_empty() {
            conditions.push((label, label_of_chosen(choices)));
        }
    }
    conditions.push((tr("Durum"), label_of_chosen(&data.states)));
    if !data.search.is_empty() {
        conditions.push((tr("Arama"), search::masked(&data.search)));
    }
    if data.next.is_some() || !data.first {
        conditions.push(part_of_list(data.rows.len()));
    }
    conditions
}

/// `POST /kullanicilar`: the form of the filters. Its search is sealed into the address.
pub async fn search(
    State(app): State<AppState>,
    viewer: Viewer,
    form: SubmittedForm,
) -> Result<Redirect, Problem> {
    let params = Params {
        ara: search::seal(&app.sealer, &viewer.user.name, &form.text("ara"))?,
        rol: form.text("rol"),
        valilik: form.text("valilik"),
        birim: form.text("birim"),
        durum: form.text("durum"),
        sonra: String::new(),
    };
    Ok(Redirect::to(&params.address("")))
}

/// A search changes nothing, so it is carried out after all.
pub async fn search_again(
    app: State<AppState>,
    viewer: Viewer,
    UnsentForm { form, .. }: UnsentForm,
) -> Result<Redirect, Problem> {
    search(app, viewer, form).await
}
