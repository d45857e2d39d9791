//! From the log into ClickHouse, effectively once.
//!
//! A batch is a range of offsets of one partition. Before it is written, its range is
//! committed as `pending:min-max` beside the offset `min`; then each of its blocks is inserted
//! under a token made of that range; then the next offset is committed. Whoever reads a
//! pending range on assignment reads exactly that range again and sends the same blocks under
//! the same tokens, and ClickHouse keeps what it has not kept before.

pub mod batch;
mod generation;
mod high_watermarks;
mod insert;
mod probe;
mod round;
pub mod row;
mod runner;
pub mod sequence;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::Duration;

use clickhouse::Client;
use ebasvuru_workflow::health::Health;
use ebasvuru_workflow::log::{Log, group, topic};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

pub use batch::Limits;
pub(crate) use generation::{begin_generation, current_generation};
pub(crate) use high_watermarks::high_watermarks;
pub use probe::probe;
pub(crate) use runner::{End, Runner};

/// A topic that the sink reads. One topic, one table: `ebasvuru.events` fills `events`, both
/// topics of snapshots fill `applications`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `ebasvuru.events`
    Events,
    /// `ebasvuru.applications`
    Applications,
    /// `ebasvuru.archive`
    Archive,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Events, Self::Applications, Self::Archive];

    /// The topic.
    #[must_use]
    pub const fn topic(self) -> &'static str {
        match self {
            Self::Events => topic::EVENTS,
            Self::Applications => topic::APPLICATIONS,
            Self::Archive => topic::ARCHIVE,
        }
    }

    /// The consumer group: one for each topic, so that none waits for another's rebalance.
    #[must_use]
    pub const fn group(self) -> &'static str {
        match self {
            Self::Events => group::ANALYTICS_EVENTS,
            Self::Applications => group::ANALYTICS_APPLICATIONS,
            Self::Archive => group::ANALYTICS_ARCHIVE,
        }
    }
}

/// How the sink runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// This replica's slot, stable over restarts and unique among replicas.
    pub slot: String,
    /// When a batch is cut.
    pub limits: Limits,
    /// Above so many bytes of one topic, gathered and in flight, reading waits for writing.
    pub memory: usize,
    /// How many inserts of one topic run at once.
    pub at_once: usize,
}

impl Options {
    /// A page shows what has just happened, and a backlog goes in large blocks.
    #[must_use]
    pub fn new(slot: &str) -> Self {
        Self {
            slot: slot.to_owned(),
            limits: Limits { rows: 50_000, bytes: 32 << 20, linger: Duration::from_millis(100) },
            memory: 256 << 20,
            at_once: 4,
        }
    }
}

/// The health of each of the sink's parts, to be shown by the process.
#[must_use]
pub fn healths() -> [Health; 3] {
    Source::ALL.map(|source| Health::new(source.group()))
}

/// A scope waits for all of its threads: the others end with one that panics, so that it shows.
struct StopOnPanic<'a>(&'a CancellationToken);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.cancel();
        }
    }
}

/// Runs until `stop`: a thread for each topic, inserts on `runtime`. Blocks.
///
/// ClickHouse or the log being away is waited out, however long; `healths` (see [`healths`])
/// says so meanwhile.
pub fn run(
    log: &Arc<dyn Log>,
    client: &Client,
    options: &Options,
    runtime: &Handle,
    stop: &CancellationToken,
    healths: &[Health; 3],
) {
    std::thread::scope(|scope| {
        for (source, health) in Source::ALL.into_iter().zip(healths) {
            let runner = Runner::new(source, log.as_ref(), client, options, runtime, stop, health);
            scope.spawn(move || {
                let _guard = StopOnPanic(stop);
                runner.run()
            });
        }
    });
}
