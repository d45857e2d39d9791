//! Loading an application, and what a user sees of it.

use std::sync::Arc;

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{Application, Visibility, visible_to};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::domain::user::User;

use crate::web::app::App;
use crate::web::problem::Problem;

/// The units whose applications a user sees in lists; `None` for a Yönetici.
pub fn scope(app: &App, user: &User) -> Option<Vec<UnitId>> {
    let unit = user.profile.unit.clone()?;
    match user.profile.role {
        Role::Administrator => None,
        Role::Coordinator if app.catalog.coordinators_see_valilik() => {
            let valilik = app.catalog.unit(&unit)?.valilik;
            Some(app.catalog.units_of(valilik).map(|unit| unit.id.clone()).collect())
        }
        Role::Supervisor | Role::Officer | Role::Coordinator => Some(vec![unit]),
    }
}

/// What a user sees of an application now.
pub fn visibility(app: &App, user: &User, application: &Application) -> Visibility {
    let now = app.clock.now();
    app.users.read(|users| visible_to(application, user, users, &app.catalog, now))
}

/// The newest known state of an application. One that the user may not see is "not found", like one
/// that does not exist.
pub async fn application(app: &App, user: &User, no: &str) -> Result<Arc<Application>, Problem> {
    let no: ApplicationNo = no.parse().map_err(|_| Problem::NotFound)?;
    let newest = newest(app, &no).await?.ok_or(Problem::NotFound)?;
    if visibility(app, user, &newest) == Visibility::Hidden { Err(Problem::NotFound) } else { Ok(newest) }
}

/// The newest known state of the application with this number: what is in memory, if the log has nothing newer.
async fn newest(app: &App, no: &ApplicationNo) -> Result<Option<Arc<Application>>, Problem> {
    if let Some(recent) = app.recent.by_no(no) {
        let open = app.open_now(app.clock.now());
        let newest = match open.and_then(|open| open.version(recent.id)) {
            Some(version) => Some(recent).filter(|recent| recent.version == version),
            None => app.recent.just_arrived(no),
        };
        if newest.is_some() {
            return Ok(newest);
        }
    }
    let stored = app.read.application(no).await?.map(|found| Arc::new(found.application));
    if let Some(stored) = &stored {
        app.recent.keep(Arc::clone(stored));
    }
    Ok(app.recent.by_no(no).into_iter().chain(stored).max_by_key(|a| a.version))
}

/// The application that a command is for, which is not shown. The state that is known here will do, without a
/// question to ClickHouse, if the sender saw no newer one: the workflow checks the version and the sender's
/// rights.
pub async fn for_command(
    app: &App,
    user: &User,
    no: &str,
    seen: Option<u64>,
) -> Result<Arc<Application>, Problem> {
    let recent = no.parse().ok().and_then(|no| app.recent.by_no(&no));
    let enough = |recent: &Arc<Application>| {
        seen.is_some_and(|seen| recent.version >= seen) && visibility(app, user, recent) != Visibility::Hidden
    };
    match recent.filter(enough) {
        Some(recent) => Ok(recent),
        None => application(app, user, no).await,
    }
}
