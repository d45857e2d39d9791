//! The topics as they should be.

use ebasvuru_workflow::log::{Retention, TopicSpec, topic};

/// Every topic, with `partitions` for the keyed ones.
///
/// What is counted or rebuilt from is kept for ever; what has been decided upon is kept long
/// enough to look into.
pub fn specs(partitions: i32) -> Vec<TopicSpec> {
    let spec = |name, retention| TopicSpec { name, partitions, retention };
    vec![
        spec(topic::SUBMISSIONS, Retention::Days(30)),
        spec(topic::DLQ, Retention::Forever),
        spec(topic::NOTIFICATIONS, Retention::Days(30)),
        spec(topic::COMMANDS, Retention::Days(30)),
        spec(topic::EVENTS, Retention::Forever),
        spec(topic::APPLICATIONS, Retention::Compact),
        spec(topic::ARCHIVE, Retention::Compact),
        spec(topic::REPLIES, Retention::Days(1)),
        TopicSpec { name: topic::USERS, partitions: 1, retention: Retention::Compact },
    ]
}
