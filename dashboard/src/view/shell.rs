//! The frame around every page of a user who is logged in.

use axum::response::Html;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::directory::{Authority, Directory};
use ebasvuru_workflow::domain::user::User;
use jiff::Timestamp;
use minijinja::{Error, context};
use serde::Serialize;

use super::document::DocumentView;
use super::environment::{render, value};
use super::i18n::tr;
use super::labels;

/// The frame.
#[derive(Debug, Serialize)]
pub struct Shell {
    /// The user's full name.
    pub full_name: String,
    /// The role's label.
    pub role: &'static str,
    /// The unit's name; empty for a Yönetici.
    pub unit: String,
    /// The ticket of every form.
    pub csrf: String,
    /// The path of the page.
    pub path: String,
    /// The menu of the role.
    pub menu: Vec<MenuItem>,
    /// On whose behalf the user may act now.
    pub acting: Vec<Acting>,
    /// What the page says of itself as a document.
    pub document: DocumentView,
}

/// A delegation to the user that is in force now (decision f).
#[derive(Debug, Serialize)]
pub struct Acting {
    /// The full name of the Yetkili.
    pub lender: String,
    /// Since when.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// The delegations to this user that are in force now.
#[must_use]
pub fn acting(users: &Directory, user: &User, now: Timestamp) -> Vec<Acting> {
    let Some(unit) = &user.profile.unit else { return Vec::new() };
    let lenders = users.authorities(&user.name, unit, now).filter_map(Authority::on_behalf_of);
    let acting = lenders.filter_map(|name| {
        let lender = users.get(&name)?;
        let period = lender.delegation.as_ref()?;
        Some(Acting {
            lender: lender.profile.full_name.clone(),
            from: labels::date_time(period.starts_at),
            until: labels::date_time(period.ends_at),
        })
    });
    acting.collect()
}

/// An entry of the menu.
#[derive(Debug, Serialize)]
pub struct MenuItem {
    /// Where it leads.
    pub path: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Whether the current page belongs to it.
    pub here: bool,
}

/// The menu of a role (REQUIREMENTS, Roles) on the page at `path`.
#[must_use]
pub fn menu(role: Role, path: &str) -> Vec<MenuItem> {
    let item = |menu: &'static str, label, more: &[&str]| {
        let here = path.starts_with(menu) || more.iter().any(|more| path.starts_with(more));
        MenuItem { path: menu, label: tr(label), here }
    };
    let applications = item("/basvurular", "Başvurular", &[]);
    // "Yetkimi Paylaş" is a button of "Kullanıcılar".
    let users = item("/kullanicilar", "Kullanıcılar", &["/yetkimi-paylas"]);
    match role {
        Role::Administrator => vec![item("/raporlama", "Raporlama", &[]), users],
        Role::Supervisor | Role::Coordinator => vec![applications, users],
        Role::Officer => vec![applications],
    }
}

impl Shell {
    /// Renders a page in this frame; its template finds `data` as `p`.
    pub fn render(&self, template: &str, data: impl Serialize) -> Result<Html<String>, Error> {
        let context = context! { shell => value(self), title => self.document.title(), p => value(data) };
        Ok(Html(render(template, context)?))
    }
}
