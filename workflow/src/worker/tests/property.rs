//! A worker that continues and one that restarts from the log have the same state.

use jiff::SignedDuration;
use proptest::prelude::*;

use crate::domain::actor::Actor;
use crate::domain::application::CommandBody;
use crate::domain::user::UserCommandBody;
use crate::log::Processor;
use crate::worker::WorkflowRetention;

use crate::testing::catalog::{DIRECT, OTHER_UNIT, PRE};

use super::harness::{World, days, name, start};

#[derive(Clone, Debug)]
enum Move {
    Command { application: u128, user: &'static str, what: u8, stale: bool },
    Submit { application: u128, hash: &'static str },
    SetActive { user: &'static str, active: bool },
    Commit { chunk: usize },
    Abort { chunk: usize },
    Pass { hours: i64 },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let user = prop::sample::select(vec!["ali", "veli", "can", "yetkili"]);
    let one = prop_oneof![
        8 => (1..5u128, user.clone(), 0..10u8, prop::bool::weighted(0.1))
            .prop_map(|(application, user, what, stale)| Move::Command { application, user, what, stale }),
        4 => (1..5u128, prop::sample::select(vec!["one", "one", "one", "other"]))
            .prop_map(|(application, hash)| Move::Submit { application, hash }),
        1 => (prop::sample::select(vec!["ali", "veli"]), any::<bool>())
            .prop_map(|(user, active)| Move::SetActive { user, active }),
        5 => (1..6usize).prop_map(|chunk| Move::Commit { chunk }),
        1 => (1..6usize).prop_map(|chunk| Move::Abort { chunk }),
        1 => (1..1200i64).prop_map(|hours| Move::Pass { hours }),
    ];
    prop::collection::vec(one, 1..60)
}

fn play(world: &mut World, step: Move) {
    match step {
        Move::Submit { application, hash } => {
            world.submit(application, if application % 2 == 0 { PRE } else { DIRECT }, hash);
        }
        Move::SetActive { user, active } => world.user(user, UserCommandBody::SetActive { active }),
        Move::Command { application, user, what, stale } => {
            let text = world.text(application, "Metin.");
            let (actor, body) = match what {
                0 | 1 => (Actor::Staff(name("ali")), CommandBody::Claim),
                2 => (Actor::Staff(name("yetkili")), CommandBody::Assign { officer: name(user) }),
                3 => (Actor::Staff(name(user)), CommandBody::AddAnswer { text }),
                4 => (Actor::Staff(name(user)), CommandBody::SubmitForApproval),
                5 | 6 => (Actor::Staff(name("yetkili")), CommandBody::Approve),
                7 => {
                    let target = OTHER_UNIT.parse().unwrap();
                    (Actor::Staff(name(user)), CommandBody::ProposeReferral { target, reason: text })
                }
                8 => (Actor::Staff(name("yetkili")), CommandBody::TakeBack),
                _ => (Actor::Citizen, CommandBody::CitizenWithdraw { reason: None }),
            };
            let version = world.version(application).saturating_sub(u64::from(stale));
            let expected = (!matches!(actor, Actor::Citizen)).then_some(version);
            world.command(application, actor, expected, body);
        }
        Move::Commit { chunk } => world.run_in_chunks(chunk),
        Move::Abort { chunk } => {
            let first = world.process_in_chunks(chunk);
            world.processor.aborted();
            let again = world.process_in_chunks(chunk);
            assert_eq!(first.outputs, again.outputs);
            world.processor.aborted();
            if let Some(first) = world.processor.due(world.now) {
                world.processor.aborted();
                assert_eq!(world.processor.due(world.now).map(|again| again.outputs), Some(first.outputs));
                world.processor.aborted();
            }
        }
        Move::Pass { hours } => {
            // Within the deduplication horizon; after it, a repeated submission is a new one.
            let later = world.now.checked_add(SignedDuration::from_hours(hours)).unwrap();
            world.now = later.min(start() + days(89));
            world.tick();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_restored_worker_equals_the_running_one(moves in moves()) {
        let mut world = World::new();
        for step in moves {
            play(&mut world, step);
        }
        world.run();
        let mut restored = world.restored();
        prop_assert_eq!(restored.directory.all(), world.processor.directory.all());
        for (partition, state) in &world.processor.partitions {
            let empty = crate::worker::partition::Partition::default();
            let other = restored.partitions.get(partition).unwrap_or(&empty);
            prop_assert_eq!(state.view(WorkflowRetention::default()), other.view(WorkflowRetention::default()));
        }
        // Later timers are the same, and the sequence of each application has no gap.
        world.now = start() + days(300);
        world.observe();
        let (here, there) = (world.processor.due(world.now), restored.due(world.now));
        prop_assert_eq!(here.map(|step| step.outputs), there.map(|step| step.outputs));
        for n in 1..5 {
            let happened = world.happened(n);
            prop_assert!(happened.iter().filter(|what| *what == "Received").count() <= 1);
            let closings = ["ApprovedPositive", "CitizenWithdrew", "Lapsed"];
            let closed = happened.iter().filter(|what| closings.contains(&what.as_str())).count();
            prop_assert_eq!(world.archived(n).len(), closed);
            prop_assert!(closed <= 1);
        }
    }
}
