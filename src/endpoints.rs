//! `DATA/endpoints.json`: where a running `up` is to be reached; and beside it what opens its
//! embedded ClickHouse.

use std::collections::BTreeMap;
use std::fs::{OpenOptions, rename};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ebasvuru_analytics::engine::Token;
use serde::{Deserialize, Serialize};

/// The addresses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoints {
    pub dashboard: String,
    /// Where the stand-in for e-Devlet is, if it was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
    pub clickhouse: String,
    pub metrics: BTreeMap<String, String>,
    pub log: String,
}

const FILE: &str = "endpoints.json";
const TOKEN: &str = "clickhouse.token";

impl Endpoints {
    /// Writes the files, each whole or not at all: whoever sees the addresses finds the token.
    pub fn write(&self, data: &Path, token: Option<&Token>) -> anyhow::Result<()> {
        if let Some(token) = token {
            write(data, TOKEN, token.as_str().as_bytes())?;
        }
        write(data, FILE, &serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }

    /// Reads the file of a running `up`.
    pub fn read(data: &Path) -> anyhow::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(data.join(FILE))?)?)
    }

    /// What opens the embedded ClickHouse of a running `up`; `None` where it uses a server.
    pub fn token(data: &Path) -> Option<Token> {
        Token::parse(&std::fs::read_to_string(data.join(TOKEN)).ok()?)
    }

    /// `up` has ended.
    pub fn remove(data: &Path) {
        for file in [FILE, TOKEN] {
            let _ = std::fs::remove_file(data.join(file));
        }
    }
}

fn write(data: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    let temporary = data.join(format!("{name}.new"));
    let _ = std::fs::remove_file(&temporary);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?.write_all(content)?;
    rename(temporary, data.join(name))
}
