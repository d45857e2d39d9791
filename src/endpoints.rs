//! `DATA/endpoints.json`: the addresses of a running `up`; and beside it the token of its embedded
//! ClickHouse.

use std::collections::BTreeMap;
use std::fs::{OpenOptions, rename};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ebasvuru_analytics::engine::Token;
use serde::{Deserialize, Serialize};

/// Where a running `up` is reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Endpoints {
    pub dashboard: String,
    /// The stand-in for e-Devlet, if it was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<String>,
    pub clickhouse: String,
    pub metrics: BTreeMap<String, String>,
    pub log: String,
}

const FILE: &str = "endpoints.json";
const TOKEN: &str = "clickhouse.token";

impl Endpoints {
    /// Writes the files, each atomically, the token first: whoever reads the addresses finds it.
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

    /// The token of the embedded ClickHouse; `None` if `up` uses a server.
    pub fn token(data: &Path) -> Option<Token> {
        Token::parse(&std::fs::read_to_string(data.join(TOKEN)).ok()?)
    }

    /// Removes the files when `up` ends.
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
