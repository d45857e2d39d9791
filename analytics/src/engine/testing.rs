//! ClickHouse for tests: one engine per test process, one database per test.

use std::path::PathBuf;
use std::sync::OnceLock;

use clickhouse::Client;

use super::{Engine, EngineOptions, USER, library};
use crate::client::connect;

/// The kernel ends it with the test process: statics are never dropped.
static ENGINE: OnceLock<(Engine, tempfile::TempDir)> = OnceLock::new();

/// The engine of this test process, started by the first call.
#[expect(clippy::expect_used, reason = "for tests, which have no better way to fail")]
pub fn engine() -> &'static Engine {
    let (engine, _) = ENGINE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Each table counts with 1 MiB, used or not, and there are 13 in the database of each test.
        (start(&folder, 6144), folder)
    });
    engine
}

/// An engine with its data in this folder.
#[expect(clippy::expect_used, reason = "for tests, which have no better way to fail")]
pub(super) fn start(folder: &tempfile::TempDir, memory_mib: u64) -> Engine {
    let options = EngineOptions {
        program: (program(), Vec::new()),
        library: library(None, &|line| eprintln!("{line}")).expect("ClickHouse's engine"),
        data: folder.path().join("clickhouse"),
        memory_mib,
    };
    Engine::start(options).expect("the engine starts")
}

/// A client of a database, which need not exist yet, on the engine of this test process, or on the
/// server that `CLICKHOUSE_URL` names.
#[must_use]
#[expect(clippy::expect_used, reason = "for tests, which have no better way to fail")]
pub fn client(database: &str) -> Client {
    match std::env::var("CLICKHOUSE_URL") {
        Ok(url) => connect(&url, database, USER, ""),
        Err(_) => engine().client(database),
    }
    .expect("a client")
}

/// A client of a new, empty database, and the name of the database.
#[expect(clippy::expect_used, reason = "for tests, which have no better way to fail")]
pub async fn database() -> (Client, String) {
    let name = format!("t{}", uuid::Uuid::new_v4().simple());
    client("default").query(&format!("CREATE DATABASE {name}")).execute().await.expect("a database");
    (client(&name), name)
}

/// `ebasvuru-engine`, which cargo builds beside the test.
pub(super) fn program() -> PathBuf {
    let beside = |up: usize| {
        let exe = std::env::current_exe().ok()?;
        let path = exe.ancestors().nth(up)?.join("ebasvuru-engine");
        path.is_file().then_some(path)
    };
    std::env::var_os("EBASVURU_ENGINE_EXE")
        .map(PathBuf::from)
        .or_else(|| beside(2))
        .or_else(|| beside(1))
        .unwrap_or_else(|| "ebasvuru-engine".into())
}
