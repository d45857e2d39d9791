//! `/kullanicilar/{id}`: a user with what can be changed. Each act has a file of its own.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use ebasvuru_workflow::domain::user::{User, may_manage};
use serde::Deserialize;

use super::form::{UserFields, page};
use super::load::find;
use super::{activate, deactivate, reset_password, update};
use crate::view::i18n::tr;
use crate::web::app::{App, AppState};
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The act that led here.
    oldu: String,
    /// How many applications went back to the unit.
    donen: String,
}

/// `GET /kullanicilar/{id}`
pub async fn form(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    let notice = match params.oldu.as_str() {
        "kaydet" => tr("Kullanıcı bilgileri kaydedildi.").to_owned(),
        "aktif" => tr("Kullanıcı aktif yapıldı.").to_owned(),
        "pasif" => deactivate::done(&params.donen),
        _ => String::new(),
    };
    page(&app, &viewer, Some(&user), &UserFields::of(&user), &notice, "")
}

/// `POST /kullanicilar/{id}`: the act is in the field `islem`.
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(name): Path<String>,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    let act = form.text("islem");
    let fields = fields(&user, &form);
    if !may_manage(&viewer.user, &user.profile) {
        return Err(Problem::Forbidden);
    }
    let result = match act.as_str() {
        "kaydet" => update::submit(&app, &viewer, &user, &form, &fields).await,
        "aktif" => activate::submit(&app, &viewer, &user, &form).await,
        "pasif" => deactivate::submit(&app, &viewer, &user, &form).await,
        "sifre" => reset_password::submit(&app, &viewer, &user, &form).await,
        _ => return Err(Problem::BadRequest),
    };
    match result {
        Ok(response) => Ok(response),
        Err(FormError::Refused(sentence)) => refused(&app, &viewer, &user, &form, &sentence).await,
        Err(FormError::Problem(problem)) => Err(problem),
    }
}

/// The page with a form that was not executed.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(name): Path<String>,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    refused(&app, &viewer, &user, &form, &why).await
}

/// The page that the form came from, with what was typed in it.
async fn refused(
    app: &App,
    viewer: &Viewer,
    user: &User,
    form: &SubmittedForm,
    sentence: &str,
) -> Result<Response, Problem> {
    if form.text("islem") == "pasif" && may_manage(&viewer.user, &user.profile) && user.active {
        return deactivate::page(app, viewer, user, sentence).await;
    }
    page(app, viewer, Some(user), &fields(user, form), "", sentence)
}

/// What the form of the user shows: what was typed in it, if it was sent.
fn fields(user: &User, form: &SubmittedForm) -> UserFields {
    if form.text("islem") == "kaydet" { UserFields::typed(form) } else { UserFields::of(user) }
}
