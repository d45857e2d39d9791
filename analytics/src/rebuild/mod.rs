//! Rebuilds the read model from the log.
//!
//! A rebuild needs the groups of the sink for itself. It asks whether they have members, which
//! disturbs none, and joins them only if they have none. It continues only when it owns every
//! partition, so that it never runs together with a sink that starts meanwhile. Then it begins a new
//! generation of insert tokens, resets the groups to the beginning, and only after that empties the
//! tables: wherever it is interrupted, a sink writes everything that is missing. From then on it *is*
//! a sink, which ends at the offsets that the log had at the start; a sink that starts meanwhile
//! takes over some partitions.

mod progress;

use std::sync::Arc;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Consumer, Log, LogError, Member, Polled, Position};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::sink::{End, Options, Runner, Source, begin_generation, healths, high_watermarks};
use crate::sweep::{SweepError, sweep_all};
use progress::Offsets;
pub use progress::{Progress, Share};

/// Longer than a killed sink stays a member of its group (Kafka: 45 s).
const MEMBERS_TIMEOUT: Duration = Duration::from_secs(60);
/// How often the progress is told.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(5);
/// How often to look whether the log is written.
const TICK: Duration = Duration::from_millis(50);
/// How often to ask whether a sink runs.
const ASK_INTERVAL: Duration = Duration::from_millis(500);
/// The slot of the rebuild itself.
const SLOT: &str = "rebuild";

/// The tables that are a copy of the log. `sweeps` comes first: without its rows nothing that is closed
/// counts from elsewhere.
const TABLES: [&str; 9] = [
    "sweeps",
    "closed_applications",
    "closed_figures",
    "closed_days",
    "closed_snapshots",
    "closed_people",
    "open_applications",
    "events",
    "sink_rejects",
];

/// What is in the tables after a rebuild.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rebuilt {
    /// The generation of the insert tokens.
    pub generation: u64,
    /// Rows of `events`.
    pub events: u64,
    /// Applications.
    pub applications: u64,
    /// Records that could not be read.
    pub rejects: u64,
}

/// Why a rebuild failed.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// A sink owns partitions. Nothing was changed.
    #[error(
        "{code}: a sink is running ({group} has not given up all of its partitions): stop it, then rebuild",
        code = ErrorCode::SinkRuns
    )]
    SinkRuns {
        /// The group.
        group: &'static str,
    },
    /// It was stopped. A new rebuild starts anew; a sink would finish this one.
    #[error("stopped before the end: a sink continues from there, another rebuild starts anew")]
    Stopped,
    /// The log.
    #[error("the read model was not rebuilt")]
    Log(#[from] LogError),
    /// ClickHouse.
    #[error("the read model was not rebuilt")]
    ClickHouse(#[from] clickhouse::error::Error),
    /// Everything is written, but the closed applications are not yet apart.
    #[error("the read model is filled, but not swept: the sink continues")]
    Sweep(#[from] SweepError),
}

impl RebuildError {
    /// The code, if it has one of its own.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::SinkRuns { .. } => Some(ErrorCode::SinkRuns),
            Self::Stopped | Self::Log(_) | Self::ClickHouse(_) | Self::Sweep(_) => None,
        }
    }
}

