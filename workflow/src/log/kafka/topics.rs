//! Creating topics and telling how existing ones differ.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::config::{ANSWER, ClientKind, KafkaConfig};
use super::context::Quiet;
use super::error::{classify, of_code};
use super::lookup::Lookup;
use crate::log::{LogError, Retention, TopicSpec, topic};

const IN_SYNC: &str = "min.insync.replicas";
const DAY_MS: u64 = 86_400_000;

/// The setting that says how large a record may be.
const LARGEST: &str = "max.message.bytes";

/// Copies of each partition where nothing else is set.
const COPIES: i32 = 3;

/// How many brokers must have a record before it counts: two, so that no broken disk takes what was
/// acknowledged, also where there are but two copies (nothing is written then while one of the
/// brokers is away, and nothing is lost); one where there is only one copy.
const fn in_sync(copies: i32) -> i32 {
    if copies < 2 { copies } else { 2 }
}

/// A topic's own settings.
fn settings(spec: &TopicSpec, copies: i32) -> Vec<(&'static str, String)> {
    let mut settings = match spec.retention {
        Retention::Days(days) => vec![
            ("cleanup.policy", "delete".into()),
            ("retention.ms", (u64::from(days) * DAY_MS).to_string()),
        ],
        Retention::Forever => vec![("cleanup.policy", "delete".into()), ("retention.ms", "-1".into())],
        // Compacted often, so that a restore reads little more than what is live.
        Retention::Compact => vec![
            ("cleanup.policy", "compact".into()),
            ("min.cleanable.dirty.ratio", "0.1".into()),
            ("segment.ms", (DAY_MS / 24).to_string()),
        ],
    };
    settings.push((IN_SYNC, in_sync(copies).to_string()));
    settings.push((LARGEST, topic::largest_record(spec.name).to_string()));
    settings
}

/// How many copies there shall be on this cluster.
fn copies(config: &KafkaConfig, lookup: &Lookup) -> Result<i32, LogError> {
    let brokers = lookup.brokers()?;
    match config.replication {
        0 if brokers == 1 => {
            tracing::warn!("the cluster is a single broker: topics have one copy, which a broken disk takes");
            Ok(1)
        }
        wanted => {
            let wanted = if wanted == 0 { COPIES } else { wanted };
            if wanted > brokers {
                return Err(LogError::Refused(format!(
                    "kafka.replication asks for {wanted} copies of each topic and the cluster has {brokers} brokers: \
                     start more brokers, or set kafka.replication to what you mean"
                )));
            }
            Ok(wanted)
        }
    }
}

