//! One Apache Kafka node for tests and benchmarks, in KRaft mode, on Java and Maven.
//!
//! `KAFKA_TEST_BROKERS` names a running broker, so that several suites can share one.

#![expect(clippy::expect_used, clippy::panic, reason = "a test harness fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use crate::log::kafka::{KafkaConfig, KafkaLog};
use crate::log::{Log, LogError};

const POM: &str = include_str!("../../../tests/kafka/pom.xml");

/// Runs the node, and kills it when the other end of its stdin is closed, however that process ends. A
/// signal to the whole process group must not end this script first.
const KEEPER: &str = r#"trap '' TERM INT HUP
dir=$1; shift
java "$@" >>"$dir/out" 2>&1 &
pid=$!
echo $pid
read -r word
kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
[ "$word" = keep ] || rm -rf "$dir""#;

/// A Kafka broker for tests. It ends, and leaves nothing behind, when this is dropped or the process
/// ends.
#[derive(Debug)]
pub struct TestKafka {
    brokers: String,
    /// The ports of [`TestKafka::proxied`].
    proxied: Option<(u16, u16)>,
    node: Option<Node>,
}

#[derive(Debug)]
struct Node {
    dir: PathBuf,
    classpath: String,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    keeper: Child,
    hold: ChildStdin,
    pid: String,
}

