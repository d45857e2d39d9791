//! The configuration: defaults, then a file, then the environment, then flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ebasvuru_dashboard::{MailConfig, Mailer};
use ebasvuru_workflow::budget;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Value};
use serde::{Deserialize, Deserializer};
use tracing_subscriber::EnvFilter;

/// The defaults, which are also the documentation.
const DEFAULTS: &str = include_str!("config.default.toml");

/// Everything that can be set; `config.default.toml` says what each means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub data: Data,
    pub kafka: Kafka,
    pub clickhouse: ClickHouse,
    pub catalog: CatalogDir,
    pub keys: Keys,
    pub store: Store,
    pub scanner: Scanner,
    pub smtp: Smtp,
    pub ingest: Ingest,
    pub workflow: Workflow,
    pub dashboard: Dashboard,
    pub portal: Portal,
    pub metrics: Metrics,
    pub log: Logging,
}

macro_rules! section {
    ($name:ident { $($field:ident: $ty:ty),* $(,)? }) => {
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $(pub $field: $ty),* }
    };
}

section!(Data { dir: PathBuf });
section!(Kafka {
    brokers: String,
    env: String,
    slot: String,
    partitions: i32,
    replication: i32,
    properties: Properties,
});
section!(ClickHouse {
    url: String,
    database: String,
    user: String,
    password: String,
    library: PathBuf,
    memory_mib: u64,
    cluster: String,
});
section!(CatalogDir { dir: PathBuf });
section!(Keys { ring: PathBuf, months_ahead: u16 });
section!(Store { url: String });
section!(Scanner { clamd: String });
section!(Smtp {
    url: String,
    user: String,
    password: String,
    from: String,
    base_url: String,
    allowed_domains: String,
});
section!(Ingest { workers: u16, bad_ratio: f64, max_message_bytes: usize });
section!(Workflow { workers: u16, dedup_days: u16 });
section!(Dashboard { listen: String, secure_cookies: Option<bool>, behind_proxy: bool, session_key: String });
section!(Portal { listen: String, enabled: Option<bool> });
section!(Metrics { listen: String });
section!(Logging { format: LogFormat, filter: String });

/// librdkafka's own properties by name. Their dots may be written as tables, and so in the
/// environment as `__`: `EBASVURU__KAFKA__PROPERTIES__SASL__PASSWORD` is `sasl.password`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn flatten(dict: Dict, path: &str, into: &mut BTreeMap<String, String>) -> Result<(), String> {
            for (key, value) in dict {
                let path = format!("{path}{key}");
                let text = match value {
                    Value::Dict(_, inner) => {
                        flatten(inner, &format!("{path}."), into)?;
                        continue;
                    }
                    Value::String(_, text) => text,
                    Value::Bool(_, it) => it.to_string(),
                    Value::Num(_, it) => match (it.to_i128(), it.to_f64()) {
                        (Some(whole), _) => whole.to_string(),
                        (None, Some(broken)) => broken.to_string(),
                        (None, None) => return Err(format!("{path} is too large a number")),
                    },
                    _ => return Err(format!("{path} must be a text, a number or true or false")),
                };
                into.insert(path, text);
            }
            Ok(())
        }
        let mut properties = BTreeMap::new();
        flatten(Dict::deserialize(deserializer)?, "", &mut properties).map_err(serde::de::Error::custom)?;
        Ok(Self(properties))
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Config {
    /// Reads the configuration. The error is one line that says what to fix.
    pub fn load(file: Option<&Path>, flags: &[(String, String)]) -> Result<Self, String> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(format!("there is no configuration file {}", file.display()));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        for (variable, key) in [("KAFKA_BROKERS", "kafka.brokers"), ("CLICKHOUSE_URL", "clickhouse.url")] {
            if let Ok(value) = std::env::var(variable) {
                figment = figment.merge(Serialized::default(key, value));
            }
        }
        for (key, value) in Env::prefixed("EBASVURU__").split("__").lowercase(true).iter() {
            figment = environment(figment, key.as_str(), value);
        }
        for (key, value) in flags {
            figment = figment.merge(Serialized::default(key, value));
        }
        let config: Self = figment.extract().map_err(|e| {
            e.into_iter().next().map_or_else(
                || "the configuration cannot be read".to_owned(),
                // Figment's own name for where keys live.
                |e| e.to_string().replace("key \"default.", "key \""),
            )
        })?;
        config.checked()
    }

    fn checked(mut self) -> Result<Self, String> {
        let between = |what: &str, value: i64, low: i64, high: i64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(format!("{what} must lie between {low} and {high}, not {value}"))
            }
        };
        between("kafka.partitions", self.kafka.partitions.into(), 1, 1000)?;
        between("kafka.replication", self.kafka.replication.into(), 0, 32)?;
        between("ingest.workers", self.ingest.workers.into(), 1, 64)?;
        between("workflow.workers", self.workflow.workers.into(), 1, 64)?;
        // At least a month: a submission that is received anew is then in another monthly partition.
        between("workflow.dedup_days", self.workflow.dedup_days.into(), 31, 3650)?;
        between("keys.months_ahead", self.keys.months_ahead.into(), 1, 120)?;
        let bytes = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        between(
            "ingest.max_message_bytes",
            bytes(self.ingest.max_message_bytes),
            1024,
            bytes(budget::SUBMISSION),
        )?;
        if !(0.0..=1.0).contains(&self.ingest.bad_ratio) {
            return Err(format!("ingest.bad_ratio must lie between 0 and 1, not {}", self.ingest.bad_ratio));
        }
        if self.kafka.slot.is_empty() || self.kafka.env.is_empty() {
            return Err("kafka.slot and kafka.env must not be empty: they name the transactional ids".into());
        }
        ebasvuru_dashboard::Scanner::parse(&self.scanner.clamd).map_err(|e| format!("scanner.clamd: {e}"))?;
        self.mailer()?;
        EnvFilter::try_new(&self.log.filter).map_err(|e| format!("log.filter: {e}"))?;
        if self.keys.ring.as_os_str().is_empty() {
            self.keys.ring = self.data.dir.join("keyring.toml");
        }
        if self.store.url.is_empty() {
            self.store.url = self.data.dir.join("documents").display().to_string();
        }
        Ok(self)
    }

    /// What sends mail; `None` if mail is off. The error is one line that says what to fix.
    pub fn mailer(&self) -> Result<Option<Mailer>, String> {
        let Smtp { url, user, password, from, base_url, allowed_domains } = self.smtp.clone();
        Mailer::new(&MailConfig { url, user, password, from, base_url, allowed_domains })
    }

    /// Whether the log is the embedded one.
    #[must_use]
    pub fn embedded_log(&self) -> bool {
        self.kafka.brokers.trim().is_empty()
    }

    /// Whether ClickHouse is the embedded engine.
    #[must_use]
    pub fn embedded_clickhouse(&self) -> bool {
        self.clickhouse.url.trim().is_empty()
    }
}

