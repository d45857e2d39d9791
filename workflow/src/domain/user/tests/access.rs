//! One-time passwords, ended sessions, and who has known a password.

use super::*;
use crate::domain::application::tests::world::text;
use crate::domain::application::{CommandBody, Refusal};

/// `actor` gives a command on `user`; the directory gets the result.
fn give(world: &mut World, actor: &str, user: &str, body: UserCommandBody) -> Result<(), UserRefusal> {
    let before = world.directory.get(&name(user)).cloned();
    let command = UserCommand {
        id: CommandId(Uuid::new_v4()),
        actor: if actor == "operator" { Actor::Operator } else { Actor::Staff(name(actor)) },
        expected_version: before.as_ref().map(|user| user.version),
        at: world.now,
        user: name(user),
        body,
    };
    let ctx = UserContext { now: world.now, catalog: &world.catalog, directory: &world.directory };
    let events = decide(before.as_deref(), &command, &ctx)?;
    let after = events.iter().fold(before.as_deref().cloned(), evolve);
    world.put(after.unwrap());
    Ok(())
}

fn set_password() -> UserCommandBody {
    UserCommandBody::ChangePassword { password: Sealed("k.new".into()), must_change_password: true }
}

fn hours(world: &mut World, n: i64) {
    world.now += SignedDuration::from_hours(n);
}

/// Claims, answers and proposes as `who`.
fn proposed(world: &mut World, who: &str) -> crate::domain::application::Application {
    let app = world.received("dilekce");
    let app = world.after(app, who, CommandBody::Claim);
    let app = world.after(app, who, CommandBody::AddAnswer { text: text("olur") });
    world.after(app, who, CommandBody::SubmitForApproval)
}

const REFUSED: Result<(), Refusal> = Err(Refusal::ProposerPasswordGiven);

#[test]
fn who_reset_a_password_does_not_approve_proposals_made_under_it() {
    let mut world = World::new();
    let approve = |world: &mut World, app: &_, who: &str| world.ask(app, who, CommandBody::Approve).map(drop);
    let before = proposed(&mut world, "sorumlu.a1");
    hours(&mut world, 1);
    give(&mut world, "yetkili.a", "sorumlu.a1", set_password()).unwrap();
    // The one-time password must be changed first; whoever has it can do that.
    give(&mut world, "sorumlu.a1", "sorumlu.a1", set_password()).unwrap();
    let forged = proposed(&mut world, "sorumlu.a1");
    assert_eq!(approve(&mut world, &forged, "yetkili.a"), REFUSED);
    assert_eq!(approve(&mut world, &forged, "yetkili.a2"), Ok(()), "another Yetkili may");
    assert_eq!(
        approve(&mut world, &before, "yetkili.a"),
        Ok(()),
        "what came before the reset is not in doubt"
    );
    // Neither waiting nor a second reset by anybody changes that.
    hours(&mut world, 100);
    assert_eq!(approve(&mut world, &forged, "yetkili.a"), REFUSED);
    give(&mut world, "yetkili.a2", "sorumlu.a1", set_password()).unwrap();
    assert_eq!(approve(&mut world, &forged, "yetkili.a"), REFUSED);
    give(&mut world, "yetkili.a", "sorumlu.a1", set_password()).unwrap();
    assert_eq!(approve(&mut world, &forged, "yetkili.a"), REFUSED);
    // Once the user has worked with their own password for a day, the account is theirs.
    give(&mut world, "sorumlu.a1", "sorumlu.a1", set_password()).unwrap();
    hours(&mut world, 23);
    let early = proposed(&mut world, "sorumlu.a1");
    assert_eq!(approve(&mut world, &early, "yetkili.a"), REFUSED);
    hours(&mut world, 2);
    let later = proposed(&mut world, "sorumlu.a1");
    assert_eq!(approve(&mut world, &later, "yetkili.a"), Ok(()));
}

#[test]
fn two_users_with_passwords_from_one_yetkili_do_not_approve_each_other() {
    let mut world = World::new();
    for officer in ["sorumlu.a1", "vekil.a"] {
        give(&mut world, "yetkili.a", officer, set_password()).unwrap();
        give(&mut world, officer, officer, set_password()).unwrap();
    }
    let forged = proposed(&mut world, "sorumlu.a1");
    // The Yetkili may be behind the delegate's account.
    assert_eq!(world.ask(&forged, "vekil.a", CommandBody::Approve).map(drop), REFUSED);
    // A Yönetici or an operator, who sets up whole units and approves nothing, does not count.
    for maker in ["yonetici", "operator"] {
        let mut world = World::new();
        for user in ["sorumlu.a1", "yetkili.a"] {
            give(&mut world, maker, user, set_password()).unwrap();
        }
        let app = proposed(&mut world, "sorumlu.a1");
        assert_eq!(world.ask(&app, "yetkili.a", CommandBody::Approve).map(drop), Ok(()), "{maker}");
    }
}

