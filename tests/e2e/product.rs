//! The product as child processes, each scenario with a data folder of its own.

use std::fs::{File, Permissions, read_to_string, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ebasvuru_analytics::client::connect;
use ebasvuru_analytics::engine::{Engine, USER};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::Log;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::testing::kafka::TestKafka;
use tempfile::TempDir;

use crate::turn::Turn;

/// After this long, something is broken and not only slow.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The log of the product.
#[derive(Clone, Copy, Debug)]
pub enum Backend {
    Embedded,
    Kafka,
}

/// A data folder, and the processes that run on it.
pub struct Product {
    /// Others may enter it, like a home folder. The product's own folder in it is closed to them.
    folder: TempDir,
    data: PathBuf,
    kafka: Option<TestKafka>,
    /// Address and password of ClickHouse, for processes without `up`.
    clickhouse: Mutex<Option<(String, String)>>,
    settings: Vec<(String, String)>,
    up: Option<Process>,
    /// Last, because fields are dropped in their order: by then no process runs.
    _turn: Turn,
}

/// A long-running process of the product.
pub struct Process {
    child: Child,
    /// The file of its output.
    output: PathBuf,
}

impl Product {
    /// A product without processes; on Kafka with a broker of its own. `None` if this run leaves
    /// Kafka out or cannot start it.
    pub fn new(backend: Backend) -> Option<Self> {
        let turn = Turn::wait();
        let kafka = match backend {
            Backend::Embedded => None,
            // The topics have fixed names, so a shared broker cannot be used.
            Backend::Kafka => {
                let kafka = TestKafka::from_env_or_start()?;
                Some(if kafka.pid().is_some() { kafka } else { TestKafka::start() })
            }
        };
        let folder = tempfile::tempdir().unwrap();
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        Some(Self {
            data: folder.path().join("data"),
            folder,
            kafka,
            clickhouse: Mutex::default(),
            settings: Vec::new(),
            up: None,
            _turn: turn,
        })
    }

    /// A product with `up --no-demo` running.
    pub fn up(backend: Backend) -> Option<Self> {
        let mut product = Self::new(backend)?;
        product.start_up();
        Some(product)
    }

    /// Starts `up --no-demo` and waits for its endpoints.
    pub fn start_up(&mut self) {
        let mut worker = self.worker("up", &["up", "--no-demo", "--listen", "127.0.0.1:0"]);
        let endpoints = self.data.join("endpoints.json");
        eventually("`up` is ready", || {
            if let Some(status) = worker.child.try_wait().unwrap() {
                panic!("`up` ended with {status}:\n{}", worker.output());
            }
            endpoints.exists().then_some(())
        });
        self.up = Some(worker);
    }

    /// Kills `up` and everything that it runs.
    pub fn kill_up(&mut self) {
        self.up.take().unwrap().kill();
    }

    /// Stops `up` as an operator does.
    pub fn stop_up(&mut self) {
        let mut up = self.up.take().unwrap();
        assert!(up.stop(), "`up` did not stop cleanly:\n{}", up.output());
    }

    /// Uses another data folder from now on, beside the current one.
    pub fn move_to(&mut self, name: &str) {
        assert!(self.up.is_none(), "`up` runs");
        self.data = self.folder.path().join(name);
    }

    /// The process id of the ClickHouse engine of `up`.
    pub fn engine_process(&self) -> String {
        let parent = self.up.as_ref().unwrap().child.id().to_string();
        eventually("the engine's process", || {
            let found = Command::new("pgrep").args(["-P", &parent, "-f", "engine-serve"]).output().unwrap();
            Some(String::from_utf8(found.stdout).unwrap().trim().to_owned()).filter(|id| !id.is_empty())
        })
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Sets the ClickHouse of processes without `up`.
    pub fn set_clickhouse(&self, engine: &Engine) {
        *self.clickhouse.lock().unwrap() = Some((engine.url().into(), engine.token().as_str().into()));
    }

    /// Sets an environment variable for all processes from now on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.settings.push((variable.to_owned(), value.to_owned()));
    }

    /// The output of the running `up` so far.
    pub fn output(&self) -> String {
        self.up.as_ref().map(Process::output).unwrap_or_default()
    }

    /// The endpoints of the running `up`.
    pub fn endpoints(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.data.join("endpoints.json")).unwrap()).unwrap()
    }

    /// A command of the binary with the settings of this product.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ebasvuru"));
        command.args(args).arg("--data").arg(&self.data);
        self.apply_settings(&mut command);
        command
    }

    /// Runs a shell script with the data folder as `DATA` and `ebasvuru` on the path. Returns what it
    /// printed.
    pub fn shell(&self, script: &str, variables: &[(&str, &Path)]) -> String {
        let programs = Path::new(env!("CARGO_BIN_EXE_ebasvuru")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-euc", script]).env("PATH", path).env("DATA", &self.data);
        command.envs(variables.iter().copied());
        self.apply_settings(&mut command);
        let output = command.output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        assert!(output.status.success(), "{script}\n{printed}");
        printed
    }

    fn apply_settings(&self, command: &mut Command) {
        command.env_remove("KAFKA_BROKERS").env_remove("CLICKHOUSE_URL");
        command
            .env("EBASVURU__METRICS__LISTEN", "127.0.0.1:0")
            .env("EBASVURU__PORTAL__LISTEN", "127.0.0.1:0")
            .env("EBASVURU__KAFKA__PARTITIONS", "4")
            .envs(self.settings.iter().cloned());
        if let Some(kafka) = &self.kafka {
            command.env("KAFKA_BROKERS", kafka.brokers());
        }
        if let Some((url, password)) = self.clickhouse.lock().unwrap().as_ref() {
            command.env("CLICKHOUSE_URL", url).env("EBASVURU__CLICKHOUSE__PASSWORD", password);
        }
    }

    /// The broker of a product on Kafka.
    pub fn kafka(&self) -> &TestKafka {
        self.kafka.as_ref().unwrap()
    }

    /// The ports for a proxy before the broker: to listen on, and to forward to.
    pub fn proxy_ports(&self) -> (u16, u16) {
        self.kafka().proxied()
    }

    /// Starts a long-running process. Its output goes to a file beside the data folder.
    pub fn worker(&self, name: &str, args: &[&str]) -> Process {
        self.spawn(name, self.command(args))
    }

    /// As [`Product::worker`], but with the broker at this address.
    pub fn worker_through(&self, brokers: &str, name: &str, args: &[&str]) -> Process {
        let mut command = self.command(args);
        command.env("KAFKA_BROKERS", brokers);
        self.spawn(name, command)
    }

    fn spawn(&self, name: &str, mut command: Command) -> Process {
        let output = self.folder.path().join(format!("{name}.out"));
        let file = File::options().create(true).append(true).open(&output).unwrap();
        let child =
            command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Process { child, output }
    }

    /// Runs a subcommand to its end, which may be a failure.
    pub fn try_run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs a subcommand that must succeed, and returns what it printed.
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.try_run(args);
        assert!(
            output.status.success(),
            "{args:?} ended with {}: {}{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            self.output()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Checks that `reconcile` finds no drift once the sink has caught up.
    pub fn assert_reconciled(&self) {
        let mut printed = String::new();
        let give_up = Instant::now() + Duration::from_secs(60);
        loop {
            let output = self.try_run(&["reconcile"]);
            if output.status.success() {
                return;
            }
            printed.clear();
            printed.push_str(&String::from_utf8_lossy(&output.stdout));
            printed.push_str(&String::from_utf8_lossy(&output.stderr));
            assert!(Instant::now() < give_up, "the log and ClickHouse differ:\n{printed}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// A client of the log.
    pub fn log(&self) -> Arc<dyn Log> {
        match &self.kafka {
            // A reader waits for the open transaction of a dead worker until it times out, so these are
            // the product's own time-outs and not the short ones of the test broker.
            Some(kafka) => Arc::new(kafka.log(&[
                ("max.poll.interval.ms", "300000"),
                ("session.timeout.ms", "45000"),
                ("max.poll.interval.ms", "300000"),
                ("transaction.timeout.ms", "30000"),
                ("message.timeout.ms", "20000"),
            ])),
            None => Arc::new(EmbeddedLog::open(&self.data.join("log.sqlite")).unwrap()),
        }
    }

    /// The result of a query that returns one number.
    pub fn number(&self, sql: &str) -> u64 {
        self.query(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// As [`Product::number`]; `None` while ClickHouse is away.
    pub fn try_number(&self, sql: &str) -> Option<u64> {
        self.query(sql).ok()
    }

    /// One endpoint of the running `up`.
    pub fn endpoint(&self, name: &str) -> String {
        self.endpoints()[name].as_str().unwrap().to_owned()
    }

    /// The token of the ClickHouse of the running `up`.
    pub fn token(&self) -> String {
        read_to_string(self.data.join("clickhouse.token")).unwrap_or_default()
    }

    fn query(&self, sql: &str) -> Result<u64, clickhouse::error::Error> {
        let configured = self.clickhouse.lock().unwrap().clone();
        let (url, password) = configured.unwrap_or_else(|| (self.endpoint("clickhouse"), self.token()));
        let client = connect(&url, "ebasvuru", USER, &password).unwrap();
        tokio::runtime::Runtime::new().unwrap().block_on(client.query(sql).fetch_one::<u64>())
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let Some(mut up) = self.up.take() else { return };
        if std::thread::panicking() {
            eprintln!("── up:\n{}", up.output());
        }
        up.stop();
    }
}

impl Process {
    /// The last lines that the process printed.
    pub fn output(&self) -> String {
        let all = read_to_string(&self.output).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// Kills it with signal 9.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops the process as an operator does. Returns whether it ended with success.
    pub fn stop(&mut self) -> bool {
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let give_up = Instant::now() + Duration::from_secs(30);
        while Instant::now() < give_up {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The shipped catalog.
pub fn catalog() -> Arc<Catalog> {
    Arc::new(ebasvuru_ingest::catalog::load(None).unwrap())
}

/// Waits until `look` returns a value. Panics after two minutes.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + TIMEOUT;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < give_up, "timed out waiting for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
