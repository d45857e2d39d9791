//! Templates, the frame around every page, the one stylesheet and the scripts.

use std::sync::LazyLock;

use axum::response::Html;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::directory::Authority;
use ebasvuru_workflow::domain::document::sha256_hex;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, context};
use serde::Serialize;

use crate::app::AppState;
use crate::files::{MAX_FILE_BYTES, shown_name};
use crate::guard::Viewer;
use crate::i18n::{fill, spoken, tr};
use crate::labels;
use crate::problem::Problem;

/// The stylesheet, served under a name that changes with it.
pub const STYLESHEET: &str = include_str!("../templates/style.css");

/// Figures that keep up. Without it, as without the other script, every page does its work.
pub const SCRIPT: &str = include_str!("../templates/live.js");

/// How far the upload of a file has come.
pub const UPLOAD_SCRIPT: &str = include_str!("../templates/upload.js");

/// The icon of the browser's tab.
pub const ICON: &str = include_str!("../templates/icon.svg");

/// Where the icon is served.
pub static ICON_PATH: LazyLock<String> = LazyLock::new(|| asset_path(ICON, "svg"));

/// Where the stylesheet is served.
pub static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| asset_path(STYLESHEET, "css"));

/// Where the script is served.
pub static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| asset_path(SCRIPT, "js"));

/// Where the script of uploads is served.
pub static UPLOAD_SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| asset_path(UPLOAD_SCRIPT, "js"));

fn asset_path(content: &str, kind: &str) -> String {
    format!("/assets/{:.16}.{kind}", sha256_hex(content.as_bytes()))
}

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../templates/", $name)))),*]
    };
}

/// Every template, by name.
pub const TEMPLATES: &[(&str, &str)] = templates![
    "layout.html",
    "macros.html",
    "problem.html",
    "login.html",
    "password.html",
    "modules.html",
    "application/list.html",
    "application/show.html",
    "application/documents.html",
    "application/actions.html",
    "application/bulk.html",
    "fields.html",
    "upload.html",
    "user/list.html",
    "user/form.html",
    "user/passivate.html",
    "user/one_time.html",
    "user/delegation.html",
    "user/revoke.html",
    "report/show.html",
    "report/list.html",
    "portal/layout.html",
    "portal/problem.html",
    "portal/fields.html",
    "portal/sign_in.html",
    "portal/choose.html",
    "portal/contact.html",
    "portal/details.html",
    "portal/files.html",
    "portal/confirm.html",
    "portal/list.html",
    "portal/show.html",
    "portal/withdraw.html",
];

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.add_global("stylesheet", STYLESHEET_PATH.as_str());
    env.add_global("script", SCRIPT_PATH.as_str());
    env.add_global("upload_script", UPLOAD_SCRIPT_PATH.as_str());
    env.add_global("icon", ICON_PATH.as_str());
    env.add_global("max_file_bytes", MAX_FILE_BYTES);
    env.add_filter("file_name", |name: String| shown_name(&name));
    env.add_function("_", text);
    env.add_function("lang", || spoken().tag());
    for (name, source) in TEMPLATES {
        if let Err(error) = env.add_template(name, source) {
            tracing::error!(template.name = name, error.message = %error, "the template {name} does not parse");
        }
    }
    env
});

/// `_("…", name=value)`: a text in the language of the request. Whole numbers are written as
/// that language writes them.
fn text(text: &str, values: Kwargs) -> Result<String, Error> {
    let names: Vec<&str> = values.args().collect();
    let values = names.iter().map(|name| {
        let value: Value = values.get(name)?;
        Ok(match value.as_i64().and_then(|n| u64::try_from(n).ok()) {
            Some(n) if value.kind() == ValueKind::Number => labels::thousands(n),
            _ => value.to_string(),
        })
    });
    let values = values.collect::<Result<Vec<_>, Error>>()?;
    let pairs: Vec<_> =
        names.iter().zip(&values).map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    Ok(fill(text, &pairs))
}

