//! The topics: what each is for, and its retention.

use crate::budget;

/// What e-Devlet publishes: submissions and withdrawals.
pub const SUBMISSIONS: &str = "edevlet.submissions";
/// Messages that could not become a command, unchanged, with the reason in headers.
pub const DLQ: &str = "edevlet.submissions.dlq";
/// Notifications to citizens.
pub const NOTIFICATIONS: &str = "edevlet.notifications";
/// Commands on applications, users and scheduled reports.
pub const COMMANDS: &str = "ebasvuru.commands";
/// Everything that happened to applications, users and scheduled reports.
pub const EVENTS: &str = "ebasvuru.events";
/// Snapshots of open applications and closed markers (compacted): the workers' state.
pub const APPLICATIONS: &str = "ebasvuru.applications";
/// Final snapshots of closed applications (compacted).
pub const ARCHIVE: &str = "ebasvuru.archive";
/// Replies to whoever gave a command: accepted or refused.
pub const REPLIES: &str = "ebasvuru.replies";
/// The user directory (compacted, one partition).
pub const USERS: &str = "ebasvuru.users";
/// What applies to the whole installation: partition count, key fingerprints, scheduled reports
/// (compacted, one partition).
pub const SETTINGS: &str = "ebasvuru.settings";
/// Who opened which personal data (append-only, one partition, so that the sink makes one part of what
/// many people open at once).
pub const AUDIT: &str = "ebasvuru.audit";
/// Records of the commands topic that are no commands, unchanged, with the reason in headers.
pub const COMMANDS_DLQ: &str = "ebasvuru.commands.dlq";
/// Which dead letters have been published again, and how often (compacted, one partition).
pub const REPLAYED: &str = "edevlet.submissions.dlq.replayed";

/// The largest record that a topic takes, in bytes.
#[must_use]
pub fn largest_record(topic: &str) -> usize {
    if topic == SUBMISSIONS { budget::INPUT_RECORD } else { budget::RECORD }
}

/// What a topic keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Records of this many days.
    Days(u32),
    /// All records: what is counted and rebuilt from.
    Forever,
    /// The last record of each key.
    Compact,
}

/// A topic as it should be.
#[derive(Clone, Debug)]
pub struct TopicSpec {
    /// Its name.
    pub name: &'static str,
    /// How many partitions.
    pub partitions: i32,
    /// What it keeps.
    pub retention: Retention,
}
