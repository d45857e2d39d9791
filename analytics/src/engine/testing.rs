//! ClickHouse for tests: one engine per test process, one database per test.

use std::path::PathBuf;
use std::sync::OnceLock;

use clickhouse::Client;

use super::{Engine, EngineOptions, library};
use crate::client::connect;

struct Running {
    url: String,
    /// Ended with the test process by the kernel: statics are never dropped.
    _engine: Option<(Engine, tempfile::TempDir)>,
}

static ENGINE: OnceLock<Running> = OnceLock::new();

/// The address of the engine of this test process, started at the first call; a real server
/// when `CLICKHOUSE_URL` names one.
#[must_use]
#[expect(clippy::expect_used, reason = "for tests, which have no better way to fail")]
pub fn url() -> &'static str {
    let running = ENGINE.get_or_init(|| {
        if let Ok(url) = std::env::var("CLICKHOUSE_URL") {
            return Running { url, _engine: None };
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let library = library(None, &|line| eprintln!("{line}")).expect("ClickHouse's engine");
        let engine = Engine::start(EngineOptions {
            program: (program(), Vec::new()),
            library,
            data: folder.path().join("clickhouse"),
            memory_mib: 2048,
        })
        .expect("the engine starts");
        Running { url: engine.url().to_owned(), _engine: Some((engine, folder)) }
    });
    &running.url
}

/// A client on a new, empty database of its own.
#[expect(clippy::expect_used, reason = "for tests, which have no better way to fail")]
pub async fn database() -> (Client, String) {
    let name = format!("t{}", uuid::Uuid::new_v4().simple());
    let client = connect(url(), "default", "default", "").expect("a client");
    client.query(&format!("CREATE DATABASE {name}")).execute().await.expect("a database");
    (connect(url(), &name, "default", "").expect("a client"), name)
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