/// A value for a template, by serde.
#[must_use]
pub fn value(it: impl Serialize) -> Value {
    minijinja::value::Serde(it).into()
}

/// Renders a template.
pub fn render(name: &str, context: Value) -> Result<String, Error> {
    ENVIRONMENT.get_template(name)?.render(context)
}

/// What stands around every page of whoever is logged in.
#[derive(Debug, Serialize)]
pub struct Shell {
    /// The title of the page.
    pub title: String,
    /// The name people read.
    pub full_name: String,
    /// The role's label.
    pub role: &'static str,
    /// The unit's name; empty for a Yönetici.
    pub unit: String,
    /// The token of every form.
    pub csrf: String,
    /// The menus of the role.
    pub menu: Vec<MenuItem>,
    /// On whose behalf the viewer may act now.
    pub acting: Vec<Acting>,
}

/// Authority that somebody has lent to the viewer and that holds now (decision f).
#[derive(Debug, Serialize)]
pub struct Acting {
    /// The name of the Yetkili.
    pub lender: String,
    /// Since when.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// What is lent to this viewer now.
fn acting(app: &AppState, viewer: &Viewer) -> Vec<Acting> {
    let Some(unit) = &viewer.user.profile.unit else { return Vec::new() };
    let now = app.clock.now();
    app.gateway.directory(|users| {
        let lenders = users.authorities(&viewer.user.name, unit, now).filter_map(Authority::on_behalf_of);
        let lent = lenders.filter_map(|name| {
            let lender = users.get(&name)?;
            let period = lender.delegation.as_ref()?;
            Some(Acting {
                lender: lender.profile.full_name.clone(),
                from: labels::date_time(period.starts_at),
                until: labels::date_time(period.ends_at),
            })
        });
        lent.collect()
    })
}

/// One menu.
#[derive(Debug, Serialize)]
pub struct MenuItem {
    /// Where it leads.
    pub path: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Whether the page is one of it.
    pub here: bool,
}

/// The menus that a role sees (REQUIREMENTS, Roles), seen from the page at `path`.
fn menu(role: Role, path: &str) -> Vec<MenuItem> {
    let item =
        |menu: &'static str, label| MenuItem { path: menu, label: tr(label), here: path.starts_with(menu) };
    let applications = item("/basvurular", "Başvurular");
    let users = item("/kullanicilar", "Kullanıcılar");
    match role {
        Role::Administrator => vec![item("/raporlama", "Raporlama"), users],
        Role::Supervisor | Role::Coordinator => vec![applications, users],
        Role::Officer => vec![applications],
    }
}

impl Shell {
    /// The frame for this viewer.
    #[must_use]
    pub fn new(app: &AppState, viewer: &Viewer, title: impl Into<String>) -> Self {
        let profile = &viewer.user.profile;
        Self {
            title: title.into(),
            full_name: profile.full_name.clone(),
            role: tr(profile.role.label_tr()),
            unit: profile.unit.as_ref().map(|unit| app.unit_name(unit)).unwrap_or_default(),
            csrf: viewer.session.csrf.clone(),
            menu: menu(profile.role, &viewer.path),
            acting: acting(app, viewer),
        }
    }

    /// The page: `p` is what its template shows.
    pub fn page(&self, template: &str, p: impl Serialize) -> Result<Html<String>, Problem> {
        Ok(Html(render(
            template,
            context! { shell => value(self), title => self.title.as_str(), p => value(p) },
        )?))
    }
}

/// The login page that leads to `next` afterwards.
#[must_use]
pub fn login_path(next: &str) -> String {
    if next.is_empty() || next == "/" { "/giris".into() } else { format!("/giris?sonra={}", percent(next)) }
}

/// Percent-encodes all but the unreserved characters.
#[must_use]
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_parses() {
        for (name, _) in TEMPLATES {
            ENVIRONMENT.get_template(name).unwrap_or_else(|e| panic!("{name}: {e:#}"));
        }
    }
}
