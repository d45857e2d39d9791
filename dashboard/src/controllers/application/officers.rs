//! The Sorumlu users to choose from.

use ebasvuru_workflow::domain::catalog::UnitId;

use crate::view::{Choice, sorted};
use crate::web::app::App;

/// The Sorumlu users of these units.
pub fn officers(app: &App, scope: &[UnitId], chosen: &str) -> Vec<Choice> {
    app.users.read(|users| {
        let officers = scope.iter().flat_map(|unit| users.officers_of(unit));
        sorted(officers.map(|officer| Choice::new(&officer.name, &officer.profile.full_name, chosen)))
    })
}

/// The Sorumlu users of a unit, to whom "Teslim Et" can assign.
pub fn assignees(app: &App, unit: Option<&UnitId>, chosen: &str) -> Vec<Choice> {
    unit.map(|unit| officers(app, std::slice::from_ref(unit), chosen)).unwrap_or_default()
}
