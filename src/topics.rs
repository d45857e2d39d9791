//! The topics as they should be.

use ebasvuru_workflow::log::{Retention, TopicSpec, topic};

/// Every topic, with `partitions` for the keyed ones.
///
/// What is counted or rebuilt from is kept for ever; what has been decided upon is kept long
/// enough to look into.
pub fn specs(partitions: i32) -> Vec<TopicSpec> {
    let spec = |name, retention| TopicSpec { name, partitions, retention };
    let single = |name| TopicSpec { name, partitions: 1, retention: Retention::Compact };
    vec![
        spec(topic::SUBMISSIONS, Retention::Days(30)),
        spec(topic::DLQ, Retention::Forever),
        spec(topic::NOTIFICATIONS, Retention::Days(30)),
        spec(topic::COMMANDS, Retention::Days(30)),
        spec(topic::EVENTS, Retention::Forever),
        spec(topic::APPLICATIONS, Retention::Compact),
        spec(topic::ARCHIVE, Retention::Compact),
        spec(topic::REPLIES, Retention::Days(1)),
        spec(topic::COMMANDS_DLQ, Retention::Forever),
        single(topic::USERS),
        single(topic::SETTINGS),
        single(topic::REPLAYED),
    ]
}
