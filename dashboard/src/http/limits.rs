//! What one server takes. None of it is a setting: each number has a reason that holds for any
//! ministry, and the load of a real one stays far below.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How a body must come in.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The longest silence within a body.
    pub idle: Duration,
    /// For how long [`Pace::floor`] asks nothing.
    pub grace: Duration,
    /// The least on average after that, in bytes a second.
    pub floor: u32,
}

/// What one server takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address; the same as `connections` where all come from a proxy.
    pub per_client: usize,
    /// How long the header of a request may take, and how long a connection may wait for one.
    pub header: Duration,
    /// The largest header of a request, with its first line.
    pub header_bytes: usize,
    /// How a body must come in.
    pub pace: Pace,
    /// How much of a body that nobody reads is taken in and thrown away, so that the sender
    /// sees the answer and no broken connection.
    pub unread: u64,
    /// How long the client may take nothing of an answer.
    pub stall: Duration,
    /// How long requests may go on once the process stops.
    pub goodbye: Duration,
}

impl Limits {
    /// Pages for people. `behind_proxy`: every connection is the proxy's.
    #[must_use]
    pub fn web(behind_proxy: bool) -> Self {
        // A thousand people at four connections each, at some 20 KiB of memory a connection.
        let connections = descriptors(4096, 4);
        // An office behind one router; whoever wants to fill the server needs eight of these.
        let per_client = if behind_proxy { connections } else { connections / 8 };
        // A proxy keeps its connections for a minute, and must not send on one that just ends here.
        let header = if behind_proxy { Duration::from_secs(75) } else { Self::any().header };
        Self { connections, per_client, header, ..Self::any() }
    }

    /// Health and metrics: a few machines ask.
    #[must_use]
    pub fn health() -> Self {
        let connections = descriptors(64, 8);
        Self { connections, per_client: connections, ..Self::any() }
    }

    fn any() -> Self {
        Self {
            connections: 0,
            per_client: 0,
            // A header is one or two packets. Browsers open a connection anew without a word.
            header: Duration::from_secs(20),
            // Twice what proxies send; the longest address of ours is some 2 KiB.
            header_bytes: 32 * 1024,
            // The slowest mobile line sends 4 KiB a second, and loses the net for half a minute.
            pace: Pace { idle: Duration::from_secs(30), grace: Duration::from_secs(30), floor: 4 * 1024 },
            // Three times the largest file: what people choose by mistake still gets its answer.
            unread: 64 * 1024 * 1024,
            // The kernel's buffer empties a third before it counts as progress.
            stall: Duration::from_secs(60),
            // Container engines kill after 10 s.
            goodbye: Duration::from_secs(8),
        }
    }
}

/// Lets this process open as many files as it ever may: connections are files, and what a shell
/// gives (1,024) is meant for programs that have none.
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

/// `most` connections, or the `share`th part of the files that this process may open: the log,
/// the store and the other servers need the rest.
fn descriptors(most: usize, share: u64) -> usize {
    let may_open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(may_open / share).map_or(most, |part| part.min(most))
}
