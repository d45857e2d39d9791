//! `/kullanicilar/yeni`: "Kullanıcı Ekle" (requirement 13).

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::UserCommandBody;

use super::command::{confirm_own_password, execute};
use super::form::{UserFields, page};
use super::{list, one_time_password};
use crate::auth::password_problem;
use crate::view::i18n::tr;
use crate::web::app::{App, AppState};
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// The rule for user names.
const NAME_RULE: &str = "Kullanıcı adı 3–64 karakter olmalı, bir harfle başlamalı; yalnızca a–z, 0–9, nokta, tire ve alt çizgi içermelidir.";

/// `GET /kullanicilar/yeni`
pub async fn form(State(app): State<AppState>, viewer: Viewer) -> Result<Response, Problem> {
    page(&app, &viewer, None, &UserFields::default(), "", "")
}

/// `POST /kullanicilar/yeni`
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let fields = UserFields::typed(&form);
    match define(&app, &viewer, &form, &fields).await {
        Ok(response) => Ok(response),
        Err(FormError::Refused(sentence)) => page(&app, &viewer, None, &fields, "", &sentence),
        Err(FormError::Problem(problem)) => Err(problem),
    }
}

/// The page with a form that was not executed.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    page(&app, &viewer, None, &UserFields::typed(&form), "", &why)
}

/// Defines the user, with the first password that was typed, or else with a one-time password that
/// is shown.
async fn define(
    app: &App,
    viewer: &Viewer,
    form: &SubmittedForm,
    fields: &UserFields,
) -> Result<Response, FormError> {
    let refused = |sentence: &str| FormError::Refused(sentence.to_owned());
    // `yeni` is the path of this page.
    let name = form.text("kullanici").parse::<UserName>().ok().filter(|name| name.as_str() != "yeni");
    let name = name.ok_or_else(|| refused(tr(NAME_RULE)))?;
    let profile = fields.profile(&viewer.user)?;
    confirm_own_password(app, viewer, form).await?;
    let id = form.command_id();
    let typed = form.raw("sifre");
    let first = if typed.is_empty() {
        one_time_password::derive(app, &name, id)?
    } else if let Some(sentence) = password_problem(typed, &[name.as_str(), &profile.full_name]) {
        return Err(refused(sentence));
    } else {
        typed.to_owned()
    };
    let password = app.passwords.seal(&name, &first).await?;
    let body = UserCommandBody::DefineUser { profile, password, must_change_password: true };
    execute(app, viewer, form, id, name.clone(), body).await?;
    if typed.is_empty() {
        Ok(one_time_password::page(app, viewer, &name, &first)?)
    } else {
        Ok(Redirect::to(list::PATH).into_response())
    }
}
