//! The form of a user: what it shows, what it asks for.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::catalog::{Unit, Valilik};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::turkish;
use ebasvuru_workflow::domain::user::{User, UserCommand, UserCommandBody, UserProfile, may_manage};
use ebasvuru_workflow::message::Decision;
use minijinja::context;
use serde::Serialize;
use uuid::Uuid;

use super::scope;
use crate::app::{App, AppState};
use crate::choice::{Choice, sorted};
use crate::controllers::session::confirm;
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::page::{Shell, value};
use crate::problem::Problem;

/// What stands in the form.
#[derive(Debug, Default, Serialize)]
pub struct Filled {
    name: String,
    full_name: String,
    role: String,
    unit: String,
}

impl Filled {
    /// What was typed.
    pub fn typed(form: &Submitted) -> Self {
        Self {
            name: form.text("kullanici"),
            full_name: form.text("ad"),
            role: form.text("rol"),
            unit: form.text("birim"),
        }
    }

    /// What the directory has.
    pub fn of(user: &User) -> Self {
        Self {
            name: user.name.to_string(),
            full_name: user.profile.full_name.clone(),
            role: role_value(user.profile.role).into(),
            unit: user.profile.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// The profile that was typed; a Yetkili's choice of unit is always their own.
    pub fn profile(&self, viewer: &User) -> Result<UserProfile, &'static str> {
        if self.full_name.is_empty() {
            return Err(tr("Ad ve soyad boş bırakılamaz."));
        }
        let role = role_of(&self.role).ok_or_else(|| tr("Bir rol seçiniz."))?;
        let unit = match (role, viewer.profile.role) {
            (Role::Administrator, _) => None,
            (_, Role::Administrator) => {
                Some(self.unit.parse().map_err(|_| tr("Bu rol için bir birim seçiniz."))?)
            }
            _ => viewer.profile.unit.clone(),
        };
        Ok(UserProfile { full_name: self.full_name.clone(), role, unit })
    }
}

/// The units of one governorate.
#[derive(Serialize)]
struct Group {
    label: String,
    units: Vec<Choice>,
}

/// The role of this name in addresses and forms.
pub fn role_of(value: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role_value(*role) == value)
}

/// The name of a role in addresses and forms.
pub const fn role_value(role: Role) -> &'static str {
    match role {
        Role::Administrator => "yonetici",
        Role::Supervisor => "yetkili",
        Role::Officer => "sorumlu",
        Role::Coordinator => "il-koordinasyon",
    }
}

/// Every unit, by governorate, each in the Turkish order.
fn groups(app: &AppState, chosen: &str) -> Vec<Group> {
    let choice = |unit: &Unit| Choice::new(&unit.id, &unit.title, chosen);
    let group = |(valilik, name): (Valilik, &str)| Group {
        label: name.into(),
        units: sorted(app.catalog.units_of(valilik).map(choice)),
    };
    let mut groups: Vec<_> = app.catalog.valilikler().map(group).collect();
    groups.sort_by(|a, b| turkish::compare(&a.label, &b.label));
    groups
}

/// The roles to choose from.
pub fn role_choices(roles: &[Role], chosen: &str) -> Vec<Choice> {
    let choice = |role: &Role| Choice::new(role_value(*role), tr(role.label_tr()), chosen);
    roles.iter().map(choice).collect()
}

/// Shows the form; `user` is whom it changes, nobody for a new one.
pub fn page(
    app: &AppState,
    viewer: &Viewer,
    user: Option<&User>,
    filled: &Filled,
    notice: &str,
    error: &str,
) -> Result<Response, Problem> {
    let me = &viewer.user;
    let mut roles = scope::defines(me.profile.role).to_vec();
    if let Some(user) = user
        && !roles.contains(&user.profile.role)
    {
        roles.push(user.profile.role);
    }
    let roles = role_choices(&roles, &filled.role);
    let manages = user.is_none_or(|user| may_manage(me, &user.profile));
    let everywhere = me.profile.role == Role::Administrator;
    let units = if everywhere { groups(app, &filled.unit) } else { Vec::new() };
    let title = tr(user.map_or("Kullanıcı Ekle", |_| "Kullanıcı Bilgileri"));
    let html = Shell::new(app, viewer, title).page(
        "user/form.html",
        context! {
            filled => value(filled), roles => value(roles), units => value(units), notice, error,
            new => user.is_none(),
            manages,
            role => user.map(|user| tr(user.profile.role.label_tr())),
            unit => user.and_then(|user| user.profile.unit.as_ref()).map(|unit| app.unit_name(unit)),
            own_unit => me.profile.unit.as_ref().map(|unit| app.unit_name(unit)),
            must_change => user.is_some_and(|user| user.must_change_password),
            active => user.is_some_and(|user| user.active),
            version => user.map(|user| user.version),
            oneself => user.is_some_and(|user| user.name == me.name),
            command => Uuid::now_v7().to_string(),
            command_reset => Uuid::now_v7().to_string(),
        },
    )?;
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html).into_response())
}

/// The command that a form stands for, the same however often it is sent.
pub fn command_id(form: &Submitted) -> CommandId {
    form.text("komut").parse().unwrap_or_else(|_| CommandId(Uuid::now_v7()))
}

/// Whether the viewer's own password came with a form that gives or takes a way in: an unattended
/// screen must not. `Err` is what to say.
pub async fn confirm_own(app: &App, viewer: &Viewer, form: &Submitted) -> Result<(), String> {
    confirm(app, viewer, form.raw("sifreniz"), tr("Kendi şifreniz hatalı; işlem yapılmadı.")).await
}

/// Gives a command on a user; `Err` is the sentence of a refusal.
pub async fn ask(
    app: &AppState,
    viewer: &Viewer,
    form: &Submitted,
    id: CommandId,
    user: UserName,
    body: UserCommandBody,
) -> Result<Result<(), String>, Problem> {
    let command = UserCommand {
        id,
        actor: Actor::Staff(viewer.user.name.clone()),
        expected_version: form.text("surum").parse().ok(),
        at: app.clock.now(),
        user,
        body,
    };
    let reply = app.gateway.ask_user(&command).await?;
    Ok(match reply.decision {
        Decision::Accepted { .. } => Ok(()),
        Decision::Refused { text_tr, .. } => Err(tr(&text_tr).to_owned()),
    })
}
