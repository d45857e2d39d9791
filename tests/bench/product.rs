//! The whole product as it runs in a ministry: each worker and the dashboard a process of its own, Apache
//! Kafka, and ClickHouse. Its people have a password from the start.

use std::net::TcpListener;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use ebasvuru_analytics::sink::Source;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::log::kafka::KafkaLog;
use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Log, group, topic};
use ebasvuru_workflow::message::Message;
use ebasvuru_workflow::seal::Field;
use ebasvuru_workflow::testing;

use crate::broker::publish;
use crate::installation::Installation;
use crate::process::Process;
use crate::server::Server;

/// Everybody's password. It costs as much to check as any other.
pub const PASSWORD: &str = "mavi at pil zımba 77";
/// After this long, something is broken and not only slow.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A user of the product.
pub struct Person {
    pub name: String,
    pub role: Role,
    /// None of a Yönetici.
    pub unit: Option<UnitId>,
}

pub struct Product {
    // Dropped before the broker and ClickHouse, which they use.
    processes: Vec<(&'static str, Process)>,
    pub installation: Installation,
    pub log: KafkaLog,
    server: Server,
    /// The address of the dashboard.
    pub dashboard: String,
}

impl Product {
    /// Starts everything, and waits until all of it is ready.
    pub fn start(people: &[Person]) -> Self {
        let (installation, server) = (Installation::new(), Server::start());
        server.database("ebasvuru");
        let log = installation.kafka.log(&[]);
        hire(&installation, &log, people);
        let dashboard = free_address();
        let mut product = Self {
            installation,
            log,
            dashboard: format!("http://{dashboard}"),
            processes: Vec::new(),
            server,
        };
        for name in ["ingest", "workflow", "analytics", "dashboard"] {
            let metrics = free_address();
            let mut command = product.command(&[name]);
            command
                .env("EBASVURU__METRICS__LISTEN", &metrics)
                .env("EBASVURU__DASHBOARD__LISTEN", &dashboard)
                // As where TLS comes from a proxy: each person has an address of their own.
                .env("EBASVURU__DASHBOARD__BEHIND_PROXY", "true");
            product.processes.push((name, Process::start(&mut command)));
            eventually(&format!("{name} is ready"), || {
                product.check();
                is_ready(&metrics)
            });
        }
        product
    }

    /// A command of the binary on this broker and this ClickHouse.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.installation.ebasvuru(args);
        let (url, password) = self.server.access();
        command.env("CLICKHOUSE_URL", url).env("EBASVURU__CLICKHOUSE__PASSWORD", password);
        command
    }

    /// Panics if one of its processes has ended.
    pub fn check(&mut self) {
        self.processes.iter_mut().for_each(|(_, process)| process.check());
    }

    /// The ids of all processes, ClickHouse's and the broker's included.
    pub fn process_ids(&self) -> Vec<(&'static str, u32)> {
        let own = self.processes.iter().map(|(name, process)| (*name, process.id()));
        let kafka = self.installation.kafka.pid().unwrap().parse().unwrap();
        own.chain([("clickhouse", self.server.process_id()), ("kafka", kafka)]).collect()
    }

    /// How many records wait to be read by a worker or the sink.
    pub fn waiting(&self) -> i64 {
        let workers = [(group::INGEST, topic::SUBMISSIONS), (group::WORKFLOW, topic::COMMANDS)];
        let sink = Source::ALL.map(|source| (source.group(), source.topic()));
        let lags = workers.into_iter().chain(sink).flat_map(|(group, topic)| lag(&self.log, group, topic));
        lags.flatten().map(|lag| lag.records).sum()
    }

    /// How many submissions e-Devlet has sent.
    pub fn submitted(&self) -> i64 {
        self.log.bounds(topic::SUBMISSIONS).unwrap().iter().map(|bounds| bounds.high).sum()
    }

    /// Waits until everything that was sent is shown.
    pub fn settle(&self) {
        eventually("everything is shown", || self.waiting() == 0);
    }
}

/// Defines the users. All have one hash, because making a thousand takes a minute.
fn hire(installation: &Installation, log: &KafkaLog, people: &[Person]) {
    let (sealer, now) = (installation.sealer(), Clock::System.now());
    let hash = password_auth::generate_hash(PASSWORD);
    let users = people.iter().map(|Person { name, role, unit }| {
        let user = testing::user(name, *role, unit.as_ref().map(UnitId::as_str));
        let password = sealer.seal_user(&user.name, Field::Password, hash.as_bytes()).unwrap();
        User { password, password_set_at: now, ..user }.to_record()
    });
    publish(log, users);
}

/// An address of this machine where nothing listens.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn is_ready(metrics: &str) -> bool {
    let url = format!("http://{metrics}/readyz");
    let answer = Command::new("curl").args(["-sf", "--noproxy", "*", "-o", "/dev/null", &url]).status();
    answer.unwrap().success()
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + TIMEOUT;
    while !holds() {
        assert!(Instant::now() < give_up, "timed out: {what}");
        sleep(Duration::from_millis(100));
    }
}
