//! The names of roles in addresses and forms.

use ebasvuru_workflow::domain::actor::Role;

use crate::view::Choice;
use crate::view::i18n::tr;

/// The slug of a role.
pub const fn slug(role: Role) -> &'static str {
    match role {
        Role::Administrator => "yonetici",
        Role::Supervisor => "yetkili",
        Role::Officer => "sorumlu",
        Role::Coordinator => "il-koordinasyon",
    }
}

/// The role with this slug.
pub fn parse(text: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| slug(*role) == text)
}

/// These roles as choices.
pub fn choices(roles: &[Role], chosen: &str) -> Vec<Choice> {
    let choice = |role: &Role| Choice::new(slug(*role), tr(role.label_tr()), chosen);
    roles.iter().map(choice).collect()
}
