//! Every kind of person, every command on users, and every kind of user that it is given on, compared
//! with the requirements (9, 10, 13, 14, 22, 31, f).

use jiff::SignedDuration;
use uuid::Uuid;

use super::super::*;
use crate::domain::actor::{Actor, Role};
use crate::domain::application::tests::world::{A, B, C, World, name, user};
use crate::domain::ids::{CommandId, SessionId};
use crate::domain::sealed::Sealed;

/// Who gives the command, with a description.
const ACTORS: [(&str, &str); 9] = [
    ("yonetici", "Yönetici"),
    ("yonetici.pasif", "Yönetici, pasif"),
    ("yetkili.a", "Yetkili, own unit"),
    ("yetkili.pasif", "Yetkili, own unit, pasif"),
    ("yetkili.b", "Yetkili, other unit"),
    ("sorumlu.a1", "Sorumlu"),
    ("vekil.a", "delegate of yetkili.a"),
    ("koord.a", "İl Koordinasyon"),
    ("kimse", "in no directory"),
];

/// The user that it is on, as seen from unit A.
const USERS: [&str; 9] = [
    "sorumlu.a2",    // an officer of unit A
    "sorumlu.b",     // of another unit
    "sorumlu.c",     // of another valilik
    "sorumlu.pasif", // pasif, of unit A
    "yetkili.a2",    // a fellow Yetkili, who has lent authority
    "yetkili.b",     // a Yetkili of another unit
    "koord.a",       // the İl Koordinasyon Görevlisi of the unit
    "yonetici.iki",  // another Yönetici
    "oneself",
];

/// The commands. The match below does not compile until a new command is added here.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Define(Role, &'static str),
    Rename,
    Move,
    SetActive,
    Password,
    Delegate,
    Revoke,
    OneTime,
    EndSession,
}

const ASKED: [Asked; 13] = [
    Asked::Define(Role::Officer, A),
    Asked::Define(Role::Officer, B),
    Asked::Define(Role::Supervisor, A),
    Asked::Define(Role::Coordinator, A),
    Asked::Define(Role::Administrator, ""),
    Asked::Rename,
    Asked::Move,
    Asked::SetActive,
    Asked::Password,
    Asked::Delegate,
    Asked::Revoke,
    Asked::OneTime,
    Asked::EndSession,
];

const fn is_in_the_matrix(body: &UserCommandBody) -> bool {
    match body {
        UserCommandBody::DefineUser { .. }
        | UserCommandBody::UpdateUser { .. }
        | UserCommandBody::SetActive { .. }
        | UserCommandBody::ChangePassword { .. }
        | UserCommandBody::Delegate { .. }
        | UserCommandBody::RevokeDelegation
        | UserCommandBody::UseOneTimePassword
        | UserCommandBody::EndSession { .. } => true,
    }
}

fn body(asked: Asked, world: &World, user: Option<&User>) -> UserCommandBody {
    let password = Sealed("k.new".into());
    let profile = || user.map(|user| user.profile.clone());
    match asked {
        Asked::Define(role, unit) => UserCommandBody::DefineUser {
            profile: UserProfile {
                full_name: "Yeni Biri".into(),
                role,
                unit: (!unit.is_empty()).then(|| World::unit(unit)),
            },
            password,
            must_change_password: true,
        },
        Asked::Rename => UserCommandBody::UpdateUser {
            profile: UserProfile { full_name: "Başka Ad".into(), ..profile().unwrap() },
        },
        Asked::Move => UserCommandBody::UpdateUser {
            profile: UserProfile { role: Role::Officer, unit: Some(World::unit(C)), ..profile().unwrap() },
        },
        Asked::SetActive => UserCommandBody::SetActive { active: !user.unwrap().active },
        Asked::Password => UserCommandBody::ChangePassword { password, must_change_password: true },
        Asked::Delegate => UserCommandBody::Delegate {
            delegation: Delegation {
                to: name("sorumlu.a1"),
                starts_at: world.now,
                ends_at: world.now + SignedDuration::from_hours(24),
            },
        },
        Asked::Revoke => UserCommandBody::RevokeDelegation,
        Asked::OneTime => UserCommandBody::UseOneTimePassword,
        Asked::EndSession => {
            let id = SessionId(Uuid::from_u128(7));
            UserCommandBody::EndSession { session: EndedSession { id, until: world.now } }
        }
    }
}

