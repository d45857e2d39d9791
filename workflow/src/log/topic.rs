//! The topics, what each is for, and how it is kept.

use crate::budget;

/// What e-Devlet publishes: submissions and withdrawals.
pub const SUBMISSIONS: &str = "edevlet.submissions";
/// Messages that could not become a command, raw, with the reason in headers.
pub const DLQ: &str = "edevlet.submissions.dlq";
/// What the citizen is told.
pub const NOTIFICATIONS: &str = "edevlet.notifications";
/// Everything that is asked of an application or a user.
pub const COMMANDS: &str = "ebasvuru.commands";
/// Everything that happened.
pub const EVENTS: &str = "ebasvuru.events";
/// Snapshots of open applications, stubs of closed ones (compacted): the worker's state.
pub const APPLICATIONS: &str = "ebasvuru.applications";
/// Final snapshots of closed applications (compacted).
pub const ARCHIVE: &str = "ebasvuru.archive";
/// Accepted or rejected, to whoever asked.
pub const REPLIES: &str = "ebasvuru.replies";
/// The user directory (compacted, one partition).
pub const USERS: &str = "ebasvuru.users";
/// What is set for the whole installation, the fingerprints of its keys among it
/// (compacted, one partition).
pub const SETTINGS: &str = "ebasvuru.settings";
/// Commands that are none, raw, with the reason in headers.
pub const COMMANDS_DLQ: &str = "ebasvuru.commands.dlq";
/// Which dead letters have been published again, and how often (compacted, one partition).
pub const REPLAYED: &str = "edevlet.submissions.dlq.replayed";

/// The largest record that a topic takes, in bytes.
#[must_use]
pub fn largest_record(topic: &str) -> usize {
    if topic == SUBMISSIONS { budget::INPUT_RECORD } else { budget::RECORD }
}

/// How a topic is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Delete after so many days.
    Days(u32),
    /// Keep everything: what is counted and rebuilt from.
    Forever,
    /// Keep the last record of each key.
    Compact,
}

/// A topic as it should be.
#[derive(Clone, Debug)]
pub struct TopicSpec {
    /// Its name.
    pub name: &'static str,
    /// How many partitions.
    pub partitions: i32,
    /// How it is kept.
    pub retention: Retention,
}