impl TestKafka {
    /// The broker that `KAFKA_TEST_BROKERS` names, or else a new node. `None` with
    /// `EBASVURU_SUITES=quick`. Without Java and Maven `None`, too, with a message; in CI (`CI=true`)
    /// that is a failure.
    #[must_use]
    pub fn from_env_or_start() -> Option<Self> {
        if std::env::var("EBASVURU_SUITES").is_ok_and(|suites| suites == "quick") {
            return None;
        }
        if let Ok(brokers) = std::env::var("KAFKA_TEST_BROKERS") {
            return Some(Self { brokers, proxied: None, node: None });
        }
        match missing() {
            None => Some(Self::start()),
            Some(what) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
                panic!("the Kafka tests need {what}")
            }
            Some(what) => {
                eprintln!("\n*** SKIPPED: the Kafka tests need {what} ***\n");
                None
            }
        }
    }

    /// Starts a node in a temporary folder and waits until it answers.
    #[must_use]
    pub fn start() -> Self {
        let dir =
            tempfile::Builder::new().prefix("ebasvuru-kafka-").tempdir().expect("a temporary folder").keep();
        let (broker, controller, behind, proxy) = (free_port(), free_port(), free_port(), free_port());
        let config = dir.join("server.properties");
        fs::write(&config, properties(&dir, broker, controller, behind, proxy)).expect("server.properties");
        let classpath = format!("{}/*", jars().display());
        let formatted = Command::new("java")
            .args(["-Xmx128m", "-cp", &classpath, "kafka.tools.StorageTool", "format", "--standalone"])
            .args(["--cluster-id", "AAAAAAAAQACAAAAAAAAAAQ", "--config"])
            .arg(&config)
            .output()
            .expect("java runs");
        assert!(formatted.status.success(), "format: {}", String::from_utf8_lossy(&formatted.stderr));
        let mut kafka = Self {
            brokers: format!("127.0.0.1:{broker}"),
            proxied: Some((proxy, behind)),
            node: Some(Node { dir, classpath, running: None }),
        };
        kafka.restart();
        kafka
    }

    /// `host:port` for clients.
    #[must_use]
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// A second listener for a proxy: the port where the proxy must listen, which is advertised to its
    /// clients, and the port of the broker behind it.
    ///
    /// # Panics
    /// For a shared broker.
    #[must_use]
    pub fn proxied(&self) -> (u16, u16) {
        self.proxied.expect("a shared broker has no second listener")
    }

    /// A log on it, with short time-outs for tests, and with these properties.
    #[must_use]
    pub fn log(&self, properties: &[(&str, &str)]) -> KafkaLog {
        let mut all = BTreeMap::from(
            [
                ("session.timeout.ms", "6000"),
                ("max.poll.interval.ms", "6000"),
                ("heartbeat.interval.ms", "300"),
                ("transaction.timeout.ms", "5000"),
                ("message.timeout.ms", "4000"),
            ]
            .map(|(k, v)| (k.to_owned(), v.to_owned())),
        );
        all.extend(properties.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        KafkaLog::new(KafkaConfig {
            brokers: self.brokers.clone(),
            env: "test".into(),
            replication: 1,
            properties: all,
        })
        .expect("the test settings are accepted")
    }

    /// Kills the node by SIGKILL.
    pub fn kill9(&mut self) {
        let node = self.node.as_mut().expect("a shared broker is not ours to kill");
        if let Some(mut running) = node.running.take() {
            let _ = running.hold.write_all(b"keep\n");
            let _ = running.keeper.wait();
        }
    }

    /// Starts the node again on the same data and waits until it answers.
    pub fn restart(&mut self) {
        self.kill9();
        let node = self.node.as_mut().expect("a shared broker is not ours to restart");
        node.running = Some(node.run());
        let log = self.log(&[]);
        let give_up = Instant::now() + Duration::from_secs(120);
        // Any answer is enough, also "there is no such topic".
        while let Err(LogError::Unavailable(why)) = log.bounds("is-anyone-there") {
            assert!(Instant::now() < give_up, "Kafka does not answer: {why}\n{}", self.words());
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The process id of the node, if it is not shared and is running.
    #[must_use]
    pub fn pid(&self) -> Option<&str> {
        Some(&self.node.as_ref()?.running.as_ref()?.pid)
    }

    fn words(&self) -> String {
        self.node.as_ref().and_then(|node| fs::read_to_string(node.dir.join("out")).ok()).unwrap_or_default()
    }
}

impl Node {
    fn run(&self) -> Running {
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "kafka"])
            .arg(&self.dir)
            .args(["-Xmx512m", "-cp", &self.classpath, "kafka.Kafka"])
            .arg(self.dir.join("server.properties"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh runs");
        let hold = keeper.stdin.take().expect("piped");
        let mut pid = String::new();
        BufReader::new(keeper.stdout.take().expect("piped")).read_line(&mut pid).expect("the node's pid");
        Running { keeper, hold, pid: pid.trim().to_owned() }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        match self.running.take() {
            Some(Running { mut keeper, hold, .. }) => {
                drop(hold);
                let _ = keeper.wait();
            }
            None => drop(fs::remove_dir_all(&self.dir)),
        }
    }
}

fn missing() -> Option<&'static str> {
    let runs = |program: &str, arg: &str| {
        Command::new(program).arg(arg).output().is_ok_and(|output| output.status.success())
    };
    if !runs("java", "-version") {
        Some("Java 17 or newer (`java` in the path)")
    } else if !runs("mvn", "-version") {
        Some("Maven (`mvn` in the path)")
    } else {
        None
    }
}

/// The folder with Kafka's jars, resolved by Maven the first time.
fn jars() -> PathBuf {
    let version = POM
        .split_once("<artifactId>kafka_2.13</artifactId>")
        .and_then(|(_, rest)| rest.split_once("<version>"))
        .and_then(|(_, rest)| rest.split_once("</version>"))
        .map(|(version, _)| version)
        .expect("tests/kafka/pom.xml names a version");
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        .expect("a cache folder")
        .join("ebasvuru");
    let there = cache.join(format!("kafka-{version}"));
    if there.is_dir() {
        return there;
    }
    eprintln!("fetching Apache Kafka {version} with Maven, once");
    let partial = cache.join(format!("kafka-{version}.{}", std::process::id()));
    let status = Command::new("mvn")
        .args(["-q", "-B", "-f", concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/kafka/pom.xml")])
        .arg("dependency:copy-dependencies")
        .arg(format!("-DoutputDirectory={}", partial.display()))
        .status()
        .expect("mvn runs");
    assert!(status.success(), "Maven could not fetch Apache Kafka");
    // Another process may have fetched it first; either copy will do.
    if fs::rename(&partial, &there).is_err() {
        drop(fs::remove_dir_all(&partial));
    }
    there
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

fn properties(dir: &Path, broker: u16, controller: u16, behind: u16, proxy: u16) -> String {
    format!(
        "process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller},PROXIED://127.0.0.1:{behind}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller},PROXIED://127.0.0.1:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
log.dirs={}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
transaction.abort.timed.out.transaction.cleanup.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
",
        dir.display()
    )
}
