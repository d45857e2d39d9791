//! The staff of the demo.

use anyhow::bail;
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::user::{UserCommand, UserProfile};
use ebasvuru_workflow::message::{Decision, Message};
use uuid::Uuid;

use super::Login;
use crate::bootstrap::Resources;
use crate::operator::{connect, define_user, no_reply};

/// The password of all demo users. It is public; every first start warns of that.
const PASSWORD: &str = "demo-basvuru-2026";
/// How many of the logins are shown: the Yönetici and the staff of the first unit.
const SHOWN_LOGINS: usize = 5;

/// Units with demo staff, and the first part of their user names.
const UNITS: [(&str, &str); 4] = [
    ("06-sivil-toplum", "ankara"),
    ("34-silah-ruhsat", "istanbul"),
    ("34-yazi-isleri", "yazi"),
    ("35-nufus", "izmir"),
];

/// The first part of the user names of a unit's staff; `None` if the unit has no demo staff.
pub fn user_name_prefix(unit: &UnitId) -> Option<&'static str> {
    UNITS.iter().find(|(staffed, _)| *staffed == unit.as_str()).map(|(_, prefix)| *prefix)
}

/// Defines the users, and returns the logins to show.
pub fn define(resources: &Resources) -> anyhow::Result<Vec<Login>> {
    let mut people = vec![("yonetici".to_owned(), "Zeynep Aydın", Role::Administrator, None)];
    for (unit, prefix) in UNITS {
        for (name, full_name, role) in [
            ("yetkili", "Mehmet Kaya", Role::Supervisor),
            ("sorumlu", "Elif Şahin", Role::Officer),
            ("sorumlu2", "Can Öztürk", Role::Officer),
            ("koordinasyon", "İpek Doğan", Role::Coordinator),
        ] {
            people.push((format!("{prefix}.{name}"), full_name, role, Some(unit.parse()?)));
        }
    }
    let mut commands = Vec::new();
    let mut logins = Vec::new();
    for (name, full_name, role, unit) in people {
        let name: UserName = name.parse()?;
        let profile = UserProfile { full_name: full_name.into(), role, unit };
        let command = UserCommand {
            id: CommandId(Uuid::now_v7()),
            actor: Actor::Operator,
            expected_version: None,
            at: resources.clock.now(),
            user: name.clone(),
            body: define_user(&resources.sealer, &name, profile, PASSWORD, false)?,
        };
        commands.push((command.id, command.to_record()));
        logins.push(Login {
            role: role.label_tr(),
            name: name.to_string(),
            password: PASSWORD.into(),
            is_demo: true,
        });
    }
    logins.truncate(SHOWN_LOGINS);
    let replies = connect(resources.log.as_ref())?.execute_all(commands).map_err(no_reply)?;
    for reply in replies.into_values() {
        if let Decision::Refused { code, text_tr } = reply.decision {
            bail!("a demo user was refused: {code}: {text_tr}");
        }
    }
    Ok(logins)
}
