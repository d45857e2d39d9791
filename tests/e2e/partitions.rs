//! Adding partitions: workers refuse them until the state has moved, and no submission is received twice.

use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Log, Outgoing, group, topic};
use ebasvuru_workflow::testing::kafka::TestKafka;
use ebasvuru_workflow::testing::records;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
use rdkafka::client::DefaultClientContext;

use crate::load::{assert_conserved, settled};
use crate::product::{Backend, Product, eventually};

#[test]
fn with_more_partitions_nothing_is_received_twice() {
    let Some(mut product) = Product::new(Backend::Kafka) else { return };
    // A killed member stays in its group for this long.
    for (name, ms) in [("SESSION", "6000"), ("TRANSACTION", "5000"), ("MESSAGE", "4000")] {
        product.set(&format!("EBASVURU__KAFKA__PROPERTIES__{name}__TIMEOUT__MS"), ms);
    }
    // On a new log the key ring is created, too, once.
    assert!(product.run(&["topics"]).contains("keyring.toml"));
    assert_eq!(product.run(&["topics"]), "");
    let log = product.log();
    let mut workers = ["ingest", "workflow"].map(|name| product.worker(name, &[name]));
    product.run(&["load", "--count", "500"]);
    eventually("a result of every submission", || (settled(log.as_ref()) >= 500).then_some(()));
    let submissions = records(log.as_ref(), topic::SUBMISSIONS);
    assert!(workers.iter_mut().all(|worker| worker.stop()));

    add_partitions(product.kafka(), 8);
    let refused = product.try_run(&["workflow"]);
    let stderr = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("partitions_changed") && stderr.contains("ebasvuru repartition"), "{stderr}");
    product.set("EBASVURU__KAFKA__PARTITIONS", "8");
    eventually("groups without members", || {
        let output = product.try_run(&["repartition"]);
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    });

    // The same messages again, and some new ones, from a client that knows the new partitions.
    let log = product.log();
    let mut workers = ["ingest", "workflow"].map(|name| product.worker(name, &[name]));
    let again = submissions.into_iter().map(|record| Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: record.key,
        value: record.value,
        headers: record.headers,
    });
    log.producer().unwrap().send(again.collect()).unwrap();
    product.run(&["load", "--count", "200", "--seed", "2"]);
    eventually("a result of every submission", || (settled(log.as_ref()) >= 700).then_some(()));
    eventually("no unprocessed command", || (undecided(log.as_ref()) == 0).then_some(()));
    assert_conserved(log.as_ref(), 700, 0);
    assert!(workers.iter_mut().all(|worker| worker.stop()));
}

fn add_partitions(kafka: &TestKafka, count: usize) {
    #[expect(clippy::disallowed_methods, reason = "the tool of an operator")]
    let mut config = ClientConfig::new();
    let admin: AdminClient<DefaultClientContext> =
        config.set("bootstrap.servers", kafka.brokers()).create().unwrap();
    let topics = [topic::COMMANDS, topic::EVENTS, topic::APPLICATIONS, topic::ARCHIVE];
    let wanted: Vec<_> = topics.iter().map(|topic| NewPartitions::new(topic, count)).collect();
    let options = AdminOptions::new();
    let done = admin.create_partitions(&wanted, &options);
    tokio::runtime::Runtime::new().unwrap().block_on(done).unwrap();
}

/// How many submissions and commands no worker has processed.
fn undecided(log: &dyn Log) -> i64 {
    let workers = [(group::INGEST, topic::SUBMISSIONS), (group::WORKFLOW, topic::COMMANDS)];
    workers.iter().flat_map(|(group, topic)| lag(log, group, topic).unwrap()).map(|it| it.records).sum()
}
