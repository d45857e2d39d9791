//! `/kullanicilar`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::user::may_manage;
use minijinja::context;
use serde::Serialize;

use super::scope;
use crate::app::App;
use crate::guard::Viewer;
use crate::page::{Shell, value};
use crate::problem::Problem;

#[derive(Serialize)]
struct Row {
    name: String,
    full_name: String,
    role: &'static str,
    unit: String,
    active: bool,
    manages: bool,
}

/// `GET /kullanicilar`
pub async fn show(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let me = &viewer.user;
    let rows: Vec<Row> = app.gateway.directory(|users| {
        users
            .all()
            .into_values()
            .filter(|user| scope::sees(me, user))
            .map(|user| Row {
                name: user.name.to_string(),
                full_name: user.profile.full_name.clone(),
                role: user.profile.role.label_tr(),
                unit: user.profile.unit.as_ref().map(|unit| app.unit_name(unit)).unwrap_or_default(),
                active: user.active,
                manages: may_manage(me, &user.profile),
            })
            .collect()
    });
    let may_add = !scope::defines(me.profile.role).is_empty();
    let html = Shell::new(&app, &viewer, "Kullanıcılar")
        .page("user/list.html", context! { rows => value(rows), may_add })?;
    Ok(html.into_response())
}
