//! Commands through the worker, exactly once; the reference is the bare copy of the same messages.

use ebasvuru_workflow::domain::application::Action;
use ebasvuru_workflow::log::{Blob, BlobStore, Outgoing, group, topic};

use crate::broker::{Broker, Run};
use crate::table::{Line, rates, volume};
use crate::world::{Received, World};

const APPLICATIONS: usize = 60_000;
const ROUNDS: usize = 3;
/// The actions on the way to an answer, with detours.
const ACTIONS: [Action; 9] = [
    Action::Assign,
    Action::TakeBack,
    Action::Assign,
    Action::AddNote,
    Action::AddAnswer,
    Action::SubmitForApproval,
    Action::SendBack,
    Action::SubmitForApproval,
    Action::Approve,
];

pub fn workflow() -> Vec<Line> {
    let (world, broker) = (World::new(), Broker::start());
    broker.publish(world.users());
    let (mut receive, mut staff) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let applications: Vec<_> = world.received(round as u64).take(APPLICATIONS).collect();
        let commands: Vec<_> = applications.iter().map(|it| it.command.clone()).collect();
        receive.push(measured(&world, &broker, commands));
        let commands = staff_actions(&world, &applications[..APPLICATIONS / 4]);
        staff.push(measured(&world, &broker, commands));
    }
    [("Receive commands", receive), ("a mix of staff commands", staff)]
        .into_iter()
        .flat_map(|(what, runs)| {
            let volume = volume(&runs[0].0);
            let ratios = runs.into_iter().map(|(run, bare)| (run.rate, bare)).collect();
            [rates(what, ratios, "≥ 0.60 of the bare copy", 0.6), volume]
        })
        .collect()
}

/// One action on every application, then the next: no two on one application in a batch.
fn staff_actions(world: &World, applications: &[Received]) -> Vec<Outgoing> {
    let waves = (1..).zip(ACTIONS);
    waves
        .flat_map(|(seen, action)| applications.iter().map(move |it| world.command(it, seen, action)))
        .collect()
}

fn measured(world: &World, broker: &Broker, commands: Vec<Outgoing>) -> (Run, f64) {
    let count = broker.publish(commands);
    let bare = broker.bare(topic::COMMANDS, count);
    (decided(world, broker, count), bare)
}

/// Lets the worker decide the waiting commands, each of which makes an event.
pub fn decided(world: &World, broker: &Broker, count: usize) -> Run {
    let run = broker.run(group::WORKFLOW, topic::COMMANDS, &NoBlobs, count, || world.workflow());
    assert_eq!(run.written[topic::EVENTS], count, "a command was refused");
    run
}

struct NoBlobs;

impl BlobStore for NoBlobs {
    fn put(&self, _: &[Blob]) -> Result<(), String> {
        Ok(())
    }
}
