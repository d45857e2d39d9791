//! Loading a user, and the address of their page.

use std::sync::Arc;

use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::User;

use super::{list, visibility};
use crate::view::address::with_query;
use crate::web::app::App;
use crate::web::guard::Viewer;
use crate::web::problem::Problem;

/// The path of a user's page.
pub fn path(user: &User) -> String {
    format!("{}/{}", list::PATH, user.name)
}

/// Leads to the user's page after an act; `returned` is the number of applications that went back to
/// the unit.
pub fn redirect(user: &User, act: &str, returned: &str) -> Response {
    Redirect::to(&with_query(&path(user), [("oldu", act), ("donen", returned)])).into_response()
}

/// A user that the viewer sees. One that they do not see is "not found", like one that does not
/// exist.
pub fn find(app: &App, viewer: &Viewer, name: &str) -> Result<Arc<User>, Problem> {
    let name: UserName = name.parse().map_err(|_| Problem::NotFound)?;
    let user = app.users.get(&name).ok_or(Problem::NotFound)?;
    if visibility::sees(&viewer.user, &user) { Ok(user) } else { Err(Problem::NotFound) }
}