/// Whether the requirements allow it; `user` is `None` for a new user.
fn may(actor: Option<&User>, asked: Asked, user: Option<&User>) -> bool {
    let Some(actor) = actor.filter(|actor| actor.active) else { return false };
    let own = user.is_some_and(|user| user.name == actor.name);
    let officer_of_unit = |role: Role, unit: Option<&str>| {
        role == Role::Officer && unit == actor.profile.unit.as_ref().map(|u| u.as_str())
    };
    let manages = |role: Role, unit: Option<&str>| match actor.profile.role {
        Role::Administrator => true,                     // 10
        Role::Supervisor => officer_of_unit(role, unit), // 13
        Role::Officer | Role::Coordinator => false,      // 22, 31
    };
    let manages_user = user
        .is_some_and(|user| manages(user.profile.role, user.profile.unit.as_ref().map(|unit| unit.as_str())));
    match asked {
        Asked::Define(role, unit) => manages(role, (!unit.is_empty()).then_some(unit)),
        Asked::Rename => manages_user,
        // A Yetkili moves nobody out of the unit; nobody moves themselves.
        Asked::Move => {
            manages_user
                && !own
                && actor.profile.role == Role::Administrator
                && user.is_some_and(|user| user.name != name("sorumlu.c"))
        }
        Asked::SetActive => manages_user && !own,
        Asked::Password => own || manages_user,
        // Users with their own password have no one-time password to use.
        Asked::OneTime => false,
        Asked::EndSession => own,
        // 14, f: only by the Yetkili, to a Sorumlu of the unit, if nothing is lent yet.
        Asked::Delegate => own && actor.name == name("yetkili.pasif"),
        Asked::Revoke => (own || manages_user) && user.is_some_and(|user| user.delegation.is_some()),
    }
}

#[test]
fn permissions_match_the_requirements_for_every_person_command_and_user() {
    let mut world = World::new();
    world.put(user("yonetici.iki", Role::Administrator, None));
    world.put(user("yonetici.pasif", Role::Administrator, None));
    world.put(user("yetkili.pasif", Role::Supervisor, Some(A)));
    world.put(user("sorumlu.pasif", Role::Officer, Some(A)));
    for who in ["yonetici.pasif", "yetkili.pasif", "sorumlu.pasif"] {
        world.change(who, |user| user.active = false);
    }
    world.lend("yetkili.a2", "sorumlu.a2", 10);
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (actor, what_they_are) in ACTORS {
        for asked in ASKED {
            for on in USERS {
                let new = matches!(asked, Asked::Define(..));
                let target = if new {
                    "yeni.biri"
                } else if on == "oneself" {
                    actor
                } else {
                    on
                };
                let target = name(target);
                let user = world.directory.get(&target).cloned();
                if user.is_none() && !new {
                    continue;
                }
                let command = UserCommand {
                    id: CommandId(Uuid::from_u128(1)),
                    actor: Actor::Staff(name(actor)),
                    expected_version: user.as_ref().map(|user| user.version),
                    at: world.now,
                    user: target.clone(),
                    body: body(asked, &world, user.as_deref()),
                };
                assert!(is_in_the_matrix(&command.body));
                let ctx =
                    UserContext { now: world.now, catalog: &world.catalog, directory: &world.directory };
                let decided = decide(user.as_deref(), &command, &ctx);
                let expected =
                    may(world.directory.get(&name(actor)).map(|user| &**user), asked, user.as_deref());
                cells += 1;
                if decided.is_ok() != expected {
                    wrong.push(format!(
                        "{what_they_are} ({actor}), {asked:?} on {target}: expected {}, got {:?}",
                        if expected { "allowed" } else { "refused" },
                        decided.map(|events| events.len())
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The matrix has who may delegate; this test has to whom, and for how long.
#[test]
fn authority_is_lent_to_one_sorumlu_of_the_unit_for_a_time() {
    let mut world = World::new();
    let ask = |world: &World, to: &str, from_hours: i64, to_hours: i64| {
        let yetkili = world.directory.get(&name("yetkili.a2")).unwrap();
        let at = |hours| world.now + SignedDuration::from_hours(hours);
        let command = UserCommand {
            id: CommandId(Uuid::from_u128(1)),
            actor: Actor::Staff(yetkili.name.clone()),
            expected_version: Some(yetkili.version),
            at: world.now,
            user: yetkili.name.clone(),
            body: UserCommandBody::Delegate {
                delegation: Delegation { to: name(to), starts_at: at(from_hours), ends_at: at(to_hours) },
            },
        };
        let ctx = UserContext { now: world.now, catalog: &world.catalog, directory: &world.directory };
        decide(Some(yetkili), &command, &ctx).map(drop)
    };
    assert_eq!(ask(&world, "sorumlu.a1", 0, 24), Ok(()));
    assert_eq!(ask(&world, "sorumlu.a1", 48, 72), Ok(()), "one that is to come");
    for unfit in ["sorumlu.b", "yetkili.a", "koord.a", "yonetici", "yetkili.a2", "kimse"] {
        assert_eq!(ask(&world, unfit, 0, 24), Err(UserRefusal::DelegateUnfit), "{unfit}");
    }
    for (from, to) in [(24, 24), (24, 0), (-48, -24), (0, 24 * 367)] {
        assert_eq!(ask(&world, "sorumlu.a1", from, to), Err(UserRefusal::PeriodUnfit), "{from}..{to}");
    }
    world.lend("yetkili.a2", "sorumlu.a2", 1);
    assert_eq!(ask(&world, "sorumlu.a1", 48, 72), Err(UserRefusal::AlreadyDelegated), "only one person");
    world.now += SignedDuration::from_hours(25);
    assert_eq!(ask(&world, "sorumlu.a1", 0, 24), Ok(()), "the other is over");
}