/// Empties the tables of the read model and fills them from the log, up to its current end. Blocks. `progress` is
/// called every few seconds.
///
/// Of `access_log`, which may have rows from before its topic, what came from the topic is removed; the next sink
/// fills it again while the product works. Nobody waits for years of it.
///
/// # Errors
/// See [`RebuildError`].
pub fn rebuild(
    log: &Arc<dyn Log>,
    client: &Client,
    options: &Options,
    runtime: &Handle,
    stop: &CancellationToken,
    progress: &mut dyn FnMut(Progress),
) -> Result<Rebuilt, RebuildError> {
    let generation = reset(log.as_ref(), client, runtime, stop)?;
    let options = Options { slot: SLOT.into(), ..options.clone() };
    let until = Source::READ_MODEL
        .into_iter()
        .map(|source| Ok((source, high_watermarks(log.as_ref(), source.topic())?)))
        .collect::<Result<Vec<_>, LogError>>()?;
    let offsets = Offsets::new(log.as_ref(), &until)?;
    let healths = healths();
    let ended = std::thread::scope(|scope| {
        let threads: Vec<_> = until
            .into_iter()
            .zip(&healths)
            .filter(|((_, until), _)| !until.is_empty())
            .map(|((source, until), health)| {
                let runner = Runner::new(source, log.as_ref(), client, &options, runtime, stop, health);
                scope.spawn(move || runner.until(until).run())
            })
            .collect();
        let mut told = Instant::now();
        while !threads.iter().all(ScopedJoinHandle::is_finished) {
            std::thread::sleep(TICK);
            if told.elapsed() > PROGRESS_INTERVAL {
                told = Instant::now();
                // While the log does not answer, the writers tell.
                if let Ok(share) = offsets.committed(log.as_ref()) {
                    progress(Progress::Writing(share));
                }
            }
        }
        threads.into_iter().all(|thread| thread.join().is_ok_and(|end| end == End::Reached))
    });
    if !ended {
        return Err(RebuildError::Stopped);
    }
    let count = async |sql: &str| client.query(sql).fetch_one::<u64>().await;
    let closed =
        format!("SELECT uniqExact(id) FROM open_applications WHERE topic = '{}'", Source::Archive.topic());
    let (all, began) = (runtime.block_on(count(&closed))?, Instant::now());
    let (mut done, mut told) = (0, Instant::now());
    let mut swept = |applications: usize| {
        done += applications as u64;
        if told.elapsed() > PROGRESS_INTERVAL {
            told = Instant::now();
            progress(Progress::Sweeping(Share { done, all, elapsed: began.elapsed() }));
        }
    };
    sweep_all(log.as_ref(), client, runtime, &Clock::System, stop, &mut swept)?;
    runtime.block_on(async {
        Ok(Rebuilt {
            generation,
            events: count("SELECT uniqExact(id) FROM events").await?,
            applications: count("SELECT uniqExact(id) FROM applications").await?,
            rejects: count("SELECT uniqExact(topic, partition, offset) FROM sink_rejects").await?,
        })
    })
}

/// Joins the groups, resets them to the beginning, and empties the tables.
fn reset(
    log: &dyn Log,
    client: &Client,
    runtime: &Handle,
    stop: &CancellationToken,
) -> Result<u64, RebuildError> {
    await_empty(log, stop)?;
    let mut groups = Source::ALL
        .into_iter()
        .map(|source| own_all(log, source, stop).map(|consumer| (source, consumer)))
        .collect::<Result<Vec<_>, _>>()?;
    let generation = runtime.block_on(begin_generation(client))?;
    for (source, consumer) in &mut groups {
        let beginning: Vec<Position> = log
            .bounds(source.topic())?
            .into_iter()
            .map(|b| Position { partition: b.partition, offset: b.low, metadata: String::new() })
            .collect();
        consumer.commit(&beginning)?;
    }
    for table in TABLES {
        let sql = format!("TRUNCATE TABLE {table} SETTINGS max_table_size_to_drop = 0");
        runtime.block_on(client.query_raw(&sql).execute())?;
    }
    let of_topic = format!("ALTER TABLE access_log DELETE WHERE topic = '{}'", Source::Audit.topic());
    runtime.block_on(client.query_raw(&of_topic).with_setting("mutations_sync", "1").execute())?;
    tracing::info!(insert.generation = generation, "the read model is empty and is filled from the log");
    Ok(generation)
}

/// Waits until no group of the sink has a member. A killed process stays a member for a while.
fn await_empty(log: &dyn Log, stop: &CancellationToken) -> Result<(), RebuildError> {
    let began = Instant::now();
    for source in Source::ALL {
        while log.members(source.group(), source.topic())? > 0 {
            if stop.is_cancelled() {
                return Err(RebuildError::Stopped);
            }
            if began.elapsed() > MEMBERS_TIMEOUT {
                return Err(RebuildError::SinkRuns { group: source.group() });
            }
            std::thread::sleep(ASK_INTERVAL);
        }
    }
    Ok(())
}

/// Joins a group of the sink as its only member.
fn own_all(
    log: &dyn Log,
    source: Source,
    stop: &CancellationToken,
) -> Result<Box<dyn Consumer>, RebuildError> {
    let member = Member { group: source.group().into(), topic: source.topic(), slot: SLOT.into() };
    let partitions = log.bounds(source.topic())?.len();
    let mut consumer = log.consumer(&member)?;
    let mut owned = 0;
    let began = Instant::now();
    while owned < partitions {
        match consumer.poll(1, Duration::from_millis(200))? {
            Polled::Assigned(more) => owned += more.len(),
            Polled::Revoked(fewer) => owned -= fewer.len(),
            Polled::Records(_) | Polled::Idle => {}
        }
        if stop.is_cancelled() {
            return Err(RebuildError::Stopped);
        }
        if began.elapsed() > MEMBERS_TIMEOUT {
            return Err(RebuildError::SinkRuns { group: source.group() });
        }
    }
    Ok(consumer)
}
