//! The choice of a module after the login (requirement 1).

use axum::extract::State;
use axum::response::{Html, Redirect};
use serde::Serialize;

use crate::view::i18n::tr;
use crate::web::app::AppState;
use crate::web::guard::Viewer;
use crate::web::page;
use crate::web::problem::Problem;

/// The data of `modules.html`.
#[derive(Serialize)]
struct ModulesPage {
    /// Where the module leads: the first entry of the menu.
    first: &'static str,
}

/// `GET /`
pub async fn home() -> Redirect {
    Redirect::to("/moduller")
}

/// `GET /moduller`
pub async fn show(State(app): State<AppState>, viewer: Viewer) -> Result<Html<String>, Problem> {
    let shell = page::shell(&app, &viewer, &page::head(&app, &viewer, tr("Modüller"), Vec::new()));
    let first = shell.menu.first().map_or("/moduller", |item| item.path);
    Ok(shell.render("modules.html", ModulesPage { first })?)
}