#[test]
fn pages_offer_approval_by_the_same_rule() {
    let mut world = World::new();
    give(&mut world, "yetkili.a", "sorumlu.a1", set_password()).unwrap();
    let app = proposed(&mut world, "sorumlu.a1");
    let offered = |who: &str| {
        let all = crate::domain::application::allowed_actions(
            &app,
            &name(who),
            &world.directory,
            &world.catalog,
            world.now,
        );
        all.into_iter().find(|(action, _)| *action == crate::domain::application::Action::Approve).unwrap().1
    };
    assert_eq!(offered("yetkili.a"), REFUSED);
    assert_eq!(offered("yetkili.a2"), Ok(()));
}

#[test]
fn a_one_time_password_logs_in_once_and_for_a_day() {
    let mut world = World::new();
    let using = || UserCommandBody::UseOneTimePassword;
    let who = "sorumlu.a1";
    assert_eq!(give(&mut world, who, who, using()), Err(UserRefusal::Unchanged), "it is their own");
    for giver in ["yetkili.a", "operator"] {
        give(&mut world, giver, who, set_password()).unwrap();
        hours(&mut world, 23);
        assert_eq!(give(&mut world, who, who, using()), Ok(()), "{giver}");
        assert_eq!(give(&mut world, who, who, using()), Err(UserRefusal::OneTimePasswordUsed), "{giver}");
        give(&mut world, giver, who, set_password()).unwrap();
        hours(&mut world, 24);
        assert_eq!(give(&mut world, who, who, using()), Err(UserRefusal::OneTimePasswordExpired));
        give(&mut world, giver, who, set_password()).unwrap();
        assert_eq!(give(&mut world, who, who, using()), Ok(()), "a new one is new");
    }
    assert_eq!(give(&mut world, "yetkili.a", who, using()), Err(UserRefusal::NotAllowed));
}

#[test]
fn a_logout_ends_one_session_and_all_sessions_if_there_are_too_many() {
    let mut world = World::new();
    let who = "sorumlu.a1";
    let state = |world: &World| world.directory.get(&name(who)).unwrap().clone();
    let epoch = state(&world).sessions_since;
    for n in 0..64 {
        give(&mut world, who, who, UserCommandBody::EndSession { session: ended(n, 9) }).unwrap();
    }
    let user = state(&world);
    assert!((0..64).all(|n| user.access.has_ended(SessionId(Uuid::from_u128(n)))));
    assert!(!user.access.has_ended(SessionId(Uuid::from_u128(64))));
    assert_eq!(user.sessions_since, epoch, "the user's others go on");
    give(&mut world, who, who, UserCommandBody::EndSession { session: ended(64, 9) }).unwrap();
    assert!(state(&world).sessions_since > epoch, "too many at once: all of them end");
    // Expired sessions are forgotten.
    hours(&mut world, 8);
    give(&mut world, who, who, UserCommandBody::EndSession { session: ended(65, 9) }).unwrap();
    hours(&mut world, 2);
    give(&mut world, who, who, UserCommandBody::EndSession { session: ended(66, 20) }).unwrap();
    let left: Vec<_> = state(&world).access.ended_sessions.iter().map(|ended| ended.id.0.as_u128()).collect();
    assert_eq!(left, [66]);
}

/// Records and events of the earlier version have no access data.
#[test]
fn records_without_access_data_still_apply() {
    let user = World::new().directory.get(&name("sorumlu.a1")).unwrap().as_ref().clone();
    let mut old = serde_json::to_value(&user).unwrap();
    old.as_object_mut().unwrap().remove("access").unwrap();
    assert_eq!(serde_json::from_value::<User>(old).unwrap(), user);
    let event = r#"{"id":"00000000-0000-0000-0000-000000000001","user":"sorumlu.a1","seq":2,
        "command_id":"00000000-0000-0000-0000-000000000002","at":"2026-03-02T06:00:00Z",
        "actor":{"kind":"staff","name":"yetkili.a"},"directory_offset":9,
        "what":{"type":"user_password_changed.v1","body":{"must_change_password":true}}}"#;
    let event: UserEvent = serde_json::from_str(event).unwrap();
    let after = evolve(Some(user), &event).unwrap();
    assert_eq!(after.access.password_set_by, Some(Actor::Staff(name("yetkili.a"))));
    assert_eq!(after.access.keepers.len(), 1, "the event said who from the beginning");
}
