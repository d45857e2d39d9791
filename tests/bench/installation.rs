//! What an operator prepares before the processes of the product start: a broker with the topics, and a
//! data folder with the keys.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use ebasvuru_workflow::seal::{KeyRing, Sealer};
use ebasvuru_workflow::testing::kafka::TestKafka;
use tempfile::TempDir;

pub struct Installation {
    pub kafka: TestKafka,
    /// Others may enter it. The product makes its own folder in it, and closes that to them.
    folder: TempDir,
}

impl Installation {
    pub fn new() -> Self {
        let it = Self { kafka: TestKafka::start(), folder: tempfile::tempdir().unwrap() };
        it.run(&mut it.ebasvuru(&["topics"]));
        it.run(&mut it.ebasvuru(&["keys", "extend"]));
        it
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn keys(&self) -> PathBuf {
        self.data().join("keyring.toml")
    }

    pub fn sealer(&self) -> Sealer {
        Sealer::new(Arc::new(KeyRing::load(&self.keys()).unwrap()))
    }

    /// A command of the binary on this broker and this folder. Only its warnings are printed.
    pub fn ebasvuru(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ebasvuru"));
        command
            .args(args)
            .arg("--data")
            .arg(self.data())
            .env("KAFKA_BROKERS", self.kafka.brokers())
            .env("EBASVURU__KAFKA__REPLICATION", "1")
            .env("EBASVURU__LOG__FILTER", "warn,audit=error")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, command: &mut Command) {
        let done = command.status().unwrap();
        assert!(done.success(), "{command:?}");
    }
}
