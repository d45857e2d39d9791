//! "Pasife Çek": `/kullanicilar/{id}/pasif` says what it will do before it is done.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_analytics::read::WorklistFilter;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::user::{User, UserCommandBody, may_manage};
use serde::Serialize;
use uuid::Uuid;

use super::command::{confirm_own_password, execute};
use super::load::{find, path, redirect};
use crate::controllers::application::worklist;
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::app::{App, AppState};
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::page::{form_page, render};
use crate::web::problem::Problem;

/// The data of `user/deactivate.html`.
#[derive(Serialize)]
struct DeactivatePage<'a> {
    name: &'a str,
    full_name: &'a str,
    error: &'a str,
    role: &'static str,
    /// The number of open applications that a Sorumlu holds.
    held: Option<u64>,
    /// With whom the user's authority is shared.
    lent_to: Option<String>,
    lent_until: Option<String>,
    version: u64,
    command: String,
}

/// `GET /kullanicilar/{id}/pasif`
pub async fn confirm(
    State(app): State<AppState>,
    viewer: Viewer,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    if !may_manage(&viewer.user, &user.profile) || user.name == viewer.user.name {
        return Err(Problem::Forbidden);
    }
    if !user.active {
        return Ok(Redirect::to(&path(&user)).into_response());
    }
    page(&app, &viewer, &user, "").await
}

/// The question, with what was wrong with the answer to it.
pub async fn page(app: &App, viewer: &Viewer, user: &User, error: &str) -> Result<Response, Problem> {
    let lent = user.delegation.as_ref().filter(|lent| app.clock.now() < lent.ends_at);
    let data = DeactivatePage {
        name: user.name.as_str(),
        full_name: &user.profile.full_name,
        error,
        role: tr(user.profile.role.label_tr()),
        held: held(app, user).await?,
        lent_to: lent.map(|lent| app.users.full_name(&lent.to)),
        lent_until: lent.map(|lent| labels::date_time(lent.ends_at)),
        version: user.version,
        command: Uuid::now_v7().to_string(),
    };
    let html = render(app, viewer, tr("Pasife Çek"), "user/deactivate.html", data)?;
    Ok(form_page(error, html))
}

/// `POST /kullanicilar/{id}` with `islem=pasif`
pub async fn submit(
    app: &App,
    viewer: &Viewer,
    user: &User,
    form: &SubmittedForm,
) -> Result<Response, FormError> {
    confirm_own_password(app, viewer, form).await?;
    let returned = held(app, user).await?.map(|count| count.to_string()).unwrap_or_default();
    let body = UserCommandBody::SetActive { active: false };
    execute(app, viewer, form, form.command_id(), user.name.clone(), body).await?;
    Ok(redirect(user, "pasif", &returned))
}

/// The number of open applications that a Sorumlu holds; `None` for other roles.
async fn held(app: &App, user: &User) -> Result<Option<u64>, Problem> {
    let Some(unit) = user.profile.unit.as_ref().filter(|_| user.profile.role == Role::Officer) else {
        return Ok(None);
    };
    let filter = WorklistFilter { units: vec![unit.clone()], ..WorklistFilter::default() };
    let unstored = app.recent.unstored(app.has_until());
    Ok(Some(worklist::tabs(app, &filter, &user.name, &unstored, app.clock.now()).await?.mine))
}

/// What the next page says. `returned` is the number of applications that went back to the unit; it
/// comes from the address, so anything but a number is ignored.
pub fn done(returned: &str) -> String {
    let what = match returned.parse::<u32>() {
        Ok(0) => tr("Üzerinde açık başvuru yoktu.").to_owned(),
        Ok(n) => say!("Üzerindeki {n} açık başvuru birime geri döndü.", n = n),
        Err(_) => String::new(),
    };
    format!("{} {what}", tr("Kullanıcı pasife çekildi; açık oturumları kapatıldı.")).trim_end().to_owned()
}