pub(super) fn ensure(
    config: &KafkaConfig,
    lookup: &Lookup,
    specs: &[TopicSpec],
) -> Result<Vec<String>, LogError> {
    let admin: AdminClient<Quiet> =
        config.client(ClientKind::Committed).create_with_context(Quiet).map_err(|e| classify(&e))?;
    let options = AdminOptions::new().request_timeout(Some(ANSWER)).operation_timeout(Some(ANSWER));
    let mut differences = Vec::new();
    let (mut existing, mut created) = (Vec::new(), Vec::new());
    let copies = copies(config, lookup)?;
    for spec in specs {
        match lookup.existing_partitions(spec.name)? {
            None => {
                create(&admin, &options, spec, copies)?;
                created.push(spec.name);
            }
            Some(partitions) => {
                existing.push(spec);
                if partitions != spec.partitions {
                    differences.push(format!(
                        "{} has {partitions} partitions, the configuration says {}",
                        spec.name, spec.partitions
                    ));
                }
            }
        }
    }
    // Brokers learn of a new topic and elect its leaders after the creation is acknowledged.
    let give_up = Instant::now() + ANSWER;
    for topic in created {
        while let Err(error) = lookup.bounds(topic) {
            if Instant::now() > give_up {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    for spec in existing {
        let are = lookup.copies(spec.name)?;
        if are != copies {
            differences.push(format!(
                "{} has {are} copies of a partition, the configuration says {copies}: \
                 reassign it (kafka-reassign-partitions), or set kafka.replication",
                spec.name
            ));
        }
        let found = describe(&admin, &options, spec.name)?;
        for (name, wanted) in settings(spec, copies) {
            let is = found.get(name).map_or("", String::as_str);
            let right = match name {
                // More is the operator's choice.
                IN_SYNC => is.parse::<i32>().is_ok_and(|is| is >= in_sync(copies)),
                "cleanup.policy" | "retention.ms" => is == wanted,
                LARGEST => {
                    differences.extend(too_small(spec.name, is, &wanted));
                    true
                }
                // How eagerly it is compacted is the operator's to tune; what is kept is not.
                _ => true,
            };
            if !right {
                differences.push(format!("{} has {name} = {is}, it should be {wanted}", spec.name));
            }
        }
    }
    Ok(differences)
}

/// A line for a topic that would refuse what is made of what was accepted. It is the operator's
/// to raise: the admin call at hand replaces all of a topic's settings at once.
fn too_small(topic: &str, is: &str, wanted: &str) -> Option<String> {
    let takes = |text: &str| text.parse::<u64>().unwrap_or(0);
    (takes(is) < takes(wanted)).then(|| {
        format!(
            "{topic} has {LARGEST} = {is}, it should be {wanted} or more: kafka-configs.sh --alter \
             --entity-type topics --entity-name {topic} --add-config {LARGEST}={wanted}"
        )
    })
}

fn create(
    admin: &AdminClient<Quiet>,
    options: &AdminOptions,
    spec: &TopicSpec,
    copies: i32,
) -> Result<(), LogError> {
    let settings = settings(spec, copies);
    let topic = settings.iter().fold(
        NewTopic::new(spec.name, spec.partitions, TopicReplication::Fixed(copies)),
        |topic, (name, value)| topic.set(name, value),
    );
    for result in wait(admin.create_topics([&topic], options))? {
        match result {
            // Another process was quicker.
            Ok(_) | Err((_, Code::TopicAlreadyExists)) => {}
            Err((topic, code)) => {
                return Err(of_code(code, format!("topic {topic} could not be created: {code}")));
            }
        }
    }
    Ok(())
}

fn describe(
    admin: &AdminClient<Quiet>,
    options: &AdminOptions,
    topic: &str,
) -> Result<HashMap<String, String>, LogError> {
    let mut settings = HashMap::new();
    for resource in wait(admin.describe_configs([&ResourceSpecifier::Topic(topic)], options))? {
        let resource = resource.map_err(|code| of_code(code, format!("topic {topic}: {code}")))?;
        settings.extend(resource.entries.into_iter().filter_map(|e| Some((e.name, e.value?))));
    }
    Ok(settings)
}

/// The admin client answers through a future; its own thread drives it, so a plain wait
/// on a thread of its own will do, inside an async caller too.
fn wait<T: Send>(future: impl Future<Output = Result<T, KafkaError>> + Send) -> Result<T, LogError> {
    let waited = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.map(|runtime| runtime.block_on(future))
            })
            .join()
    });
    match waited {
        Ok(Ok(answer)) => answer.map_err(|e| classify(&e)),
        Ok(Err(error)) => Err(LogError::Unavailable(format!("no thread to wait on: {error}"))),
        Err(_) => Err(LogError::StartOver("the wait for Kafka's answer failed".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_acknowledged_stands_on_two_disks_where_there_are_two() {
        assert_eq!([1, 2, 3, 5].map(in_sync), [1, 2, 2, 2]);
        for retention in [Retention::Days(1), Retention::Forever, Retention::Compact] {
            let spec = TopicSpec { name: "t", partitions: 1, retention };
            assert!(settings(&spec, 3).contains(&("min.insync.replicas", "2".to_owned())));
        }
    }
}
