//! What comes after the login: the choice of a module (requirement 1).

use axum::extract::State;
use axum::response::{Html, Redirect};
use minijinja::context;

use crate::app::App;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::page::Shell;
use crate::problem::Problem;

/// `GET /`
pub async fn home() -> Redirect {
    Redirect::to("/moduller")
}

/// `GET /moduller`
pub async fn show(State(app): State<App>, viewer: Viewer) -> Result<Html<String>, Problem> {
    let shell = Shell::new(&app, &viewer, tr("Modüller"));
    let first = shell.menu.first().map_or("/moduller", |item| item.path);
    shell.page("modules.html", context! { first })
}
