//! Whole lifecycles of applications, with few and with many other applications in the worker's memory;
//! and how fast that state is restored from Kafka.

use ebasvuru_workflow::domain::application::Action;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::{ApplicationId, SubmissionId};
use ebasvuru_workflow::log::{Outgoing, topic};
use uuid::Uuid;

use crate::broker::Broker;
use crate::table::{Goal, Line, rate, rates, thousands};
use crate::workflow::decided;
use crate::world::{Player, World, renamed};

const STORED: [usize; 2] = [100_000, 1_000_000];
const LIFECYCLES: usize = 12_000;
const ROUNDS: usize = 3;
/// The actions after `Receive`.
const ACTIONS: [Action; 4] = [Action::Assign, Action::AddAnswer, Action::SubmitForApproval, Action::Approve];
/// How many different snapshots are copied under new identities.
const SAMPLES: usize = 2_000;

pub fn lifecycles() -> Vec<Line> {
    let (world, broker) = (World::new(), Broker::start());
    broker.publish(world.users());
    let samples = held(&world);
    let (mut lines, mut stored, mut before) = (Vec::new(), 0, None);
    for wanted in STORED {
        broker.publish((stored..wanted).map(|n| copy(&samples[n % samples.len()], n)));
        stored = wanted;
        let mut rounds: Vec<_> = (0..ROUNDS).map(|round| measured(&world, &broker, stored + round)).collect();
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let lived = rounds[ROUNDS / 2].0;
        let restored = rounds.into_iter().map(|(_, restored, bare)| (restored, bare)).collect();
        let ratio = before.map(|before| lived / before);
        lines.push(Line {
            what: format!("lifecycles with {} open ones stored", thousands(stored as f64)),
            figure: rate(lived),
            reference: before.map(rate).unwrap_or_default(),
            ratio,
            goal: Goal::Of(
                "≥ 500/s, ≥ 0.90 of the rate at 100 000",
                lived >= 500.0 && ratio.is_none_or(|r| r >= 0.9),
            ),
        });
        lines.push(rates("  restored before; read bare", restored, "≥ 0.70 of reading it bare", 0.7));
        before.get_or_insert(lived);
    }
    lines
}

/// Lifecycles per second; state records restored per second before them, and read bare.
fn measured(world: &World, broker: &Broker, seed: usize) -> (f64, f64, f64) {
    let applications: Vec<_> = world.received(seed as u64).take(LIFECYCLES).collect();
    let mut count = broker.publish(applications.iter().map(|it| it.command.clone()));
    for (seen, action) in (1..).zip(ACTIONS) {
        count += broker.publish(applications.iter().map(|it| world.command(it, seen, action)));
    }
    let run = decided(world, broker, count);
    let (records, restored) = run.restored;
    let bare = broker.read_bare(topic::APPLICATIONS, records as usize);
    (run.rate / (1 + ACTIONS.len()) as f64, restored, bare)
}

/// Snapshots of held applications with an answer, as the worker wrote them.
pub fn held(world: &World) -> Vec<Outgoing> {
    let mut player = Player::new(world);
    let applications: Vec<_> = world.received(77).take(SAMPLES).collect();
    player.play(applications.iter().map(|it| it.command.clone()));
    player.play(applications.iter().map(|it| world.command(it, 1, Action::Assign)));
    player.play(applications.iter().map(|it| world.command(it, 2, Action::AddAnswer)));
    let state = player.state(topic::APPLICATIONS).into_iter().cloned();
    state
        .filter(|record| serde_json::from_slice::<Application>(record.value.as_ref().unwrap()).is_ok())
        .collect()
}

/// A copy of the record for another application.
pub fn copy(sample: &Outgoing, n: usize) -> Outgoing {
    renamed(sample, ApplicationId::of(SubmissionId(Uuid::from_u128(n as u128))))
}
