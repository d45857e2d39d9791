//! Whom a user sees in the list. Whom they manage is the domain's `may_manage`.

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::user::User;

/// Whether `viewer` sees `user`: a Yönetici everybody; others the Yetkili and Sorumlu users
/// of their unit.
pub fn sees(viewer: &User, user: &User) -> bool {
    let everywhere = viewer.profile.role == Role::Administrator;
    roles_seen(viewer.profile.role).contains(&user.profile.role)
        && (everywhere || viewer.profile.unit == user.profile.unit)
}

/// The roles among which `viewer` sees users.
pub const fn roles_seen(viewer: Role) -> &'static [Role] {
    match viewer {
        Role::Administrator => &Role::ALL,
        Role::Supervisor | Role::Coordinator => &[Role::Supervisor, Role::Officer],
        Role::Officer => &[],
    }
}

/// The roles that `viewer` defines. A Yönetici may stand in for a Yetkili who is away, so
/// that no unit is stuck.
pub const fn defines(viewer: Role) -> &'static [Role] {
    match viewer {
        Role::Administrator => &[Role::Supervisor, Role::Coordinator, Role::Officer, Role::Administrator],
        Role::Supervisor => &[Role::Officer],
        Role::Officer | Role::Coordinator => &[],
    }
}
