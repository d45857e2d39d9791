//! Whom a user sees in the list. Whom they manage is the domain's `may_manage`.

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::user::User;

/// Whether `viewer` sees `user`: a Yönetici everybody; others the Yetkili and Sorumlu users
/// of their unit.
pub fn sees(viewer: &User, user: &User) -> bool {
    match viewer.profile.role {
        Role::Administrator => true,
        Role::Supervisor | Role::Coordinator => {
            viewer.profile.unit == user.profile.unit
                && matches!(user.profile.role, Role::Supervisor | Role::Officer)
        }
        Role::Officer => false,
    }
}

/// The roles that `viewer` defines.
pub const fn defines(viewer: Role) -> &'static [Role] {
    match viewer {
        Role::Administrator => &[Role::Supervisor, Role::Coordinator, Role::Administrator],
        Role::Supervisor => &[Role::Officer],
        Role::Officer | Role::Coordinator => &[],
    }
}
