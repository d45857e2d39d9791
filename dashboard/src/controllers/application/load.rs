//! Finding an application, and whether these eyes may see it.

use std::sync::Arc;

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{Application, Visibility, visible_to};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::domain::user::User;

use crate::app::AppState;
use crate::problem::Problem;

/// The units whose applications a user finds in lists; `None` for a Yönetici.
pub fn scope(app: &AppState, user: &User) -> Option<Vec<UnitId>> {
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
pub fn sees(app: &AppState, user: &User, application: &Application) -> Visibility {
    let now = app.clock.now();
    app.gateway.directory(|users| visible_to(application, user, users, &app.catalog, now))
}

/// The newest that is known of an application, if the user may see it. What they may not
/// see is answered like what does not exist.
pub async fn application(app: &AppState, user: &User, no: &str) -> Result<Arc<Application>, Problem> {
    let no: ApplicationNo = no.parse().map_err(|_| Problem::NotFound)?;
    let recent = app.gateway.recent(&no);
    let stored = app.read.application(&no).await?.map(|found| Arc::new(found.application));
    let newest = recent.into_iter().chain(stored).max_by_key(|a| a.version).ok_or(Problem::NotFound)?;
    if sees(app, user, &newest) == Visibility::Hidden { Err(Problem::NotFound) } else { Ok(newest) }
}
