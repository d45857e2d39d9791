//! How long a rebuild of the read model takes, from Kafka.

use std::sync::Arc;
use std::time::Instant;

use ebasvuru_analytics::rebuild::rebuild;
use ebasvuru_analytics::sink::Options;
use ebasvuru_workflow::domain::ids::{ApplicationId, EventId, SubmissionId};
use ebasvuru_workflow::log::{Log, Outgoing, topic};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::analytics::written;
use crate::broker::Broker;
use crate::server::Server;
use crate::table::{Goal, Line, thousands};
use crate::world::{World, renamed};

const APPLICATIONS: usize = 1_000_000;
/// Whole lifecycles that are copied under new ids.
const SAMPLES: usize = 2_000;
const GOAL_SECONDS: f64 = 240.0;

pub fn of_a_million() -> Vec<Line> {
    let (broker, server) = (Broker::start(), Server::start());
    let samples = written(&World::new(), SAMPLES);
    let mut records = 0;
    for round in 0..APPLICATIONS / SAMPLES {
        records += broker.publish(samples.iter().map(|it| copy(it, round)));
    }
    let log: Arc<dyn Log> = Arc::new(broker.log.clone());
    let client = server.database("rebuilt");
    let (stop, runtime) = (CancellationToken::new(), server.runtime.handle());
    let began = Instant::now();
    let mut progress = |progress| eprintln!("{progress}");
    let rebuilt = rebuild(&log, &client, &Options::new("bench"), runtime, &stop, &mut progress).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!((rebuilt.applications, rebuilt.rejects), (APPLICATIONS as u64, 0));
    vec![Line {
        what: format!(
            "rebuild of {} applications, {} records",
            thousands(APPLICATIONS as f64),
            thousands(records as f64)
        ),
        figure: format!("{seconds:.0} s"),
        reference: String::new(),
        ratio: None,
        goal: Goal::Of("≤ 240 s", seconds <= GOAL_SECONDS),
    }]
}

/// The record for another application, which depends on its own and on the round.
fn copy(sample: &Outgoing, round: usize) -> Outgoing {
    let id = std::str::from_utf8(&sample.key.as_ref().unwrap()[..36]).unwrap();
    let seed = Uuid::parse_str(id).unwrap().as_u128() ^ round as u128;
    let id = ApplicationId::of(SubmissionId(Uuid::from_u128(seed)));
    let copy = renamed(sample, id);
    if copy.topic != topic::EVENTS {
        return copy;
    }
    // An event begins with its id.
    let mut event = String::from_utf8(copy.value.unwrap().to_vec()).unwrap();
    let (_, rest) = event.split_once(r#""seq":"#).unwrap();
    let seq = rest.split(',').next().unwrap().parse().unwrap();
    let at = r#"{"id":""#.len();
    event.replace_range(at..at + 36, &EventId::of(&id.to_string(), seq).to_string());
    Outgoing { value: Some(event.into()), ..copy }
}
