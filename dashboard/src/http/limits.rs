//! The limits of a server. None is a setting: each number has a reason that holds for any ministry, and
//! the real load stays far below.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The minimum pace of a request's body.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The longest time without a byte.
    pub idle: Duration,
    /// The time at the beginning in which [`Pace::floor`] does not apply.
    pub grace: Duration,
    /// The minimum average after that, in bytes per second.
    pub floor: u32,
}

/// The limits of one server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The maximum number of connections.
    pub connections: usize,
    /// The maximum number of one client's connections; the same as `connections` behind a proxy.
    pub per_client: usize,
    /// How long the header of a request may take, and how long a connection may be idle.
    pub header: Duration,
    /// The largest header of a request with its first line, in bytes.
    pub header_bytes: usize,
    /// The minimum pace of a request's body.
    pub pace: Pace,
    /// How much of a body that no handler reads is received and discarded, in bytes, so that the
    /// sender sees the response instead of a broken connection.
    pub drain: u64,
    /// How long the client may take nothing of a response.
    pub stall: Duration,
    /// How long requests may continue once the process stops.
    pub shutdown: Duration,
}

impl Limits {
    /// The limits of a web. `behind_proxy`: every connection is a proxy's.
    #[must_use]
    pub fn web(behind_proxy: bool) -> Self {
        // A thousand people at four connections each, at some 20 KiB of memory a connection.
        let connections = descriptors(4096, 4);
        // An office behind one router; filling the server takes eight such clients.
        let per_client = if behind_proxy { connections } else { connections / 8 };
        // A proxy keeps its connections for a minute, and must not use one that is just being closed.
        let header = if behind_proxy { Duration::from_secs(75) } else { Self::any().header };
        Self { connections, per_client, header, ..Self::any() }
    }

    /// The limits of health and metrics, for a few machines.
    #[must_use]
    pub fn health() -> Self {
        let connections = descriptors(64, 8);
        Self { connections, per_client: connections, ..Self::any() }
    }

    fn any() -> Self {
        Self {
            connections: 0,
            per_client: 0,
            // A header is one or two packets. Browsers reopen connections by themselves.
            header: Duration::from_secs(20),
            // Twice what proxies send; our longest address has some 2 KiB.
            header_bytes: 32 * 1024,
            // The slowest mobile line sends 4 KiB per second, and loses the network for half a minute.
            pace: Pace { idle: Duration::from_secs(30), grace: Duration::from_secs(30), floor: 4 * 1024 },
            // Three times the largest file: a file chosen by mistake still gets its response.
            drain: 64 * 1024 * 1024,
            // A third of the kernel's buffer must be sent before it counts as progress.
            stall: Duration::from_secs(60),
            // Container engines kill after 10 s.
            shutdown: Duration::from_secs(8),
        }
    }
}

/// Raises the limit of open files to its maximum: connections are files, and the default of a shell
/// (1,024) is meant for programs without connections.
pub fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(
            error.message = %error,
            process.open_files_limit = limit.current,
            "the limit of open files could not be raised"
        );
    }
}

/// `max` connections, but at most the `share`th part of the files that this process may open: the
/// log, the store and the other servers need the rest.
fn descriptors(max: usize, share: u64) -> usize {
    let may_open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(may_open / share).map_or(max, |part| part.min(max))
}
