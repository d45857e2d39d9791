//! The templates and their environment.

use std::sync::LazyLock;

use ebasvuru_workflow::budget::FULL_NAME_CHARS;
use ebasvuru_workflow::documents::MAX_FILE_BYTES;
use ebasvuru_workflow::domain::document_name::DocumentName;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use serde::Serialize;

use super::assets::{ICON_PATH, SCRIPT_PATH, STYLESHEET_PATH, UPLOAD_SCRIPT_PATH};
use super::i18n::{current_language, fill};
use super::labels;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../templates/", $name)))),*]
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
    "application/assign_selected.html",
    "fields.html",
    "upload.html",
    "user/list.html",
    "user/form.html",
    "user/deactivate.html",
    "user/one_time_password.html",
    "user/delegate.html",
    "user/revoke_delegation.html",
    "report/show.html",
    "report/list.html",
    "report/parts.html",
    "report/cards.html",
    "report/map.html",
    "report/ranking.html",
    "report/mail.html",
    "schedule/list.html",
    "schedule/form.html",
    "schedule/delete.html",
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
    env.add_global("full_name_chars", FULL_NAME_CHARS);
    env.add_filter("file_name", |name: String| DocumentName::of(&name).to_string());
    env.add_function("_", text);
    env.add_function("lang", || current_language().tag());
    for (name, source) in TEMPLATES {
        if let Err(error) = env.add_template(name, source) {
            tracing::error!(template.name = name, error.message = %error, "the template {name} does not parse");
        }
    }
    env
});

/// `_("…", name=value)`: a text in the language of the request. Whole numbers are formatted in that
/// language.
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

/// Any serializable value as a value for templates.
#[must_use]
pub fn value(it: impl Serialize) -> Value {
    minijinja::value::Serde(it).into()
}

/// Renders a template.
pub fn render(name: &str, context: Value) -> Result<String, Error> {
    ENVIRONMENT.get_template(name)?.render(context)
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
