//! The page that shows a one-time password once.

use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use serde::Serialize;

use crate::auth::derive_one_time_password;
use crate::view::i18n::tr;
use crate::web::app::App;
use crate::web::guard::Viewer;
use crate::web::page::render;
use crate::web::problem::Problem;

/// The data of `user/one_time_password.html`.
#[derive(Serialize)]
struct OneTimePasswordPage<'a> {
    name: &'a str,
    full_name: String,
    password: &'a str,
}

/// The one-time password that this command sets for this user.
pub fn derive(app: &App, user: &UserName, command: CommandId) -> Result<String, Problem> {
    let password = derive_one_time_password(app.key.signing(), user, command);
    password.ok_or_else(|| Problem::Internal("a one-time password could not be derived".into()))
}

/// The page.
pub fn page(app: &App, viewer: &Viewer, user: &UserName, password: &str) -> Result<Response, Problem> {
    let data = OneTimePasswordPage { name: user.as_str(), full_name: app.users.full_name(user), password };
    let title = tr("Tek Kullanımlık Şifre");
    Ok(render(app, viewer, title, "user/one_time_password.html", data)?.into_response())
}
