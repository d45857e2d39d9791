//! The product as child processes on a data folder of its own.

use std::fs::{File, Permissions, read_to_string, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_analytics::client::connect;
use ebasvuru_analytics::engine::{Engine, USER};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::Log;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::testing::kafka::TestKafka;
use tempfile::TempDir;

/// Before this has passed, something is broken and not only slow.
const PATIENCE: Duration = Duration::from_secs(120);

/// Which log carries the product.
#[derive(Clone, Copy, Debug)]
pub enum On {
    Embedded,
    Kafka,
}

/// A data folder, and what runs on it.
pub struct Product {
    /// Open to all, as a home folder may be: the product's own folder below it must not be.
    folder: TempDir,
    data: PathBuf,
    kafka: Option<TestKafka>,
    /// Address and password of ClickHouse, for processes that run without `up`.
    clickhouse: Mutex<Option<(String, String)>>,
    settings: Vec<(String, String)>,
    up: Option<Worker>,
    /// One scenario at a time: each runs a whole product.
    _turn: MutexGuard<'static, ()>,
}

/// A long-running process of the product.
pub struct Worker {
    child: Child,
    words: PathBuf,
}

impl Product {
    /// An empty folder; with Kafka a broker of its own. `None` where this suite leaves Kafka
    /// out, or cannot have it.
    pub fn new(on: On) -> Option<Self> {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let kafka = match on {
            On::Embedded => None,
            // The product's topics have fixed names: a broker that others share will not do.
            On::Kafka => {
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
    pub fn up(on: On) -> Option<Self> {
        let mut product = Self::new(on)?;
        product.start_up();
        Some(product)
    }

    /// Starts `up --no-demo` and waits until it says where it is.
    pub fn start_up(&mut self) {
        let mut worker = self.worker("up", &["up", "--no-demo", "--listen", "127.0.0.1:0"]);
        let endpoints = self.data.join("endpoints.json");
        eventually("`up` is ready", || {
            if let Some(status) = worker.child.try_wait().unwrap() {
                panic!("`up` ended with {status}:\n{}", worker.words());
            }
            endpoints.exists().then_some(())
        });
        self.up = Some(worker);
    }

    /// kill -9 of `up`, and so of all that it runs.
    pub fn kill_up(&mut self) {
        self.up.take().unwrap().kill9();
    }

    /// Ends `up` as an operator does.
    pub fn stop_up(&mut self) {
        let mut up = self.up.take().unwrap();
        assert!(up.end(), "`up` did not end well:\n{}", up.words());
    }

    /// From now on the product is the one in this folder, beside its present one.
    pub fn move_to(&mut self, name: &str) {
        assert!(self.up.is_none(), "`up` runs");
        self.data = self.folder.path().join(name);
    }

    /// The process id of ClickHouse's engine under `up`.
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

    /// The ClickHouse of processes that run without `up`.
    pub fn set_clickhouse(&self, engine: &Engine) {
        *self.clickhouse.lock().unwrap() = Some((engine.url().into(), engine.token().as_str().into()));
    }

    /// A setting, by its variable, for all that runs from now on.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.settings.push((variable.to_owned(), value.to_owned()));
    }

    /// What the running `up` has said so far.
    pub fn words(&self) -> String {
        self.up.as_ref().map(Worker::words).unwrap_or_default()
    }

    /// Where the running `up` is.
    pub fn endpoints(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.data.join("endpoints.json")).unwrap()).unwrap()
    }

    /// The binary with this product's settings.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ebasvuru"));
        command.args(args).arg("--data").arg(&self.data);
        self.settings_of(&mut command);
        command
    }

    /// Runs a shell script with the data folder as `DATA` and `ebasvuru` on the path; returns all
    /// that it printed.
    pub fn shell(&self, script: &str, variables: &[(&str, &Path)]) -> String {
        let programs = Path::new(env!("CARGO_BIN_EXE_ebasvuru")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-euc", script]).env("PATH", path).env("DATA", &self.data);
        command.envs(variables.iter().copied());
        self.settings_of(&mut command);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(output.status.success(), "{script}\n{said}");
        said
    }

    fn settings_of(&self, command: &mut Command) {
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

    /// The broker, of a product on Kafka.
    pub fn kafka(&self) -> &TestKafka {
        self.kafka.as_ref().unwrap()
    }

    /// The broker's second way in, for a proxy.
    pub fn proxied(&self) -> (u16, u16) {
        self.kafka().proxied()
    }

    /// Starts a long-running process; what it says goes beside the data folder.
    pub fn worker(&self, name: &str, args: &[&str]) -> Worker {
        self.spawn(name, self.command(args))
    }

    /// The same that reaches the broker at this address.
    pub fn worker_by_way_of(&self, brokers: &str, name: &str, args: &[&str]) -> Worker {
        let mut command = self.command(args);
        command.env("KAFKA_BROKERS", brokers);
        self.spawn(name, command)
    }

    fn spawn(&self, name: &str, mut command: Command) -> Worker {
        let words = self.folder.path().join(format!("{name}.out"));
        let file = File::options().create(true).append(true).open(&words).unwrap();
        let child =
            command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Worker { child, words }
    }

    /// Runs a subcommand to its end, whatever that is.
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
            self.words()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// `reconcile` finds no drift, once the sink has caught up.
    pub fn reconciles(&self) {
        let mut said = String::new();
        let give_up = Instant::now() + Duration::from_secs(60);
        loop {
            let output = self.try_run(&["reconcile"]);
            if output.status.success() {
                return;
            }
            said.clear();
            said.push_str(&String::from_utf8_lossy(&output.stdout));
            said.push_str(&String::from_utf8_lossy(&output.stderr));
            assert!(Instant::now() < give_up, "the log and ClickHouse differ:\n{said}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// The log, as any client of it.
    pub fn log(&self) -> Arc<dyn Log> {
        match &self.kafka {
            // A reader waits for the open transaction of a dead worker as long as that
            // may stand: the product's own time-outs, not the test broker's short ones.
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

    /// The answer of ClickHouse to a query that gives one number.
    pub fn number(&self, sql: &str) -> u64 {
        self.ask(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The same; `None` while ClickHouse is away.
    pub fn count(&self, sql: &str) -> Option<u64> {
        self.ask(sql).ok()
    }

    /// An address of a running `up`.
    pub fn endpoint(&self, name: &str) -> String {
        self.endpoints()[name].as_str().unwrap().to_owned()
    }

    /// What opens the ClickHouse of a running `up`.
    pub fn token(&self) -> String {
        read_to_string(self.data.join("clickhouse.token")).unwrap_or_default()
    }

    /// Gives ClickHouse a statement without an answer.
    pub fn execute(&self, sql: &str) {
        let done = self.client().query(sql).execute();
        tokio::runtime::Runtime::new().unwrap().block_on(done).unwrap();
    }

    fn ask(&self, sql: &str) -> Result<u64, clickhouse::error::Error> {
        let asked = self.client();
        tokio::runtime::Runtime::new().unwrap().block_on(asked.query(sql).fetch_one::<u64>())
    }

    fn client(&self) -> Client {
        let given = self.clickhouse.lock().unwrap().clone();
        let (url, password) = given.unwrap_or_else(|| (self.endpoint("clickhouse"), self.token()));
        connect(&url, "ebasvuru", USER, &password).unwrap()
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let Some(mut up) = self.up.take() else { return };
        if std::thread::panicking() {
            eprintln!("── up:\n{}", up.words());
        }
        up.end();
    }
}

impl Worker {
    /// The last of what the process said.
    pub fn words(&self) -> String {
        let all = read_to_string(&self.words).unwrap_or_default();
        let lines: Vec<&str> = all.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    /// kill -9.
    pub fn kill9(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the process as an operator does, and says whether it ended well.
    pub fn end(&mut self) -> bool {
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

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The catalog that is shipped.
pub fn catalog() -> Arc<Catalog> {
    Arc::new(ebasvuru_ingest::catalog::load(None).unwrap())
}

/// Waits for what must come.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < give_up, "never came: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
