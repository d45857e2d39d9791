//! `DATA/endpoints.json`: where a running `up` is to be reached.

use std::collections::BTreeMap;
use std::path::Path;

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

impl Endpoints {
    /// Writes the file, whole or not at all.
    pub fn write(&self, data: &Path) -> anyhow::Result<()> {
        let temporary = data.join(format!("{FILE}.new"));
        std::fs::write(&temporary, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(temporary, data.join(FILE))?;
        Ok(())
    }

    /// Reads the file of a running `up`.
    pub fn read(data: &Path) -> anyhow::Result<Self> {
        Ok(serde_json::from_slice(&std::fs::read(data.join(FILE))?)?)
    }

    /// `up` has ended.
    pub fn remove(data: &Path) {
        let _ = std::fs::remove_file(data.join(FILE));
    }
}
