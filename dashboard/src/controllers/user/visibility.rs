//! Which users a user sees, and which roles they define. Whom they may change is the domain's
//! `may_manage`.

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::user::User;

/// Whether `viewer` sees `user`. A Yönetici sees everybody, others the Yetkili and Sorumlu users of
/// their unit.
pub fn sees(viewer: &User, user: &User) -> bool {
    let is_administrator = viewer.profile.role == Role::Administrator;
    visible_roles(viewer.profile.role).contains(&user.profile.role)
        && (is_administrator || viewer.profile.unit == user.profile.unit)
}

/// The roles of the users that this role sees.
pub const fn visible_roles(viewer: Role) -> &'static [Role] {
    match viewer {
        Role::Administrator => &Role::ALL,
        Role::Supervisor | Role::Coordinator => &[Role::Supervisor, Role::Officer],
        Role::Officer => &[],
    }
}

/// The roles whose users this role may define. A Yönetici may define a Sorumlu, too, so that a unit is
/// not stuck while its Yetkili is away.
pub const fn definable_roles(viewer: Role) -> &'static [Role] {
    match viewer {
        Role::Administrator => &[Role::Supervisor, Role::Coordinator, Role::Officer, Role::Administrator],
        Role::Supervisor => &[Role::Officer],
        Role::Officer | Role::Coordinator => &[],
    }
}
