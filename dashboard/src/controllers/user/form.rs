//! The form of a user: what it shows, what it asks for.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::user::{User, UserCommand, UserCommandBody, UserProfile, may_manage};
use ebasvuru_workflow::message::Verdict;
use minijinja::context;
use serde::Serialize;
use uuid::Uuid;

use super::scope;
use crate::app::AppState;
use crate::form::Submitted;
use crate::guard::Viewer;
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
        let role = Role::ALL.into_iter().find(|role| role_value(*role) == self.role);
        let role = role.ok_or("Bir rol seçiniz.")?;
        let unit = match (role, viewer.profile.role) {
            (Role::Administrator, _) => None,
            (_, Role::Administrator) => Some(self.unit.parse().map_err(|_| "Bir birim seçiniz.")?),
            _ => viewer.profile.unit.clone(),
        };
        Ok(UserProfile { full_name: self.full_name.clone(), role, unit })
    }
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

const fn role_value(role: Role) -> &'static str {
    match role {
        Role::Administrator => "yonetici",
        Role::Supervisor => "yetkili",
        Role::Officer => "sorumlu",
        Role::Coordinator => "il-koordinasyon",
    }
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
    let roles: Vec<Choice> = roles
        .iter()
        .map(|role| Choice { value: role_value(*role).into(), label: role.label_tr().into() })
        .collect();
    let units: Vec<Choice> = if me.profile.role == Role::Administrator {
        let all = app.catalog.units();
        all.map(|unit| Choice { value: unit.id.to_string(), label: unit.title.clone() }).collect()
    } else {
        Vec::new()
    };
    let title = user.map_or("Kullanıcı Ekle", |_| "Kullanıcı Bilgileri");
    let html = Shell::new(app, viewer, title).page(
        "user/form.html",
        context! {
            filled => value(filled), roles => value(roles), units => value(units), notice, error,
            new => user.is_none(),
            manages => user.is_none_or(|user| may_manage(me, &user.profile)),
            active => user.is_some_and(|user| user.active),
            version => user.map(|user| user.version),
            oneself => user.is_some_and(|user| user.name == me.name),
            command => Uuid::now_v7().to_string(),
        },
    )?;
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html).into_response())
}

/// Gives a command on a user; `Err` is the sentence of a rejection.
pub async fn ask(
    app: &AppState,
    viewer: &Viewer,
    form: &Submitted,
    user: UserName,
    body: UserCommandBody,
) -> Result<Result<(), String>, Problem> {
    let command = UserCommand {
        id: form.text("komut").parse().unwrap_or_else(|_| CommandId(Uuid::now_v7())),
        actor: Actor::Staff(viewer.user.name.clone()),
        expected_version: form.text("surum").parse().ok(),
        at: app.clock.now(),
        user,
        body,
    };
    let reply = app.gateway.ask_user(&command).await?;
    Ok(match reply.verdict {
        Verdict::Accepted { .. } => Ok(()),
        Verdict::Rejected { text_tr, .. } => Err(text_tr),
    })
}
