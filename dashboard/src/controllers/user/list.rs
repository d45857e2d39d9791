//! `/kullanicilar`: whom the viewer sees, by name, searched and filtered (requirements 10,
//! 12, 31).

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::catalog::{UnitId, Valilik};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::{User, may_manage};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::form::{role_choices, role_of};
use super::scope;
use crate::app::{App, AppState};
use crate::choice::{Choice, sorted};
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::page::{Shell, percent, value};
use crate::problem::Problem;
use crate::search::{self, Searched};

/// Rows to a page.
const PAGE: usize = 50;

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// As `crate::search` puts it into an address.
    ara: String,
    rol: String,
    valilik: String,
    birim: String,
    durum: String,
    sonra: String,
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

/// What the parameters mean; what they cannot mean filters nothing.
struct Filter {
    role: Option<Role>,
    valilik: Option<Valilik>,
    unit: Option<UnitId>,
    active: Option<bool>,
}

impl Filter {
    fn of(app: &AppState, params: &Params) -> Self {
        let valilik = params.valilik.parse().ok().and_then(Valilik::from_plate);
        let unit = params.birim.parse().ok().filter(|unit| {
            // A unit left over from the valilik chosen before.
            app.catalog.unit(unit).is_some_and(|unit| valilik.is_none_or(|valilik| unit.valilik == valilik))
        });
        let active = match params.durum.as_str() {
            "aktif" => Some(true),
            "pasif" => Some(false),
            _ => None,
        };
        Self { role: role_of(&params.rol), valilik, unit, active }
    }

    fn passes(&self, app: &AppState, user: &User) -> bool {
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
    State(app): State<App>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let me = &viewer.user;
    let (params, typed, shut) = match search::of_address(&app.sealer, &me.name, &params.ara) {
        Searched::Text(text) => (params, text, false),
        Searched::Clear(text) => {
            let ara = search::to_address(&app.sealer, &me.name, &text)?;
            return Ok(Redirect::to(&address(&Params { ara, ..params }, "")).into_response());
        }
        Searched::Shut => (Params { ara: String::new(), ..params }, String::new(), true),
    };
    let filter = Filter::of(&app, &params);
    let after: Option<UserName> = params.sonra.parse().ok();
    let page = app.gateway.people(|people| {
        people.page(&typed, after.as_ref(), PAGE, |user| scope::sees(me, user) && filter.passes(&app, user))
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
    let rows: Vec<Row> = page.users.iter().map(|user| row(user)).collect();
    let next = page.users.last().filter(|_| page.more).map(|last| address(&params, last.name.as_str()));

    let everybody = me.profile.role == Role::Administrator;
    let roles = role_choices(scope::roles_seen(me.profile.role), &params.rol);
    let states = [("aktif", tr("Aktif")), ("pasif", tr("Pasif"))];
    let states = states.map(|(value, label)| Choice::new(value, label, &params.durum));
    let valilikler: Vec<Choice> = if everybody {
        let all = app.catalog.valilikler();
        sorted(all.map(|(valilik, name)| Choice::new(valilik.plate(), name, &params.valilik)))
    } else {
        Vec::new()
    };
    // The units of one valilik: six hundred in one list help nobody.
    let units: Vec<Choice> = filter.valilik.filter(|_| everybody).map_or_else(Vec::new, |valilik| {
        let units = app.catalog.units_of(valilik);
        sorted(units.map(|unit| Choice::new(&unit.id, &unit.title, &params.birim)))
    });
    let filtered = [&params.ara, &params.rol, &params.valilik, &params.birim, &params.durum];
    let html = Shell::new(&app, &viewer, tr("Kullanıcılar")).page(
        "user/list.html",
        context! {
            rows => value(rows), next, total => page.total, first => params.sonra.is_empty(),
            filtered => filtered.iter().any(|text| !text.is_empty()),
            search => typed, error => search::shut(shut), roles => value(roles), states => value(states), valilikler => value(valilikler),
            units => value(units),
            first_page => address(&params, ""),
            may_add => !scope::defines(me.profile.role).is_empty(),
            may_delegate => me.profile.role == Role::Supervisor,
        },
    )?;
    Ok(html.into_response())
}

/// `POST /kullanicilar`: the form of the filters, as [`crate::search`] wants it.
pub async fn search(State(app): State<App>, viewer: Viewer, form: Submitted) -> Result<Redirect, Problem> {
    let params = Params {
        ara: search::to_address(&app.sealer, &viewer.user.name, &form.text("ara"))?,
        rol: form.text("rol"),
        valilik: form.text("valilik"),
        birim: form.text("birim"),
        durum: form.text("durum"),
        sonra: String::new(),
    };
    Ok(Redirect::to(&address(&params, "")))
}

fn address(params: &Params, after: &str) -> String {
    let all = [
        ("ara", params.ara.as_str()),
        ("rol", &params.rol),
        ("valilik", &params.valilik),
        ("birim", &params.birim),
        ("durum", &params.durum),
        ("sonra", after),
    ];
    let parts: Vec<_> = all
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name}={}", percent(text)))
        .collect();
    if parts.is_empty() { "/kullanicilar".into() } else { format!("/kullanicilar?{}", parts.join("&")) }
}
