//! Properties that only Kafka can break.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ebasvuru_workflow::budget;
use ebasvuru_workflow::log::{Log, LogError, Retention, TopicSpec, TransactError};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio_util::sync::CancellationToken;

use ebasvuru_workflow::testing::kafka::TestKafka;

use crate::fixture::{Fixture, PARTITIONS, eventually, keyed, member, own_all, test_kafka, value};
use crate::runner::{Blobs, Pipe};

/// Another client's producer with an open transaction.
fn open_transaction(brokers: &str, topic: &str) -> BaseProducer {
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    let mut config = ClientConfig::new();
    let id = format!("stranger.{topic}");
    config.set("bootstrap.servers", brokers).set("transactional.id", id);
    let producer: BaseProducer = config.create().unwrap();
    producer.init_transactions(Duration::from_secs(10)).unwrap();
    producer.begin_transaction().unwrap();
    producer.send(BaseRecord::to(topic).partition(1).key("k").payload("in the making")).unwrap();
    producer.flush(Duration::from_secs(10)).unwrap();
    producer
}

/// KAFKA-10167: the high watermark of committed records is before an open transaction. A replay that
/// stopped there would miss what the owner was committing.
#[test]
fn a_replay_waits_for_an_open_transaction() {
    let (Some(f), Some(kafka)) = (Fixture::kafka(), test_kafka()) else { return };
    let (input, state) = (f.topic(Retention::Forever), f.topic(Retention::Compact));
    let mut transactor = f.transactor(&member(input, "a"));
    own_all(transactor.as_mut());
    let stranger = open_transaction(kafka.brokers(), state);
    let committed = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(700));
            committed.store(true, Ordering::SeqCst);
            stranger.commit_transaction(Duration::from_secs(10)).unwrap();
        });
        let mut replayed = Vec::new();
        transactor.replay(state, &[1], &mut |record| replayed.push(value(&record))).unwrap();
        assert!(committed.load(Ordering::SeqCst), "the replay did not wait");
        assert_eq!(replayed, ["in the making"]);
    });
}

