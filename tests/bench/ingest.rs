//! Submissions through checks, sealing and routing, exactly once; the reference is the bare copy of the
//! same messages.

use std::time::{Duration, Instant};

use ebasvuru_ingest::generate::Mix;
use ebasvuru_workflow::documents::{Blobs, open};
use ebasvuru_workflow::log::{Outgoing, Processor as _, group, topic};

use crate::broker::{Broker, Run};
use crate::table::{Goal, Line, rate, rates, volume};
use crate::world::{World, read};

const SUBMISSIONS: usize = 150_000;
const ROUNDS: usize = 3;
/// A realistic mix: one in a hundred is bad, one in a hundred is repeated.
const MIX: Mix = Mix { bad: 0.01, duplicates: 0.01 };

pub fn ingest() -> Vec<Line> {
    let (world, broker) = (World::new(), Broker::start());
    let documents = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let blobs = Blobs::new(
        open(documents.path().join("documents").to_str().unwrap()).unwrap(),
        runtime.handle().clone(),
    );
    let measured = |submissions: &mut dyn Iterator<Item = Outgoing>| {
        broker.publish(submissions.take(SUBMISSIONS));
        let bare = broker.bare(topic::SUBMISSIONS, SUBMISSIONS);
        let run = broker.run(group::INGEST, topic::SUBMISSIONS, &blobs, SUBMISSIONS, || world.ingest());
        let written = run.written[topic::COMMANDS] + run.written[topic::DLQ];
        assert_eq!(written, SUBMISSIONS, "each becomes a command or a dead letter");
        (run, bare)
    };
    let (mut referred, mut inline) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let mut submissions = world.submissions(round as u64, MIX);
        referred.push(measured(&mut submissions.by_ref().filter(|it| !has_inline(it))));
        inline.push(measured(&mut submissions));
    }
    let volume = volume(&referred[0].0);
    let ratios = |runs: Vec<(Run, f64)>| runs.into_iter().map(|(run, bare)| (run.rate, bare)).collect();
    vec![
        Line {
            what: "checks, sealing and routing without the log".into(),
            figure: rate(alone(&world)),
            reference: String::new(),
            ratio: None,
            goal: Goal::None,
        },
        rates("submissions, documents by reference", ratios(referred), "≥ 0.70 of the bare copy", 0.7),
        volume,
        rates("submissions, a document inline in each tenth", ratios(inline), "≥ 0.70 of the bare copy", 0.7),
    ]
}

/// The rate of one core without reading or writing the log.
fn alone(world: &World) -> f64 {
    let submissions: Vec<_> = world
        .submissions(0, MIX)
        .filter(|it| !has_inline(it))
        .take(SUBMISSIONS)
        .map(|it| read(&it))
        .collect();
    let mut processor = world.ingest();
    let mut spent = Duration::ZERO;
    for batch in submissions.chunks(1_000) {
        let began = Instant::now();
        let step = processor.process(batch, world.now);
        spent += began.elapsed();
        assert_eq!(step.consumed, batch.len());
        processor.committed();
    }
    SUBMISSIONS as f64 / spent.as_secs_f64()
}

/// Whether a document is in the message: it is stored and synced before its command is committed.
pub fn has_inline(submission: &Outgoing) -> bool {
    let value = submission.value.as_deref().unwrap_or_default();
    value.windows(8).any(|part| part == b"\"data\":\"")
}
