//! The settings of all clients, in one place.
//!
//! What exactly-once depends on is fixed here. The operator's `[kafka.properties]` may override the
//! rest (SASL, TLS, sizes, time-outs); a property that would break a guarantee is refused with the
//! reason.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::ClientConfig;

use crate::budget;
use crate::log::{LogError, Member};

/// Where Kafka is and how to talk to it.
#[derive(Clone, Debug, Default)]
pub struct KafkaConfig {
    /// `host:port`, comma-separated.
    pub brokers: String,
    /// The environment (`prod`, `test`): part of every transactional id, so that two
    /// environments on one cluster cannot fence each other.
    pub env: String,
    /// The replication factor of topics that are created. 0 means three, or one if the cluster has a
    /// single broker.
    pub replication: i32,
    /// librdkafka's own properties, passed through.
    pub properties: BTreeMap<String, String>,
}

/// Properties that an operator must not set, and why.
const FIXED: &[(&str, &str)] = &[
    ("bootstrap.servers", "set `kafka.brokers` instead"),
    ("metadata.broker.list", "set `kafka.brokers` instead"),
    ("enable.auto.commit", "offsets are committed with the outputs, never by a timer"),
    ("enable.auto.offset.store", "offsets are committed with the outputs, never by a timer"),
    ("auto.offset.reset", "a new group reads from the first record, or it would lose what came before it"),
    ("isolation.level", "reading uncommitted records would act on what may be aborted"),
    ("group.id", "the group names what has been read"),
    ("group.instance.id", "it is made from the slot"),
    ("group.protocol", "the session time-out and the assignor are set here"),
    ("partition.assignment.strategy", "all members of a group must agree on it"),
    ("transactional.id", "it is made from the group, the environment and the slot"),
    ("enable.idempotence", "a repeated send would append twice"),
    ("acks", "an acknowledged record must be on all in-sync replicas"),
    ("request.required.acks", "an acknowledged record must be on all in-sync replicas"),
    ("partitioner", "another placement would put one application's records on two partitions"),
    ("enable.partition.eof", "the end of a partition is how a replay knows that it is complete"),
    ("delivery.report.only.error", "the transaction itself reports what was not delivered"),
    ("allow.auto.create.topics", "topics are created by `ebasvuru topics`, with their partitions"),
    ("retry.backoff.ms", REPEATS),
    ("retry.backoff.max.ms", REPEATS),
];

const REPEATS: &str = "the time that a commit takes shows whether its request may have been sent twice";
/// How soon librdkafka repeats a request that a lost connection left unanswered, minus up to a fifth at
/// random.
const REPEAT_MS: &str = "100";
/// How long one question to the broker may take.
pub(super) const ANSWER: Duration = Duration::from_secs(10);
/// A call that took less than this has sent at most one request.
pub(super) const SENT_ONCE: Duration = Duration::from_millis(60);

/// Time-outs that must be in descending order, with their defaults in milliseconds: a session must
/// outlast its transaction, and a transaction the delivery of its messages. Otherwise a member that
/// was declared dead could still commit.
const ORDERED: [(&str, u64); 3] =
    [("session.timeout.ms", 45_000), ("transaction.timeout.ms", 30_000), ("message.timeout.ms", 20_000)];

/// The property that must not be below [`budget::RECORD`].
const LARGEST: &str = "message.max.bytes";

