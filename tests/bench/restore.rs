//! How fast the worker restores its state, and how much memory an entry takes.

use std::time::{Duration, Instant};

use ebasvuru_workflow::domain::application::Action;
use ebasvuru_workflow::log::{Outgoing, Processor, topic};
use ebasvuru_workflow::worker::WorkflowProcessor;

use crate::lifecycles::{copy, held};
use crate::process::resident_mib;
use crate::table::{Goal, Line, rate, thousands};
use crate::world::{Player, World, read};

const ENTRIES: usize = 1_000_000;
const CHUNK: usize = 10_000;

pub fn restore() -> Vec<Line> {
    let world = World::new();
    let (closed_markers, snapshots) = (closed_markers(&world), held(&world));
    // Both live until the end, so that neither reuses the memory of the other.
    let (mut first, mut second) = (world.workflow(), world.workflow());
    let lines = [
        restored("closed markers", &mut first, &closed_markers, Goal::None),
        restored("open applications", &mut second, &snapshots, Goal::Of("≥ 300 000/s", true)),
    ];
    lines.into_iter().flatten().collect()
}

fn restored(what: &str, processor: &mut WorkflowProcessor, samples: &[Outgoing], goal: Goal) -> [Line; 2] {
    let mut spent = Duration::ZERO;
    let before = resident_mib(std::process::id());
    for from in (0..ENTRIES).step_by(CHUNK) {
        // Made outside the measured time, as a poll would return them.
        let chunk = (from..from + CHUNK).map(|n| read(&copy(&samples[n % samples.len()], n)));
        let chunk: Vec<_> = chunk.collect();
        let began = Instant::now();
        chunk.into_iter().for_each(|record| processor.restore(record));
        spent += began.elapsed();
    }
    assert!(processor.process(&[], jiff::Timestamp::UNIX_EPOCH).halt.is_none(), "the state cannot be read");
    let per_second = ENTRIES as f64 / spent.as_secs_f64();
    let each = ((resident_mib(std::process::id()) - before) << 20) / ENTRIES as u64;
    let average = samples.iter().map(|it| it.value.as_ref().unwrap().len()).sum::<usize>() / samples.len();
    let line = |what, figure, reference, goal| Line { what, figure, reference, ratio: None, goal };
    [
        line(
            format!("{} {what} restored", thousands(ENTRIES as f64)),
            rate(per_second),
            String::new(),
            match goal {
                Goal::Of(words, _) => Goal::Of(words, per_second >= 300_000.0),
                Goal::None => Goal::None,
            },
        ),
        line(
            "  bytes of memory each; of the record".into(),
            thousands(each as f64),
            thousands(average as f64),
            Goal::None,
        ),
    ]
}

fn closed_markers(world: &World) -> Vec<Outgoing> {
    let mut player = Player::new(world);
    let applications: Vec<_> = world.received(78).take(1_000).collect();
    player.play(applications.iter().map(|it| it.command.clone()));
    for (seen, action) in
        (1..).zip([Action::Assign, Action::AddAnswer, Action::SubmitForApproval, Action::Approve])
    {
        player.play(applications.iter().map(|it| world.command(it, seen, action)));
    }
    let is_counter = |it: &Outgoing| it.key.as_ref().is_some_and(|key| key.starts_with(b"counter/"));
    player.state(topic::APPLICATIONS).into_iter().filter(|it| !is_counter(it)).cloned().collect()
}
