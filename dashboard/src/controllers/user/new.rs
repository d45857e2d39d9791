//! `/kullanicilar/yeni`: "Kullanıcı Ekle" (requirement 13).

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::UserCommandBody;

use super::form::{Filled, ask, page};
use crate::app::App;
use crate::controllers::session::unfit;
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::problem::Problem;

/// `GET /kullanicilar/yeni`
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    page(&app, &viewer, None, &Filled::default(), "", "")
}

/// `POST /kullanicilar/yeni`
pub async fn submit(State(app): State<App>, viewer: Viewer, form: Submitted) -> Result<Response, Problem> {
    let filled = Filled::typed(&form);
    let again = |error: &str| page(&app, &viewer, None, &filled, "", error);
    let Ok(name) = form.text("kullanici").parse::<UserName>() else {
        return again(
            "Kullanıcı adı 3–64 karakter olmalı, bir harfle başlamalı; yalnızca a–z, 0–9, nokta, tire ve alt çizgi içermelidir.",
        );
    };
    let profile = match filled.profile(&viewer.user) {
        Ok(profile) => profile,
        Err(sentence) => return again(sentence),
    };
    let first = form.raw("sifre");
    if let Some(sentence) = unfit(first, name.as_str()) {
        return again(sentence);
    }
    let password = app.sealed_password(&name, first).await?;
    let body = UserCommandBody::DefineUser { profile, password, must_change_password: true };
    match ask(&app, &viewer, &form, name.clone(), body).await? {
        Ok(()) => Ok(Redirect::to("/kullanicilar").into_response()),
        Err(sentence) => again(&sentence),
    }
}
