//! Finding an application, and whether these eyes may see it.

use std::sync::Arc;

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{Application, Visibility, visible_to};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::domain::user::User;

use crate::app::AppState;
use crate::problem::Problem;
use crate::read::Scope;

/// Whose applications a user finds in lists; `None` for a Yönetici.
pub fn scope(app: &AppState, user: &User) -> Option<Scope> {
    let unit = user.profile.unit.clone()?;
    match user.profile.role {
        Role::Administrator => None,
        Role::Coordinator if app.catalog.coordinators_see_valilik() => {
            app.catalog.unit(&unit).map(|unit| Scope::Valilik(unit.valilik))
        }
        Role::Supervisor | Role::Officer | Role::Coordinator => Some(Scope::Unit(unit)),
    }
}

/// Whether applications of this unit lie in the scope.
pub fn covers(app: &AppState, scope: &Scope, unit: &UnitId) -> bool {
    match scope {
        Scope::Unit(own) => own == unit,
        Scope::Valilik(own) => app.catalog.unit(unit).is_some_and(|unit| unit.valilik == *own),
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
    let stored = app.read.application(&no).await?.map(Arc::new);
    let newest = recent.into_iter().chain(stored).max_by_key(|a| a.version).ok_or(Problem::NotFound)?;
    if sees(app, user, &newest) == Visibility::Hidden { Err(Problem::NotFound) } else { Ok(newest) }
}
