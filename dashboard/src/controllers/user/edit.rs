//! `/kullanicilar/{id}`: "Kaydet", aktif or pasif, a new first password.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::{User, UserCommandBody, may_manage};
use serde::Deserialize;

use super::form::{Filled, ask, page};
use super::scope;
use crate::app::{App, AppState};
use crate::controllers::session::unfit;
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::problem::Problem;

/// What was done just now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    oldu: String,
}

/// `GET /kullanicilar/{id}`
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    let notice = if params.oldu.is_empty() { "" } else { "Kullanıcı bilgileri kaydedildi." };
    page(&app, &viewer, Some(&user), &Filled::of(&user), notice, "")
}

/// `POST /kullanicilar/{id}`
pub async fn submit(
    State(app): State<App>,
    viewer: Viewer,
    Path(name): Path<String>,
    form: Submitted,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    let doing = form.text("islem");
    let typed = if doing == "kaydet" { Filled::typed(&form) } else { Filled::of(&user) };
    let again = |error: &str| page(&app, &viewer, Some(&user), &typed, "", error);
    if !may_manage(&viewer.user, &user.profile) {
        return Err(Problem::Forbidden);
    }
    let body = match doing.as_str() {
        "kaydet" => match typed.profile(&viewer.user) {
            Ok(profile) => UserCommandBody::UpdateUser { profile },
            Err(sentence) => return again(sentence),
        },
        "aktif" => UserCommandBody::SetActive { active: true },
        "pasif" => UserCommandBody::SetActive { active: false },
        "sifre" => match unfit(form.raw("sifre"), user.name.as_str()) {
            Some(sentence) => return again(sentence),
            None => UserCommandBody::ChangePassword {
                password: app.sealed_password(&user.name, form.raw("sifre")).await?,
                must_change_password: true,
            },
        },
        _ => return Err(Problem::BadRequest),
    };
    match ask(&app, &viewer, &form, user.name.clone(), body).await? {
        Ok(()) => Ok(Redirect::to(&format!("/kullanicilar/{}?oldu=1", user.name)).into_response()),
        Err(sentence) => again(&sentence),
    }
}

fn find(app: &AppState, viewer: &Viewer, name: &str) -> Result<Arc<User>, Problem> {
    let name: UserName = name.parse().map_err(|_| Problem::NotFound)?;
    let user = app.gateway.user(&name).ok_or(Problem::NotFound)?;
    if scope::sees(&viewer.user, &user) { Ok(user) } else { Err(Problem::NotFound) }
}
