//! `/kullanicilar/{id}/pasif`: what setting somebody pasif will do, before it is done.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_analytics::read::WorklistFilter;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::user::{User, may_manage};
use minijinja::context;
use uuid::Uuid;

use super::edit::find;
use crate::app::{App, AppState};
use crate::guard::Viewer;
use crate::i18n::{say, tr};
use crate::labels;
use crate::page::Shell;
use crate::problem::Problem;

/// `GET /kullanicilar/{id}/pasif`
pub async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let user = find(&app, &viewer, &name)?;
    if !may_manage(&viewer.user, &user.profile) || user.name == viewer.user.name {
        return Err(Problem::Forbidden);
    }
    if !user.active {
        return Ok(Redirect::to(&format!("/kullanicilar/{}", user.name)).into_response());
    }
    let lent = user.delegation.as_ref().filter(|lent| app.clock.now() < lent.ends_at);
    let html = Shell::new(&app, &viewer, tr("Pasife Çek")).page(
        "user/passivate.html",
        context! {
            name => user.name.as_str(), full_name => user.profile.full_name.as_str(),
            role => tr(user.profile.role.label_tr()),
            held => held(&app, &user).await?,
            lent_to => lent.map(|lent| app.gateway.full_name(&lent.to)),
            lent_until => lent.map(|lent| labels::date_time(lent.ends_at)),
            version => user.version, command => Uuid::now_v7().to_string(),
        },
    )?;
    Ok(html.into_response())
}

/// How many open applications a Sorumlu holds; nothing for everybody else.
pub async fn held(app: &AppState, user: &User) -> Result<Option<u64>, Problem> {
    let Some(unit) = user.profile.unit.as_ref().filter(|_| user.profile.role == Role::Officer) else {
        return Ok(None);
    };
    let filter = WorklistFilter { units: vec![unit.clone()], ..WorklistFilter::default() };
    Ok(Some(app.read.tabs(&filter, &user.name, app.clock.now()).await?.mine))
}

/// What to say afterwards, with what [`held`] counted before (it comes by the address, so
/// only a number is believed).
pub fn done(returned: &str) -> String {
    let what = match returned.parse::<u32>() {
        Ok(0) => tr("Üzerinde açık başvuru yoktu.").to_owned(),
        Ok(n) => say!("Üzerindeki {n} açık başvuru birime geri döndü.", n = n),
        Err(_) => String::new(),
    };
    format!("{} {what}", tr("Kullanıcı pasife çekildi; açık oturumları kapatıldı.")).trim_end().to_owned()
}