/// What a client is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum ClientKind<'a> {
    /// Topics, bounds and offsets, as a reader of committed records sees them.
    Committed,
    /// The same, including what is not committed yet: how far a replay must wait for transactions.
    Written,
    /// The positions of a group that this client never joins.
    Group(&'a str),
    /// Reads partitions outside of any group, up to their ends.
    Reader,
    /// Waits, outside of any group, for what is appended to partitions.
    Follower,
    /// A member of a group.
    Member(&'a Member),
    /// Appends outside of transactions.
    Producer,
    /// Appends within the transactions of a member.
    Transactions(&'a Member),
}

impl KafkaConfig {
    /// Refuses properties that would break a guarantee, and time-outs that contradict each other.
    pub(super) fn check(&self) -> Result<(), LogError> {
        if self.brokers.trim().is_empty() {
            return Err(LogError::Refused("kafka.brokers is empty: give host:port".into()));
        }
        for (name, why) in FIXED {
            if self.properties.contains_key(*name) {
                return Err(LogError::Refused(format!(
                    "kafka.properties must not set {name}: {why}; remove it"
                )));
            }
        }
        if let Some(text) = self.properties.get(LARGEST)
            && text.trim().parse::<usize>().map_or(true, |bytes| bytes < budget::RECORD)
        {
            return Err(LogError::Refused(format!(
                "kafka.properties: {LARGEST} = {text:?} is below {}, the size of the largest record that the product writes; remove it",
                budget::RECORD
            )));
        }
        for pair in ORDERED.windows(2) {
            let [(outer, _), (inner, _)] = pair else { continue };
            let (longer, shorter) = (self.timeout(outer)?, self.timeout(inner)?);
            if shorter >= longer {
                return Err(LogError::Refused(format!(
                    "kafka.properties: {inner} ({} ms) must be below {outer} ({} ms), so that nothing is committed for a member that has lost its session",
                    shorter.as_millis(),
                    longer.as_millis()
                )));
            }
        }
        Ok(())
    }

    fn timeout(&self, name: &str) -> Result<Duration, LogError> {
        let default = ORDERED.iter().find(|(n, _)| *n == name).map_or(0, |(_, ms)| *ms);
        let ms = match self.properties.get(name) {
            None => default,
            Some(text) => text.trim().parse().map_err(|_| {
                LogError::Refused(format!(
                    "kafka.properties: {name} = {text:?} is not a number of milliseconds"
                ))
            })?,
        };
        Ok(Duration::from_millis(ms))
    }

    /// How long one transaction may take before the broker aborts it.
    pub(super) fn transaction_timeout(&self) -> Duration {
        self.timeout("transaction.timeout.ms").unwrap_or(Duration::from_secs(30))
    }

    /// The settings of a client.
    pub(super) fn client(&self, kind: ClientKind<'_>) -> ClientConfig {
        #[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
        let mut config = ClientConfig::new();
        let mut set = |pairs: &[(&str, &str)]| {
            for (name, value) in pairs {
                config.set(*name, *value);
            }
        };
        let largest = budget::RECORD.to_string();
        set(&[
            ("bootstrap.servers", &self.brokers),
            (LARGEST, &largest),
            ("client.id", "ebasvuru"),
            // A broker that restarts is back within one or two seconds; the default would wait up to 10.
            ("reconnect.backoff.ms", "100"),
            ("reconnect.backoff.max.ms", "2000"),
            ("retry.backoff.ms", REPEAT_MS),
            // For small transactions and staff actions latency matters, not throughput.
            ("socket.nagle.disable", "true"),
        ]);
        let consumer: &[(&str, &str)] = &[
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("auto.offset.reset", "earliest"),
            ("isolation.level", "read_committed"),
            ("enable.partition.eof", "true"),
            // A full queue is checked again after 2 ms instead of 1 s.
            ("fetch.queue.backoff.ms", "2"),
            ("fetch.message.max.bytes", &largest),
            ("queued.min.messages", "200000"),
            // The default, set because memory depends on it (with log::POLL_BYTES).
            ("queued.max.messages.kbytes", "65536"),
        ];
        let producer: &[(&str, &str)] = &[
            ("acks", "all"),
            ("enable.idempotence", "true"),
            ("partitioner", "murmur2_random"),
            ("compression.type", "lz4"),
            ("batch.size", "1048576"),
            ("batch.num.messages", "10000"),
            ("queue.buffering.max.messages", "1000000"),
            // Enough for the outputs of a batch; the default is 1 GiB.
            ("queue.buffering.max.kbytes", "131072"),
            ("message.timeout.ms", "20000"),
        ];
        match kind {
            ClientKind::Committed => set(&[("isolation.level", "read_committed")]),
            ClientKind::Written => set(&[("isolation.level", "read_uncommitted")]),
            ClientKind::Group(group) => {
                set(consumer);
                set(&[("group.id", group)]);
            }
            ClientKind::Reader => {
                set(consumer);
                // librdkafka needs a group name to assign partitions by hand; nothing ever joins
                // this group. The broker answers an empty fetch quickly, so that the end of a
                // partition is known quickly.
                set(&[("group.id", "ebasvuru.reader"), ("fetch.wait.max.ms", "20")]);
            }
            ClientKind::Follower => {
                set(consumer);
                // The broker answers as soon as there is something; until then, twice a second.
                set(&[("group.id", "ebasvuru.reader"), ("fetch.wait.max.ms", "500")]);
            }
            ClientKind::Member(member) => {
                set(consumer);
                set(&[
                    ("group.id", &member.group),
                    ("group.instance.id", &member.slot),
                    ("session.timeout.ms", "45000"),
                    ("heartbeat.interval.ms", "1500"),
                    // Cooperative: when a member joins or leaves, the others keep their partitions
                    // and the state replayed for them. Eager would revoke all partitions of all
                    // members, and each change would cost a full restore.
                    ("partition.assignment.strategy", "cooperative-sticky"),
                    ("fetch.wait.max.ms", "100"),
                ]);
            }
            ClientKind::Producer => {
                set(producer);
                set(&[("linger.ms", "1")]);
            }
            ClientKind::Transactions(member) => {
                set(producer);
                let id = format!("{}.{}.{}", member.group, self.env, member.slot);
                set(&[
                    ("transactional.id", &id),
                    ("transaction.timeout.ms", "30000"),
                    ("delivery.report.only.error", "true"),
                    // As long as a batch is processed, because a commit flushes: a request for each few
                    // records would cost client and broker more than the records.
                    ("linger.ms", "50"),
                ]);
            }
        }
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::group;

    fn with(properties: &[(&str, &str)]) -> KafkaConfig {
        KafkaConfig {
            brokers: "localhost:9092".into(),
            env: "test".into(),
            replication: 1,
            properties: properties.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        }
    }

    #[test]
    fn a_property_that_would_break_a_guarantee_is_refused_by_name() {
        for (name, _) in FIXED {
            let said = with(&[(name, "x")]).check().unwrap_err().to_string();
            assert!(said.contains(name), "{said}");
        }
        with(&[("sasl.username", "x"), ("session.timeout.ms", "60000")]).check().unwrap();
    }

    #[test]
    fn every_client_takes_the_largest_record_and_no_property_lowers_that() {
        let member = Member { group: "g".into(), topic: "t", slot: "0".into() };
        let least = budget::RECORD.to_string();
        for kind in [
            ClientKind::Producer,
            ClientKind::Transactions(&member),
            ClientKind::Member(&member),
            ClientKind::Reader,
            ClientKind::Follower,
        ] {
            assert_eq!(with(&[]).client(kind).get(LARGEST), Some(&*least), "{kind:?}");
        }
        for value in ["1000000", "4000000", "x"] {
            let said = with(&[(LARGEST, value)]).check().unwrap_err().to_string();
            assert!(said.contains(LARGEST) && said.contains(&least), "{said}");
        }
        let more = with(&[(LARGEST, "8388608")]);
        more.check().unwrap();
        assert_eq!(more.client(ClientKind::Producer).get(LARGEST), Some("8388608"));
    }

    #[test]
    fn timeouts_that_contradict_each_other_are_refused() {
        for (name, value) in [
            ("session.timeout.ms", "30000"),
            ("transaction.timeout.ms", "45000"),
            ("transaction.timeout.ms", "20000"),
            ("message.timeout.ms", "30000"),
            ("message.timeout.ms", "soon"),
        ] {
            let said = with(&[(name, value)]).check().unwrap_err().to_string();
            assert!(said.contains(name), "{said}");
        }
    }

    #[test]
    fn a_property_reaches_the_client_and_the_ids_are_made_from_the_slot() {
        let member = Member { group: group::WORKFLOW.into(), topic: "t", slot: "host-1".into() };
        let config = with(&[("linger.ms", "7")]).client(ClientKind::Transactions(&member));
        assert_eq!(config.get("linger.ms"), Some("7"));
        assert_eq!(config.get("transactional.id"), Some("ebasvuru.workflow.test.host-1"));
        assert_eq!(with(&[]).client(ClientKind::Member(&member)).get("group.instance.id"), Some("host-1"));
    }
}
