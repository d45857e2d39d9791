//! The key ring, compared with the log: the log has the fingerprint of every key in use, so that a
//! second ring, or a second key for a month, is noticed before it is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::calendar::istanbul;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::Health;
use ebasvuru_workflow::log::{Log, LogError, Start, topic};
use ebasvuru_workflow::message::{KeyFingerprint, Message, type_of};
use ebasvuru_workflow::metric;
use ebasvuru_workflow::seal::{APPLICATIONS, KeyRing, Sealer};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::config::Config;

/// How often the keys of the months ahead are checked.
const CHECK_INTERVAL: Duration = Duration::from_hours(6);
/// How many months ahead the first missing key is searched: 20 years.
const SEARCH_MONTHS: u32 = 240;

/// The key ring of this process, and the keys that it must have.
pub struct Keys {
    ring: Arc<KeyRing>,
    path: PathBuf,
    classes: BTreeSet<String>,
    months_ahead: u32,
}

impl Keys {
    /// Reads the ring, without the log.
    pub fn load(config: &Config, catalog: &Catalog) -> anyhow::Result<Self> {
        let services = catalog.services().map(|service| service.retention_class.as_str().to_owned());
        Ok(Self {
            ring: Arc::new(KeyRing::load(&config.keys.ring)?),
            path: config.keys.ring.clone(),
            classes: services.chain([APPLICATIONS.to_owned()]).collect(),
            months_ahead: u32::from(config.keys.months_ahead),
        })
    }

    /// Reads the ring, and refuses it if it is not the one of this log.
    pub fn open(config: &Config, catalog: &Catalog, log: &dyn Log) -> anyhow::Result<Self> {
        let keys = Self::load(config, catalog)?;
        keys.register(log)?;
        Ok(keys)
    }

    /// As [`Keys::open`], but creates the ring if it is missing and nothing was sealed for this log.
    pub fn open_or_create(config: &Config, catalog: &Catalog, log: &dyn Log) -> anyhow::Result<Self> {
        Self::create_for_new(config, log)?;
        Self::open(config, catalog, log)
    }

    /// Creates the ring if it is missing and nothing was sealed for this log; returns whether it
    /// did. The first process that opens the ring registers its keys in the log.
    pub fn create_for_new(config: &Config, log: &dyn Log) -> anyhow::Result<bool> {
        let path = &config.keys.ring;
        if path.exists() {
            return Ok(false);
        }
        let untouched = log.bounds(topic::COMMANDS)?.iter().all(|bounds| bounds.high == 0);
        if !untouched || !known(log)?.is_empty() {
            return Ok(false);
        }
        KeyRing::create(path)?;
        Ok(true)
    }

