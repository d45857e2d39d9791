//! Random people manage each other. The invariants hold after each command.

mod access;
mod matrix;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::actor::{Actor, Role};
use crate::domain::application::tests::world::{A, B, World, name};
use crate::domain::ids::{CommandId, SessionId, UserName};
use crate::domain::sealed::Sealed;

const NAMES: [&str; 8] =
    ["yonetici", "yetkili.a", "yetkili.b", "sorumlu.a1", "vekil.a", "koord.a", "yeni.bir", "sorumlu.b"];

#[derive(Clone, Debug)]
struct Try {
    actor: Option<usize>,
    user: usize,
    body: UserCommandBody,
    seen: Option<u64>,
    again: bool,
    wait_hours: i64,
}

fn profile() -> impl Strategy<Value = UserProfile> {
    let role = prop::sample::select(Role::ALL.to_vec());
    let unit =
        prop_oneof![4 => Just(Some(A)), 2 => Just(Some(B)), 2 => Just(None), 1 => Just(Some("99-yok"))];
    let full_name = prop_oneof![4 => Just("Ad Soyad"), 2 => Just("Yeni Ad"), 1 => Just("\u{200b} \u{3164}")];
    (role, unit, full_name).prop_map(|(role, unit, full_name)| UserProfile {
        full_name: full_name.into(),
        role,
        unit: unit.map(World::unit),
    })
}

fn ended(id: u128, hours: i64) -> EndedSession {
    let until = World::new().now + SignedDuration::from_hours(hours);
    EndedSession { id: SessionId(Uuid::from_u128(id)), until }
}

fn body() -> impl Strategy<Value = UserCommandBody> {
    let password = Sealed("k.new".into());
    prop_oneof![
        2 => (profile(), any::<bool>()).prop_map({
            let password = password.clone();
            move |(profile, must_change_password)| UserCommandBody::DefineUser {
                profile, password: password.clone(), must_change_password,
            }
        }),
        4 => profile().prop_map(|profile| UserCommandBody::UpdateUser { profile }),
        4 => any::<bool>().prop_map(|active| UserCommandBody::SetActive { active }),
        2 => any::<bool>().prop_map(move |must_change_password| UserCommandBody::ChangePassword {
            password: password.clone(), must_change_password,
        }),
        4 => (0..NAMES.len(), -50..50_i64, -20..500_i64).prop_map(|(to, start, days)| {
            let starts_at = World::new().now + SignedDuration::from_hours(start);
            let delegation = Delegation {
                to: name(NAMES[to]), starts_at, ends_at: starts_at + SignedDuration::from_hours(24 * days),
            };
            UserCommandBody::Delegate { delegation }
        }),
        2 => Just(UserCommandBody::RevokeDelegation),
        2 => Just(UserCommandBody::UseOneTimePassword),
        1 => any::<u128>().prop_map(|id| UserCommandBody::EndSession { session: ended(id, 9) }),
    ]
}

fn attempt() -> impl Strategy<Value = Try> {
    (
        prop::option::weighted(0.85, prop_oneof![3 => 0..2_usize, 2 => 0..NAMES.len()]),
        0..NAMES.len(),
        body(),
        prop::option::weighted(0.95, prop_oneof![8 => Just(0), 1 => Just(1_u64)]),
        prop::bool::weighted(0.1),
        0..30_i64,
    )
        .prop_map(|(actor, user, body, seen, again, wait_hours)| {
            // Commands that are only allowed on oneself are given there, or hardly any would pass.
            let user = match (&body, actor) {
                (
                    UserCommandBody::Delegate { .. }
                    | UserCommandBody::UseOneTimePassword
                    | UserCommandBody::EndSession { .. },
                    Some(actor),
                ) => actor,
                _ => user,
            };
            Try { actor, user, body, seen, again, wait_hours }
        })
}

fn administrators(world: &World) -> usize {
    world.directory.administrators().count()
}

