//! The form of a user.

use axum::response::Response;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::catalog::{Unit, Valilik};
use ebasvuru_workflow::domain::text;
use ebasvuru_workflow::domain::turkish;
use ebasvuru_workflow::domain::user::{User, UserProfile, may_manage};
use serde::Serialize;
use uuid::Uuid;

use super::{role_slug, visibility};
use crate::view::i18n::tr;
use crate::view::{Choice, labels, sorted};
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::page::{form_page, render};
use crate::web::problem::Problem;

/// The fields of the form.
#[derive(Debug, Default, Serialize)]
pub struct UserFields {
    name: String,
    full_name: String,
    role: String,
    unit: String,
}

impl UserFields {
    /// As they were typed.
    pub fn typed(form: &SubmittedForm) -> Self {
        Self {
            name: form.text("kullanici"),
            full_name: text::line(&form.text("ad")),
            role: form.text("rol"),
            unit: form.text("birim"),
        }
    }

    /// As the directory has them.
    pub fn of(user: &User) -> Self {
        Self {
            name: user.name.to_string(),
            full_name: user.profile.full_name.clone(),
            role: role_slug::slug(user.profile.role).into(),
            unit: user.profile.unit.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// The profile; users defined by a Yetkili belong to the Yetkili's unit.
    ///
    /// # Errors
    /// The sentence that says what is missing.
    pub fn profile(&self, viewer: &User) -> Result<UserProfile, FormError> {
        if self.full_name.is_empty() {
            return Err(FormError::refused("Ad ve soyad boş bırakılamaz."));
        }
        let too_long = labels::too_long(tr("Ad Soyad"), &self.full_name, budget::FULL_NAME_CHARS);
        too_long.map_or(Ok(()), |sentence| Err(FormError::Refused(sentence)))?;
        let role = role_slug::parse(&self.role).ok_or_else(|| FormError::refused("Bir rol seçiniz."))?;
        let unit = match (role, viewer.profile.role) {
            (Role::Administrator, _) => None,
            (_, Role::Administrator) => {
                Some(self.unit.parse().map_err(|_| FormError::refused("Bu rol için bir birim seçiniz."))?)
            }
            _ => viewer.profile.unit.clone(),
        };
        Ok(UserProfile { full_name: self.full_name.clone(), role, unit })
    }
}

/// The units of one valilik.
#[derive(Serialize)]
struct UnitGroup {
    label: String,
    units: Vec<Choice>,
}

/// Every unit by valilik, each in Turkish alphabetical order.
fn unit_groups(app: &App, chosen: &str) -> Vec<UnitGroup> {
    let choice = |unit: &Unit| Choice::new(&unit.id, &unit.title, chosen);
    let group = |(valilik, name): (Valilik, &str)| UnitGroup {
        label: name.into(),
        units: sorted(app.catalog.units_of(valilik).map(choice)),
    };
    let mut groups: Vec<_> = app.catalog.valilikler().map(group).collect();
    groups.sort_by(|a, b| turkish::compare(&a.label, &b.label));
    groups
}

/// The data of `user/form.html`.
#[derive(Serialize)]
struct FormPage<'a> {
    fields: &'a UserFields,
    roles: Vec<Choice>,
    /// The units, if the viewer may choose one.
    units: Vec<UnitGroup>,
    notice: &'a str,
    error: &'a str,
    /// Whether the form defines a new user.
    new: bool,
    /// Whether the viewer may change the user.
    manages: bool,
    role: Option<&'static str>,
    unit: Option<String>,
    own_unit: Option<String>,
    /// Whether the user must change their password first.
    must_change: bool,
    active: bool,
    version: Option<u64>,
    /// Whether the user is the viewer.
    oneself: bool,
    command: String,
    /// The id of the command that resets the password.
    command_reset: String,
}

/// The page with the form of `user`; `None` for a new one.
pub fn page(
    app: &App,
    viewer: &Viewer,
    user: Option<&User>,
    fields: &UserFields,
    notice: &str,
    error: &str,
) -> Result<Response, Problem> {
    let me = &viewer.user;
    let mut roles = visibility::definable_roles(me.profile.role).to_vec();
    if let Some(user) = user
        && !roles.contains(&user.profile.role)
    {
        roles.push(user.profile.role);
    }
    let is_administrator = me.profile.role == Role::Administrator;
    let data = FormPage {
        fields,
        roles: role_slug::choices(&roles, &fields.role),
        units: if is_administrator { unit_groups(app, &fields.unit) } else { Vec::new() },
        notice,
        error,
        new: user.is_none(),
        manages: user.is_none_or(|user| may_manage(me, &user.profile)),
        role: user.map(|user| tr(user.profile.role.label_tr())),
        unit: user.and_then(|user| user.profile.unit.as_ref()).map(|unit| app.unit_name(unit)),
        own_unit: me.profile.unit.as_ref().map(|unit| app.unit_name(unit)),
        must_change: user.is_some_and(|user| user.must_change_password),
        active: user.is_some_and(|user| user.active),
        version: user.map(|user| user.version),
        oneself: user.is_some_and(|user| user.name == me.name),
        command: Uuid::now_v7().to_string(),
        command_reset: Uuid::now_v7().to_string(),
    };
    let title = tr(user.map_or("Kullanıcı Ekle", |_| "Kullanıcı Bilgileri"));
    let html = render(app, viewer, title, "user/form.html", data)?;
    Ok(form_page(error, html))
}
