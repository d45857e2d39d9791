//! The topics, as they should be configured.

use std::sync::Arc;

use ebasvuru_workflow::log::{Log, LogError, Retention, TopicSpec, topic};

use crate::process::Process;

/// How long it is known who opened what, in days: ten years.
const AUDIT_DAYS: u32 = 3653;

/// Every topic, with `partitions` for the keyed ones.
///
/// Topics that lists and reports are made of are kept for ever. The others are kept long enough to look into a
/// case.
pub fn specs(partitions: i32) -> Vec<TopicSpec> {
    let spec = |name, retention| TopicSpec { name, partitions, retention };
    let single = |name, retention| TopicSpec { name, partitions: 1, retention };
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
        single(topic::AUDIT, Retention::Days(AUDIT_DAYS)),
        single(topic::USERS, Retention::Compact),
        single(topic::SETTINGS, Retention::Compact),
        single(topic::REPLAYED, Retention::Compact),
    ]
}

/// One line for each existing topic that is not configured as it should be; creates none.
fn differences(log: &dyn Log, partitions: i32) -> Result<Vec<String>, LogError> {
    let mut existing = specs(partitions);
    existing.retain(|spec| log.bounds(spec.name).is_ok());
    log.ensure_topics(&existing)
}

/// Logs how topics differ, at the start of a worker: a topic that takes smaller records than the
/// size budget allows would stop the worker some day.
pub fn warn_of_differences(process: &mut Process, log: &Arc<dyn Log>, partitions: i32) -> anyhow::Result<()> {
    let log = Arc::clone(log);
    // On a thread of its own, because the brokers may be away.
    process.thread("topics", move || match differences(log.as_ref(), partitions) {
        Ok(lines) => lines.iter().for_each(|line| tracing::warn!("a topic is not as configured: {line}")),
        Err(error) => tracing::debug!(error.message = %error, "the settings of the topics cannot be read"),
    })
}
