//! The embedded ClickHouse, as the product runs it.

use clickhouse::Client;
use ebasvuru_analytics::engine::{Engine, EngineOptions, library};
use ebasvuru_analytics::schema::migrate;
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub struct Server {
    pub runtime: Runtime,
    engine: Engine,
    _folder: TempDir,
}

impl Server {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::start(EngineOptions {
            program: (env!("CARGO_BIN_EXE_ebasvuru").into(), vec!["engine-serve".into()]),
            library: library(None, &|line| eprintln!("{line}")).unwrap(),
            data: folder.path().join("clickhouse"),
            memory_mib: 4096,
        })
        .unwrap();
        Self { runtime: Runtime::new().unwrap(), engine, _folder: folder }
    }

    /// A new database with the product's tables.
    pub fn database(&self, name: &str) -> Client {
        let client = |database: &str| self.engine.client(database).unwrap();
        self.runtime.block_on(async {
            client("default").query(&format!("CREATE DATABASE {name}")).execute().await.unwrap();
            migrate(&client(name), "").await.unwrap();
        });
        client(name)
    }

    /// Its address and its password.
    pub fn access(&self) -> (&str, &str) {
        (self.engine.url(), self.engine.token().as_str())
    }

    pub fn process_id(&self) -> u32 {
        self.engine.process_id()
    }

    pub fn execute(&self, client: &Client, sql: &str) {
        execute(&self.runtime, client, sql);
    }
}

pub fn execute(runtime: &Runtime, client: &Client, sql: &str) {
    runtime.block_on(client.query_raw(sql).execute()).unwrap_or_else(|e| panic!("{sql}: {e}"));
}
