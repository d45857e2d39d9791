//! `/kullanicilar/{id}`: "Kaydet", aktif or pasif, a one-time password.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::{User, UserCommandBody, UserProfile, may_manage};
use serde::Deserialize;

use super::form::{Filled, ask, command_id, confirm_own, page};
use super::{one_time, passivate, scope};
use crate::app::{App, AppState};
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::problem::Problem;

/// What was done just now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    oldu: String,
    /// How many applications went back to the unit.
    donen: String,
}

/// `GET /kullanicilar/{id}`
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    let notice = match params.oldu.as_str() {
        "kaydet" => tr("Kullanıcı bilgileri kaydedildi.").to_owned(),
        "aktif" => tr("Kullanıcı aktif yapıldı.").to_owned(),
        "pasif" => passivate::done(&params.donen),
        _ => String::new(),
    };
    page(&app, &viewer, Some(&user), &Filled::of(&user), &notice, "")
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
    let guarded = match doing.as_str() {
        "kaydet" => typed.profile(&viewer.user).is_ok_and(|profile| moves(&user.profile, &profile)),
        "aktif" | "pasif" | "sifre" => true,
        _ => false,
    };
    if guarded && let Err(sentence) = confirm_own(&app, &viewer, &form).await {
        return again(&sentence);
    }
    let id = command_id(&form);
    let mut returned = None;
    let mut one_time = String::new();
    let body = match doing.as_str() {
        "kaydet" => match typed.profile(&viewer.user) {
            Ok(profile) => UserCommandBody::UpdateUser { profile },
            Err(sentence) => return again(sentence),
        },
        "aktif" => UserCommandBody::SetActive { active: true },
        "pasif" => {
            returned = passivate::held(&app, &user).await?;
            UserCommandBody::SetActive { active: false }
        }
        "sifre" => {
            one_time = one_time::password(&app, &user.name, id)?;
            UserCommandBody::ChangePassword {
                password: app.sealed_password(&user.name, &one_time).await?,
                must_change_password: true,
            }
        }
        _ => return Err(Problem::BadRequest),
    };
    if let Err(sentence) = ask(&app, &viewer, &form, id, user.name.clone(), body).await? {
        return again(&sentence);
    }
    if !one_time.is_empty() {
        return one_time::page(&app, &viewer, &user.name, &one_time);
    }
    let count = returned.map(|count| format!("&donen={count}")).unwrap_or_default();
    Ok(Redirect::to(&format!("/kullanicilar/{}?oldu={doing}{count}", user.name)).into_response())
}

/// Whether a change takes somebody to another role or unit.
fn moves(before: &UserProfile, after: &UserProfile) -> bool {
    (before.role, &before.unit) != (after.role, &after.unit)
}

/// A user whom the viewer sees; anybody else is answered like nobody.
pub fn find(app: &AppState, viewer: &Viewer, name: &str) -> Result<Arc<User>, Problem> {
    let name: UserName = name.parse().map_err(|_| Problem::NotFound)?;
    let user = app.gateway.user(&name).ok_or(Problem::NotFound)?;
    if scope::sees(&viewer.user, &user) { Ok(user) } else { Err(Problem::NotFound) }
}