/// Markers take offsets: the end is found although there is no record at the last offset.
#[test]
fn a_replay_ends_after_an_aborted_transaction() {
    let (Some(f), Some(kafka)) = (Fixture::kafka(), test_kafka()) else { return };
    let (input, state) = (f.topic(Retention::Forever), f.topic(Retention::Compact));
    let mut transactor = f.transactor(&member(input, "a"));
    own_all(transactor.as_mut());
    open_transaction(kafka.brokers(), state).abort_transaction(Duration::from_secs(10)).unwrap();
    let mut count = 0;
    transactor.replay(state, &[1], &mut |_| count += 1).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn a_missing_broker_is_unavailable_and_a_wrong_property_is_refused() {
    use ebasvuru_workflow::log::kafka::{KafkaConfig, KafkaLog};
    let config = |properties: &[(&str, &str)]| KafkaConfig {
        brokers: "127.0.0.1:1".into(),
        env: "test".into(),
        replication: 1,
        properties: properties.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
    };
    let away = KafkaLog::new(config(&[])).unwrap();
    assert!(matches!(away.bounds("t"), Err(LogError::Unavailable(_))));
    let refused = KafkaLog::new(config(&[("no.such.property", "1")])).unwrap_err();
    assert!(refused.to_string().contains("no.such.property"), "{refused}");
}

/// A new topic also has the matching `min.insync.replicas`.
#[test]
fn a_topic_has_the_configured_replication_factor() {
    use ebasvuru_workflow::log::kafka::{KafkaConfig, KafkaLog};
    let Some(kafka) = test_kafka() else { return };
    let log = |replication| {
        let brokers = kafka.brokers().to_owned();
        KafkaLog::new(KafkaConfig { brokers, env: "test".into(), replication, ..KafkaConfig::default() })
            .unwrap()
    };
    let spec = |name| [TopicSpec { name, partitions: 1, retention: Retention::Forever }];
    let said = log(3).ensure_topics(&spec("of-three-copies")).unwrap_err();
    assert!(matches!(said, LogError::Refused(_)), "{said:?}");
    let said = said.to_string();
    assert!(said.contains("kafka.replication") && said.contains('3') && said.contains("1 broker"), "{said}");
    assert!(log(1).bounds("of-three-copies").is_err(), "nothing was made");

    // By default, a topic on a single broker has one copy, which must be in sync.
    assert_eq!(log(0).ensure_topics(&spec("of-one-copy")).unwrap(), Vec::<String>::new());
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    let admin: AdminClient<_> =
        ClientConfig::new().set("bootstrap.servers", kafka.brokers()).create().unwrap();
    let topic = [ResourceSpecifier::Topic("of-one-copy")];
    let found = admin.describe_configs(&topic, &AdminOptions::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = runtime.block_on(found).unwrap().remove(0).unwrap();
    let entry = found.entry_map()["min.insync.replicas"];
    assert_eq!(entry.value.as_deref(), Some("1"));
    assert_eq!(entry.source, rdkafka::admin::ConfigSource::DynamicTopic, "set on the topic itself");
}

/// The broker is killed while a worker runs, and comes back.
#[test]
fn a_broker_killed_under_load_loses_nothing_and_repeats_nothing() {
    if test_kafka().is_none() {
        return;
    }
    let mut kafka = TestKafka::start();
    let f = Fixture::on(&kafka);
    let pipe = Pipe::new(&f);
    let stop = CancellationToken::new();
    thread::scope(|scope| {
        let _stop = stop.clone().drop_guard();
        scope.spawn(|| {
            let producer = f.log.producer().unwrap();
            let mut sent = 0;
            while !stop.is_cancelled() {
                let batch = (sent..sent + 5).map(|i| keyed(pipe.input, &format!("k{}", i % 20), "x"));
                match producer.send(batch.collect()) {
                    Ok(_) => sent += 5,
                    // Sent again: records that were stored before are on the topic twice, and count twice.
                    Err(LogError::Unavailable(_)) => {}
                    Err(error) => panic!("{error}"),
                }
                thread::sleep(Duration::from_millis(5));
            }
        });
        let mut killed = false;
        pipe.run(&f, &Blobs::default(), |_| {
            let here =
                || f.log.bounds(pipe.input).map_or(0, |bounds| bounds.iter().map(|b| b.high).sum::<i64>());
            let before = here();
            if !killed {
                eventually(|| (here() > before + 200).then_some(()));
                kafka.kill9();
                kafka.restart();
                let before = here();
                eventually(|| (here() > before + 200).then_some(()));
                killed = true;
                return false;
            }
            stop.cancel();
            let group = member(pipe.input, "a").group;
            f.log
                .committed(&group, pipe.input)
                .is_ok_and(|p| p.iter().map(|p| p.offset).sum::<i64>() >= before)
        });
    });
    pipe.is_exact(&f);
}

/// The topic was created by hand, or by an older version.
#[test]
fn a_topic_that_takes_too_little_is_named_and_halts_the_worker() {
    let (Some(f), Some(kafka)) = (Fixture::kafka(), test_kafka()) else { return };
    let name: &'static str = Box::leak(format!("t{}", uuid::Uuid::new_v4().simple()).into_boxed_str());
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", kafka.brokers());
    let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
    let topic = NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1)).set("max.message.bytes", "2000");
    let topics = [topic];
    let made = admin.create_topics(&topics, &AdminOptions::new());
    tokio::runtime::Runtime::new().unwrap().block_on(made).unwrap();
    let input = f.topic(Retention::Forever);

    let spec = TopicSpec { name, partitions: PARTITIONS, retention: Retention::Days(7) };
    let said = eventually(|| f.log.ensure_topics(std::slice::from_ref(&spec)).ok());
    let wanted = format!("max.message.bytes={}", budget::RECORD);
    assert!(said.iter().any(|line| line.contains(name) && line.contains(&wanted)), "{said:?}");

    let mut transactor = f.transactor(&member(input, "a"));
    own_all(transactor.as_mut());
    let noise: String = (0..500).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let refused = transactor.transact(&[], vec![keyed(name, "k", &noise)]);
    assert!(matches!(refused, Err(TransactError::TooLarge(_))), "{refused:?}");
    drop(transactor);
    let refused = f.log.producer().unwrap().send(vec![keyed(name, "k", &noise)]);
    assert!(matches!(refused, Err(LogError::TooLarge(_))), "{refused:?}");
}