/// Whether the requirements allow the actor to make this happen.
fn entitled(world: &World, command: &UserCommand, before: Option<&User>) -> bool {
    let Actor::Staff(actor) = &command.actor else { return command.actor == Actor::Operator };
    let actor = world.directory.get(actor).unwrap();
    let own = actor.name == command.user;
    let unit_officer = |profile: &UserProfile| {
        profile.role == Role::Officer && profile.unit.is_some() && profile.unit == actor.profile.unit
    };
    let after = match &command.body {
        UserCommandBody::DefineUser { profile, .. } | UserCommandBody::UpdateUser { profile } => {
            Some(profile)
        }
        _ => None,
    };
    let manages = match actor.profile.role {
        Role::Administrator => true,
        Role::Supervisor => before.map(|user| &user.profile).into_iter().chain(after).all(unit_officer),
        Role::Officer | Role::Coordinator => false,
    };
    actor.active
        && match &command.body {
            UserCommandBody::ChangePassword { .. } => own || manages,
            UserCommandBody::Delegate { .. } => own && actor.profile.role == Role::Supervisor,
            UserCommandBody::RevokeDelegation => own || manages,
            UserCommandBody::SetActive { active } => manages && (!own || *active),
            UserCommandBody::DefineUser { .. } | UserCommandBody::UpdateUser { .. } => manages,
            UserCommandBody::UseOneTimePassword | UserCommandBody::EndSession { .. } => own,
        }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn user_invariants_hold(tries in prop::collection::vec(attempt(), 1..80)) {
        let mut world = World::new();
        let mut happened: HashMap<UserName, Vec<UserEvent>> = HashMap::new();
        for (n, attempt) in tries.iter().enumerate() {
            world.now += SignedDuration::from_hours(attempt.wait_hours);
            let user = name(NAMES[attempt.user]);
            let before = world.directory.get(&user).cloned();
            let version = before.as_ref().map_or(0, |user| user.version);
            let command = UserCommand {
                id: CommandId(Uuid::from_u128(n as u128)),
                actor: attempt.actor.map_or(Actor::Operator, |actor| Actor::Staff(name(NAMES[actor]))),
                expected_version: attempt.seen.map(|behind| version.saturating_sub(behind)),
                at: world.now,
                user: user.clone(),
                body: attempt.body.clone(),
            };
            let ctx = UserContext { now: world.now, catalog: &world.catalog, directory: &world.directory };
            let Ok(events) = decide(before.as_deref(), &command, &ctx) else { continue };
            prop_assert!(!events.is_empty());
            prop_assert!(entitled(&world, &command, before.as_deref()), "{:?} on {:?}", command, before);
            // For a logout the version does not matter.
            let asks_nothing = matches!(command.body, UserCommandBody::EndSession { .. });
            let seen = command.expected_version.is_none_or(|seen| seen == version || before.is_none());
            prop_assert!(seen || asks_nothing);
            for (seq, event) in (version + 1..).zip(&events) {
                prop_assert_eq!(event.seq, seq);
                let json = serde_json::to_string(event).unwrap();
                prop_assert!(!json.contains("k.new"), "a password never reaches the events topic");
                prop_assert_eq!(serde_json::from_str::<UserEvent>(&json).unwrap().seq, seq);
            }
            let after = events.iter().fold(before.as_deref().cloned(), evolve).unwrap();
            if attempt.again {
                prop_assert_eq!(decide(Some(&after), &command, &ctx), Ok(Vec::new()));
            }
            if let Some(lent) = &after.delegation {
                let unit = after.profile.unit.as_ref().unwrap();
                prop_assert!(after.is_active_in(Role::Supervisor, unit), "only an active Yetkili lends");
                prop_assert!(lent.starts_at < lent.ends_at);
            }
            prop_assert_eq!(after.profile.unit.is_none(), after.profile.role == Role::Administrator);
            happened.entry(user).or_default().extend(events);
            let offset = world.directory.offset();
            world.directory.put(Arc::new(after), offset);
            prop_assert!(administrators(&world) > 0, "an active Yönetici remains");
        }
        // A replay of the events gives the same users.
        if let Some(events) = happened.get(&name("yeni.bir")) {
            let again = events.iter().fold(None, evolve);
            prop_assert_eq!(again.as_ref(), world.directory.get(&name("yeni.bir")).map(|user| &**user));
        }
    }
}

#[test]
fn json_of_commands_events_and_user() {
    let mut world = World::new();
    let profile =
        UserProfile { full_name: "Yeni Biri".into(), role: Role::Supervisor, unit: Some(World::unit(A)) };
    let password = Sealed("k.secret".into());
    let delegation = Delegation {
        to: name("sorumlu.a1"),
        starts_at: world.now,
        ends_at: world.now + SignedDuration::from_hours(48),
    };
    let moved = UserProfile { unit: Some(World::unit(B)), ..profile.clone() };
    let must = true;
    let (own, admin) = ("yeni.bir", "yonetici");
    let script = [
        (
            admin,
            UserCommandBody::DefineUser { profile, password: password.clone(), must_change_password: must },
        ),
        (own, UserCommandBody::UseOneTimePassword),
        (own, UserCommandBody::ChangePassword { password, must_change_password: false }),
        (own, UserCommandBody::EndSession { session: ended(7, 9) }),
        (own, UserCommandBody::Delegate { delegation: delegation.clone() }),
        (own, UserCommandBody::RevokeDelegation),
        (own, UserCommandBody::Delegate { delegation }),
        (admin, UserCommandBody::UpdateUser { profile: moved }),
        (admin, UserCommandBody::SetActive { active: false }),
        (admin, UserCommandBody::SetActive { active: true }),
    ];
    let (mut user, mut commands, mut events) = (None::<User>, Vec::new(), Vec::new());
    for (n, (actor, body)) in (1_u128..).zip(script) {
        let command = UserCommand {
            id: CommandId(Uuid::from_u128(n)),
            actor: Actor::Staff(name(actor)),
            expected_version: user.as_ref().map(|user| user.version),
            at: world.now,
            user: name(own),
            body,
        };
        let ctx = UserContext { now: world.now, catalog: &world.catalog, directory: &world.directory };
        let happened = decide(user.as_ref(), &command, &ctx).unwrap();
        user = happened.iter().fold(user, evolve);
        world.put(user.clone().unwrap());
        commands.push(command);
        events.extend(happened);
    }
    insta::assert_json_snapshot!("commands", commands);
    insta::assert_json_snapshot!("events", events);
    insta::assert_json_snapshot!("user", user);
}