    /// Seals and opens personal data with this ring.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(Arc::clone(&self.ring))
    }

    /// The number of keys and the file.
    pub fn describe(&self) -> String {
        format!("{} entries in {}", self.ring.entries().len(), self.path.display())
    }

    /// Fails if a key is not the one that the log knows under its name.
    pub fn compare(&self, log: &dyn Log) -> anyhow::Result<()> {
        self.require_same(&known(log)?)
    }

    /// As [`Keys::compare`], and registers the keys that the log does not know yet.
    fn register(&self, log: &dyn Log) -> anyhow::Result<()> {
        let before = known(log)?;
        self.require_same(&before)?;
        let mut new = self.ring.fingerprints();
        new.retain(|name, _| !before.contains_key(name));
        if new.is_empty() {
            return Ok(());
        }
        let send = |prints: BTreeMap<String, String>| {
            let records = prints.into_iter().map(|(name, print)| KeyFingerprint { name, print }.to_record());
            log.producer()?.send(records.collect())
        };
        send(new.clone())?;
        // A process with another ring may have been first: then its keys stay the known ones.
        let mut after = known(log)?;
        let same = self.require_same(&after);
        if same.is_err() {
            after.retain(|name, _| new.contains_key(name));
            send(after)?;
        }
        same
    }

    fn require_same(&self, known: &BTreeMap<String, String>) -> anyhow::Result<()> {
        let own = self.ring.fingerprints();
        let other = own.iter().find(|(name, print)| known.get(*name).is_some_and(|known| known != *print));
        let Some((name, _)) = other else { return Ok(()) };
        bail!(ErrorCode::KeyringForeign.with(format!(
            "the key {name} in {} is not the one that this log knows: bring the ring of this log here",
            self.path.display()
        )))
    }

    /// Adds the missing keys of every retention class for this month and the months ahead.
    pub fn extend(&self, log: &dyn Log, now: Timestamp) -> anyhow::Result<()> {
        let mut missing = Vec::new();
        for class in &self.classes {
            missing.extend(self.ring.missing(class, now, self.months_ahead + 1)?);
        }
        if missing.is_empty() {
            return Ok(());
        }
        let known = known(log)?;
        if let Some(name) = missing.iter().find(|name| known.contains_key(*name)) {
            bail!(ErrorCode::KeyringOldCopy.with(format!(
                "{} has no key {name}, which this log knows: bring the newest copy here",
                self.path.display()
            )));
        }
        self.ring.make(&missing)?;
        self.register(log)
    }

    /// The first day for which a retention class has no key.
    pub fn run_out_on(&self, now: Timestamp) -> anyhow::Result<Option<Date>> {
        let mut first: Option<String> = None;
        for class in &self.classes {
            let missing = self.ring.missing(class, now, SEARCH_MONTHS)?;
            let month = missing.first().and_then(|name| name.get(class.len() + 1..)).map(str::to_owned);
            first = first.into_iter().chain(month).min();
        }
        Ok(first.map(|month| format!("{month}-01").parse()).transpose()?)
    }

    /// Whether every retention class has keys for all the months ahead.
    pub fn is_complete(&self, now: Timestamp) -> anyhow::Result<bool> {
        for class in &self.classes {
            if !self.ring.missing(class, now, self.months_ahead + 1)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds the keys of the months ahead. If it cannot, warns until when the keys last.
    fn extend_or_warn(&self, log: &dyn Log, clock: &Clock, health: &Health) {
        let (extended, run_out) =
            (self.extend(log, clock.now()), self.run_out_on(clock.now()).ok().flatten());
        if let Some(day) = run_out
            && let Ok(at) = day.to_zoned(istanbul())
        {
            metrics::gauge!(metric::KEYS_RUN_OUT).set(at.timestamp().as_second() as f64);
        }
        match extended {
            Ok(()) => health.running(),
            Err(error) => {
                let day = run_out.map_or_else(String::new, |day| format!(" on {day}"));
                health.warned(
                    ErrorCode::KeysRunOut,
                    &format!(
                        "keys run out{day} and this process cannot make more: {error:#}; \
                         run `ebasvuru keys extend` where the ring is kept, then bring it here"
                    ),
                );
            }
        }
    }

    /// Extends the keys now, and again every few hours.
    pub fn maintain(self, log: &Arc<dyn Log>, clock: &Clock, health: Health) {
        self.extend_or_warn(log.as_ref(), clock, &health);
        let (keys, log, clock) = (Arc::new(self), Arc::clone(log), clock.clone());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(CHECK_INTERVAL).await;
                let (keys, log, clock, health) =
                    (Arc::clone(&keys), Arc::clone(&log), clock.clone(), health.clone());
                let extended =
                    tokio::task::spawn_blocking(move || keys.extend_or_warn(log.as_ref(), &clock, &health));
                if let Err(error) = extended.await {
                    tracing::error!(error.message = %error, "the keys of the months ahead could not be checked");
                }
            }
        });
    }
}

