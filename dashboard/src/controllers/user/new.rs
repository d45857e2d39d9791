//! `/kullanicilar/yeni`: "Kullanıcı Ekle" (requirement 13).

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::UserCommandBody;

use super::form::{Filled, ask, command_id, confirm_own, page};
use super::one_time;
use crate::app::App;
use crate::controllers::session::unfit;
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::problem::Problem;

/// What a user name may be.
const NAME: &str = "Kullanıcı adı 3–64 karakter olmalı, bir harfle başlamalı; yalnızca a–z, 0–9, nokta, tire ve alt çizgi içermelidir.";

/// `GET /kullanicilar/yeni`
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    page(&app, &viewer, None, &Filled::default(), "", "")
}

/// `POST /kullanicilar/yeni`: with a first password that was typed, or with a one-time
/// password that is made and shown.
pub async fn submit(State(app): State<App>, viewer: Viewer, form: Submitted) -> Result<Response, Problem> {
    let filled = Filled::typed(&form);
    let again = |error: &str| page(&app, &viewer, None, &filled, "", error);
    // `yeni` is this page's own address.
    let Some(name) = form.text("kullanici").parse::<UserName>().ok().filter(|name| name.as_str() != "yeni")
    else {
        return again(tr(NAME));
    };
    let profile = match filled.profile(&viewer.user) {
        Ok(profile) => profile,
        Err(sentence) => return again(sentence),
    };
    if let Err(sentence) = confirm_own(&app, &viewer, &form).await {
        return again(&sentence);
    }
    let id = command_id(&form);
    let typed = form.raw("sifre");
    let first = if typed.is_empty() {
        one_time::password(&app, &name, id)?
    } else if let Some(sentence) = unfit(typed, &[name.as_str(), &profile.full_name]) {
        return again(sentence);
    } else {
        typed.to_owned()
    };
    let password = app.sealed_password(&name, &first).await?;
    let body = UserCommandBody::DefineUser { profile, password, must_change_password: true };
    match ask(&app, &viewer, &form, id, name.clone(), body).await? {
        Ok(()) if typed.is_empty() => one_time::page(&app, &viewer, &name, &first),
        Ok(()) => Ok(Redirect::to("/kullanicilar").into_response()),
        Err(sentence) => again(&sentence),
    }
}
