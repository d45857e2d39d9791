//! What a person sees of an application.

use jiff::Timestamp;

use crate::domain::actor::Role;
use crate::domain::catalog::{Catalog, UnitId};
use crate::domain::directory::Directory;
use crate::domain::user::User;

use super::state::{Application, EarlierSendBack, Note, Status};

/// What a person sees of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Only the summary row in "Vatandaşın Diğer Başvuruları" (decision k).
    Hidden,
    /// Everything except the internal notes and the reasons for sending it back.
    Content,
    /// Everything, with the unit's own notes ([`Application::notes_of`]) and reasons
    /// ([`Application::earlier_send_backs_of`]).
    ContentAndNotes,
}

/// What `user` sees of `app` at `now`.
///
/// The content is for the unit that owns it now: its Yetkili, its Sorumlu, and the İl Koordinasyon
/// Görevlisi, whose scope the catalog may widen to all units of the valilik. A Yönetici sees reports,
/// but no applications (requirement 9). Notes are for the unit's Yetkili, their delegate, and the
/// holder, or the last holder of a closed application (decision b).
#[must_use]
pub fn visible_to(
    app: &Application,
    user: &User,
    directory: &Directory,
    catalog: &Catalog,
    now: Timestamp,
) -> Visibility {
    let own = user.profile.unit.as_ref() == Some(&app.unit);
    match user.profile.role {
        _ if !user.active => Visibility::Hidden,
        Role::Supervisor if own => Visibility::ContentAndNotes,
        Role::Officer if own => {
            let holder = match &app.status {
                Status::Closed { officer, .. } => officer.as_ref(),
                open => open.holder(),
            };
            let acts = || directory.authority(&user.name, &app.unit, now).is_some();
            if holder == Some(&user.name) || acts() {
                Visibility::ContentAndNotes
            } else {
                Visibility::Content
            }
        }
        Role::Coordinator if own || in_coordination(user, &app.unit, catalog) => Visibility::Content,
        _ => Visibility::Hidden,
    }
}

/// Whether the catalog widens the coordinator's scope to the valilik of `unit`.
fn in_coordination(user: &User, unit: &UnitId, catalog: &Catalog) -> bool {
    let valilik = |unit: &UnitId| catalog.unit(unit).map(|unit| unit.valilik);
    catalog.coordinators_see_valilik()
        && user.profile.unit.as_ref().and_then(valilik).is_some_and(|own| Some(own) == valilik(unit))
}

impl Application {
    /// The notes that were written in `unit`, which only viewers of that unit may see.
    pub fn notes_of(&self, unit: &UnitId) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(move |note| note.unit == *unit)
    }

    /// The earlier reasons for sending it back that were written in `unit`, which only viewers of that
    /// unit may see.
    pub fn earlier_send_backs_of(&self, unit: &UnitId) -> impl Iterator<Item = &EarlierSendBack> {
        self.earlier_send_backs.iter().filter(move |back| back.unit == *unit)
    }
}
