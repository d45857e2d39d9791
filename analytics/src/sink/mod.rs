//! From the log into ClickHouse, effectively once.
//!
//! A batch is a range of offsets of one partition. Before it is written, the offset `min` is
//! committed with the metadata `pending:min-max`; then each of its blocks is inserted under a token
//! made of that range; then the next offset is committed. A sink that is assigned a partition with a
//! pending range reads exactly that range again and sends the same blocks under the same tokens, and
//! ClickHouse keeps those that it does not have yet.

pub mod batch;
mod generation;
mod high_watermarks;
mod in_flight;
pub(crate) mod insert;
mod probe;
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

/// A topic that the sink reads. Each fills one table: `ebasvuru.events` fills `events`, the two
/// topics of snapshots fill `open_applications`, and `ebasvuru.audit` fills `access_log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `ebasvuru.events`
    Events,
    /// `ebasvuru.applications`
    Applications,
    /// `ebasvuru.archive`
    Archive,
    /// `ebasvuru.audit`
    Audit,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Events, Self::Applications, Self::Archive, Self::Audit];
    /// Those that lists and reports are made of.
    pub const READ_MODEL: [Self; 3] = [Self::Events, Self::Applications, Self::Archive];

    /// The topic.
    #[must_use]
    pub const fn topic(self) -> &'static str {
        match self {
            Self::Events => topic::EVENTS,
            Self::Applications => topic::APPLICATIONS,
            Self::Archive => topic::ARCHIVE,
            Self::Audit => topic::AUDIT,
        }
    }

    /// The consumer group. Each topic has its own, so that none waits for another's rebalance.
    #[must_use]
    pub const fn group(self) -> &'static str {
        match self {
            Self::Events => group::ANALYTICS_EVENTS,
            Self::Applications => group::ANALYTICS_APPLICATIONS,
            Self::Archive => group::ANALYTICS_ARCHIVE,
            Self::Audit => group::ANALYTICS_AUDIT,
        }
    }
}

/// How the sink runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The slot of this replica: stable over restarts, unique among replicas.
    pub slot: String,
    /// When a batch is cut.
    pub limits: Limits,
    /// With more than this many bytes of one topic in memory, reading waits for writing.
    pub max_bytes: usize,
    /// How many inserts of one topic run at once.
    pub max_inserts: usize,
}

impl Options {
    /// Small batches while there is little to write, so that pages are current; large ones for a
    /// backlog.
    #[must_use]
    pub fn new(slot: &str) -> Self {
        Self {
            slot: slot.to_owned(),
            limits: Limits {
                rows: 50_000,
                bytes: 32 << 20,
                linger: Duration::from_millis(100),
                interval: Duration::from_millis(750),
                share: Duration::from_millis(250),
                linger_behind: Duration::from_secs(3),
            },
            max_bytes: 256 << 20,
            max_inserts: 4,
        }
    }
}

/// The health of each part of the sink, for the process to show.
#[must_use]
pub fn healths() -> [Health; 4] {
    Source::ALL.map(|source| Health::new(source.group()))
}

/// Stops the other threads when one panics: their scope waits for all of them, and only then does
/// the panic show.
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
/// While ClickHouse or the log is away, it waits; `healths` (see [`healths`]) tells.
pub fn run(
    log: &Arc<dyn Log>,
    client: &Client,
    options: &Options,
    runtime: &Handle,
    stop: &CancellationToken,
    healths: &[Health; 4],
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
