//! A large chunk of commands leads to what its commands lead to one by one.

use crate::domain::actor::Actor;
use crate::domain::application::{ClosedMarker, CommandBody};
use crate::error_code::ErrorCode;
use crate::log::{Processor, Record, topic};
use crate::message::{Message, Reply};
use crate::testing::catalog::DIRECT;

use super::harness::{World, id, name};

#[test]
fn a_large_chunk_leads_to_what_single_commands_lead_to() {
    let written = |chunk| {
        let mut world = World::new();
        (1..=150).for_each(|n| world.submit(n, DIRECT, "hash"));
        world.run_in_chunks(chunk);
        for n in 1..=150 {
            world.command(n, Actor::Staff(name("ali")), Some(1), CommandBody::Claim);
            let text = world.text(n, "Not");
            world.command(n, Actor::Staff(name("ali")), Some(2), CommandBody::AddNote { text });
            if n % 3 == 0 {
                world.command(n, Actor::Citizen, None, CommandBody::CitizenWithdraw { reason: None });
            }
        }
        world.run_in_chunks(chunk);
        let replies = world.of::<Reply>().into_iter();
        let replies: Vec<_> =
            replies.map(|it| (it.command_id, it.decision, it.application.is_some())).collect();
        let happened: Vec<_> = (1..=150).map(|n| (world.happened(n), world.state_of(n).unwrap().0)).collect();
        assert_eq!(happened.iter().filter(|(_, state)| state == ClosedMarker::TYPE).count(), 50);
        (replies, happened)
    };
    assert_eq!(written(usize::MAX), written(1));
}

#[test]
fn a_snapshot_that_cannot_be_decoded_stops_the_worker_at_its_command() {
    let mut world = World::new();
    (1..=150).for_each(|n| world.submit(n, DIRECT, "hash"));
    world.run();
    for n in [120, 130] {
        let of = |record: &&Record| record.key.as_deref() == Some(id(n).to_string().as_bytes());
        let mut record = world.log[topic::APPLICATIONS].iter().rfind(of).unwrap().clone();
        record.value = Some("{}".into());
        world.processor.restore(record);
    }
    (1..=150).for_each(|n| world.staff(n, "ali", CommandBody::Claim));
    let step = world.process();
    let code = step.halt.as_ref().map(|halt| halt.code);
    assert_eq!((step.consumed, code), (119, Some(ErrorCode::StateUnreadable)));
    world.commit(step);
    assert_eq!((world.happened(119).len(), world.happened(120).len()), (2, 1));
}