/// The fingerprints that the log knows, by key name; the first one under a name counts.
fn known(log: &dyn Log) -> Result<BTreeMap<String, String>, LogError> {
    let mut known = BTreeMap::new();
    log.reader(topic::SETTINGS, Start::Beginning)?.catch_up(&mut |record| {
        if type_of(&record) == KeyFingerprint::TYPE
            && let Ok(key) = KeyFingerprint::from_record(&record)
        {
            known.entry(key.name).or_insert(key.print);
        }
    })?;
    Ok(known)
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::log::embedded::EmbeddedLog;
    use ebasvuru_workflow::log::{Outgoing, Retention};

    use super::*;

    struct Fixture {
        folder: tempfile::TempDir,
        log: EmbeddedLog,
        catalog: Catalog,
    }

    impl Fixture {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
            let mut specs = crate::topics::specs(1);
            // Every record stays, as on Kafka before compaction.
            for spec in specs.iter_mut().filter(|spec| spec.name == topic::SETTINGS) {
                spec.retention = Retention::Forever;
            }
            log.ensure_topics(&specs).unwrap();
            Self { folder, log, catalog: ebasvuru_ingest::catalog::load(None).unwrap() }
        }

        fn config(&self, ring: &str) -> Config {
            let mut config = Config::load(None, &[]).unwrap();
            config.keys.ring = self.folder.path().join(ring);
            config
        }

        fn create(&self, ring: &str) -> anyhow::Result<Keys> {
            Keys::open_or_create(&self.config(ring), &self.catalog, &self.log)
        }

        fn open(&self, ring: &str) -> anyhow::Result<Keys> {
            Keys::open(&self.config(ring), &self.catalog, &self.log)
        }

        fn copy(&self, from: &str, to: &str) {
            std::fs::copy(self.folder.path().join(from), self.folder.path().join(to)).unwrap();
        }
    }

    fn now() -> Timestamp {
        "2026-11-23T09:15:00+03:00".parse().unwrap()
    }

    fn code(outcome: anyhow::Result<impl Sized>) -> ErrorCode {
        crate::failure::code(&outcome.err().unwrap()).unwrap()
    }

    #[test]
    fn a_ring_is_made_for_a_new_log_alone_and_another_is_refused() {
        let fixture = Fixture::new();
        assert_eq!(code(fixture.open("ring")), ErrorCode::KeyringMissing);
        fixture.create("ring").unwrap();
        fixture.open("ring").unwrap();
        assert_eq!(code(fixture.create("lost")), ErrorCode::KeyringMissing, "the log knows a ring");
        KeyRing::create(&fixture.config("foreign").keys.ring).unwrap();
        assert_eq!(code(fixture.open("foreign")), ErrorCode::KeyringForeign);
        fixture.open("ring").unwrap();
    }

    #[test]
    fn a_log_without_fingerprints_takes_those_of_the_first_process() {
        let fixture = Fixture::new();
        let command = Outgoing {
            topic: topic::COMMANDS,
            partition: None,
            key: None,
            value: Some("{}".into()),
            headers: Vec::new(),
        };
        fixture.log.producer().unwrap().send(vec![command]).unwrap();
        assert_eq!(code(fixture.create("ring")), ErrorCode::KeyringMissing, "something may have been sealed");
        KeyRing::create(&fixture.config("ring").keys.ring).unwrap();
        fixture.open("ring").unwrap();
        KeyRing::create(&fixture.config("foreign").keys.ring).unwrap();
        assert_eq!(code(fixture.open("foreign")), ErrorCode::KeyringForeign);
    }

    #[test]
    fn keys_are_added_once_and_an_old_copy_adds_no_second_key() {
        let fixture = Fixture::new();
        let keys = fixture.create("ring").unwrap();
        fixture.copy("ring", "copy");
        keys.extend(&fixture.log, now()).unwrap();
        assert_eq!(keys.run_out_on(now()).unwrap(), Some("2027-06-01".parse().unwrap()));
        assert!(keys.is_complete(now()).unwrap());

        let copy = fixture.open("copy").unwrap();
        assert!(!copy.is_complete(now()).unwrap());
        assert_eq!(code(copy.extend(&fixture.log, now())), ErrorCode::KeyringOldCopy);
        assert_eq!(copy.run_out_on(now()).unwrap(), Some("2026-11-01".parse().unwrap()));
        let health = Health::new("keys");
        copy.extend_or_warn(&fixture.log, &Clock::manual(now()), &health);
        let state = health.state();
        assert_eq!(state.code(), Some(ErrorCode::KeysRunOut));
        assert!(format!("{state:?}").contains("2026-11-01"), "{state:?}");

        fixture.copy("ring", "copy");
        copy.extend_or_warn(&fixture.log, &Clock::manual(now()), &health);
        assert_eq!(health.state(), ebasvuru_workflow::health::HealthState::Running);
    }

    #[test]
    fn of_two_processes_that_add_a_key_at_once_the_second_is_refused() {
        let fixture = Fixture::new();
        let keys = fixture.create("ring").unwrap();
        fixture.copy("ring", "copy");
        let copy = fixture.open("copy").unwrap();
        // Both have read the log before either registers its keys.
        for each in [&keys, &copy] {
            for class in &each.classes {
                each.ring.ensure_months(class, now(), 1).unwrap();
            }
        }
        keys.register(&fixture.log).unwrap();
        assert_eq!(code(copy.register(&fixture.log)), ErrorCode::KeyringForeign);
        keys.register(&fixture.log).unwrap();
    }
}