/// Merges one key of the environment. A text setting is taken literally, because a password may
/// look like a number.
fn environment(figment: Figment, key: &str, value: String) -> Figment {
    let is_text =
        key.starts_with("kafka.properties.") || matches!(figment.find_value(key), Ok(Value::String(..)));
    let value = match value.parse() {
        Ok(value) if !is_text => value,
        _ => Value::from(value),
    };
    figment.merge(Serialized::default(key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_environment_is_taken_literally() {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        for (key, value) in [
            ("clickhouse.password", "0012"),
            ("kafka.slot", "3"),
            ("kafka.partitions", "24"),
            ("dashboard.behind_proxy", "true"),
            ("kafka.properties.sasl.password", "1e5"),
        ] {
            figment = environment(figment, key, value.into());
        }
        let config: Config = figment.extract().unwrap();
        assert_eq!((&*config.clickhouse.password, &*config.kafka.slot), ("0012", "3"));
        assert_eq!((config.kafka.partitions, config.dashboard.behind_proxy), (24, true));
        assert_eq!(config.kafka.properties.0, [("sasl.password".to_owned(), "1e5".to_owned())].into());
    }

    #[test]
    fn properties_are_written_by_name_or_as_tables() {
        let tables = "[kafka.properties]\n\"security.protocol\" = \"SSL\"\nsasl.mechanism = \"PLAIN\"\nlinger.ms = 7\n";
        let config: Config =
            Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(tables)).extract().unwrap();
        let properties = config.kafka.properties.0.into_iter().collect::<Vec<_>>();
        let expected = [("linger.ms", "7"), ("sasl.mechanism", "PLAIN"), ("security.protocol", "SSL")];
        assert_eq!(properties, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    fn with(flags: &[(&str, &str)]) -> Result<Config, String> {
        let flags: Vec<_> = flags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::load(None, &flags)
    }

    #[test]
    fn the_defaults_are_complete() {
        let config = with(&[]).unwrap();
        assert!(config.keys.ring.ends_with("keyring.toml"));
        assert!(config.store.url.ends_with("documents"));
    }

    #[test]
    fn a_setting_without_default_is_left_to_the_command() {
        let config = with(&[]).unwrap();
        assert_eq!((config.dashboard.secure_cookies, config.portal.enabled), (None, None));
        for (text, set) in [("true", true), ("false", false)] {
            let mut figment = Figment::from(Toml::string(DEFAULTS));
            for key in ["dashboard.secure_cookies", "portal.enabled"] {
                figment = environment(figment, key, text.into());
            }
            let config: Config = figment.extract().unwrap();
            assert_eq!((config.dashboard.secure_cookies, config.portal.enabled), (Some(set), Some(set)));
        }
    }

    #[test]
    fn a_bad_setting_is_named() {
        assert!(with(&[("kafka.slot", "")]).unwrap_err().contains("kafka.slot"));
        assert!(with(&[("scanner.clamd", "clamd:3310")]).unwrap_err().contains("scanner.clamd"));
        assert!(with(&[("smtp.url", "posta:25")]).unwrap_err().contains("smtp.url"));
        assert!(with(&[("smtp.url", "smtp://posta")]).unwrap_err().contains("smtp.from"));
        assert!(with(&[("log.filter", "info,dashboard=loud")]).unwrap_err().contains("log.filter"));
        assert!(with(&[("no.such", "1")]).unwrap_err().contains("no"));
        let missing = Config::load(Some(Path::new("/no/such.toml")), &[]).unwrap_err();
        assert!(missing.contains("/no/such.toml"));
    }
}
