//! Creates topics, and reports how existing ones differ from their specification.

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

/// The topic setting for the largest record.
const LARGEST: &str = "max.message.bytes";

/// The replication factor unless it is set.
const COPIES: i32 = 3;

/// How many brokers must have a record before it is acknowledged: two, so that one broken disk loses
/// nothing. That is so with two copies as well: nothing is written while one of the brokers is down,
/// and nothing is lost. One if there is only one copy.
const fn in_sync(copies: i32) -> i32 {
    if copies < 2 { copies } else { 2 }
}

/// The settings of a topic.
fn settings(spec: &TopicSpec, copies: i32) -> Vec<(&'static str, String)> {
    let mut settings = match spec.retention {
        Retention::Days(days) => vec![
            ("cleanup.policy", "delete".into()),
            ("retention.ms", (u64::from(days) * DAY_MS).to_string()),
        ],
        Retention::Forever => vec![("cleanup.policy", "delete".into()), ("retention.ms", "-1".into())],
        // Compacted often, so that a restore reads little more than the live records.
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

/// The replication factor for this cluster.
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
    // Brokers elect the leaders of a new topic after its creation is acknowledged.
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
                // A higher number is the operator's choice.
                IN_SYNC => is.parse::<i32>().is_ok_and(|is| is >= in_sync(copies)),
                "cleanup.policy" | "retention.ms" => is == wanted,
                LARGEST => {
                    differences.extend(too_small(spec.name, is, &wanted));
                    true
                }
                // The operator may tune how often it is compacted, but not what is kept.
                _ => true,
            };
            if !right {
                differences.push(format!("{} has {name} = {is}, it should be {wanted}", spec.name));
            }
        }
    }
    Ok(differences)
}

/// A line for a topic that would refuse the largest records. The operator must raise the limit: the
/// admin call of this client would replace all settings of the topic.
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
            // Another process created it first.
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

/// Waits for the future of an admin call. The admin client has a thread of its own that completes it,
/// so a separate thread can block on it, even if the caller is async.
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
    fn an_acknowledged_record_is_on_two_brokers_if_there_are_two_copies() {
        assert_eq!([1, 2, 3, 5].map(in_sync), [1, 2, 2, 2]);
        for retention in [Retention::Days(1), Retention::Forever, Retention::Compact] {
            let spec = TopicSpec { name: "t", partitions: 1, retention };
            assert!(settings(&spec, 3).contains(&("min.insync.replicas", "2".to_owned())));
        }
    }
}
