//! The key ring, held against the log: the log knows every key in use by its fingerprint, so that
//! no second ring, and no second key for one month, ever comes into use unseen.

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

/// How often the months ahead are looked at.
const EVERY: Duration = Duration::from_hours(6);
/// How far ahead it is looked when the keys run out.
const FAR: u32 = 240;

/// The ring of this process, and what it must hold.
pub struct Keys {
    ring: Arc<KeyRing>,
    path: PathBuf,
    classes: BTreeSet<String>,
    months_ahead: u32,
}

impl Keys {
    /// Reads the ring, and asks nobody.
    pub fn load(config: &Config, catalog: &Catalog) -> anyhow::Result<Self> {
        let services = catalog.services().map(|service| service.retention_class.as_str().to_owned());
        Ok(Self {
            ring: Arc::new(KeyRing::load(&config.keys.ring)?),
            path: config.keys.ring.clone(),
            classes: services.chain([APPLICATIONS.to_owned()]).collect(),
            months_ahead: u32::from(config.keys.months_ahead),
        })
    }

    /// Reads the ring of this log; another one is refused.
    pub fn open(config: &Config, catalog: &Catalog, log: &dyn Log) -> anyhow::Result<Self> {
        let keys = Self::load(config, catalog)?;
        keys.vouch(log)?;
        Ok(keys)
    }

    /// The same; the ring is made where there is none and nothing has been sealed for this log.
    pub fn open_or_create(config: &Config, catalog: &Catalog, log: &dyn Log) -> anyhow::Result<Self> {
        Self::create_for_new(config, log)?;
        Self::open(config, catalog, log)
    }

    /// Makes the ring where there is none and nothing has been sealed for this log; says whether it
    /// did. The log comes to know it by the first process that works with it.
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

    /// Seals and opens with this ring.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(Arc::clone(&self.ring))
    }

    /// How many keys there are, and where.
    pub fn describe(&self) -> String {
        format!("{} entries in {}", self.ring.entries().len(), self.path.display())
    }

    /// Whether every key here is the one that the log knows under its name.
    pub fn compare(&self, log: &dyn Log) -> anyhow::Result<()> {
        self.differs(&known(log)?)
    }

    /// The same, and makes the log know the keys that it has not heard of.
    fn vouch(&self, log: &dyn Log) -> anyhow::Result<()> {
        let before = known(log)?;
        self.differs(&before)?;
        let mut new = self.ring.fingerprints();
        new.retain(|name, _| !before.contains_key(name));
        if new.is_empty() {
            return Ok(());
        }
        let say = |prints: BTreeMap<String, String>| {
            let records = prints.into_iter().map(|(name, print)| KeyFingerprint { name, print }.to_record());
            log.producer()?.send(records.collect())
        };
        say(new.clone())?;
        // Somebody with another ring may have been quicker: then theirs stays what is known.
        let mut after = known(log)?;
        let differs = self.differs(&after);
        if differs.is_err() {
            after.retain(|name, _| new.contains_key(name));
            say(after)?;
        }
        differs
    }

    fn differs(&self, known: &BTreeMap<String, String>) -> anyhow::Result<()> {
        let own = self.ring.fingerprints();
        let other = own.iter().find(|(name, print)| known.get(*name).is_some_and(|known| known != *print));
        let Some((name, _)) = other else { return Ok(()) };
        bail!(ErrorCode::KeyringForeign.with(format!(
            "the key {name} in {} is not the one that this log knows: bring the ring of this log here",
            self.path.display()
        )))
    }

    /// Makes the keys of every retention class for this month and the months ahead.
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
        self.vouch(log)
    }

    /// The first day for which some class has no key any more.
    pub fn run_out(&self, now: Timestamp) -> anyhow::Result<Option<Date>> {
        let mut first: Option<String> = None;
        for class in &self.classes {
            let missing = self.ring.missing(class, now, FAR)?;
            let month = missing.first().and_then(|name| name.get(class.len() + 1..)).map(str::to_owned);
            first = first.into_iter().chain(month).min();
        }
        Ok(first.map(|month| format!("{month}-01").parse()).transpose()?)
    }

    /// Whether all the months ahead are there.
    pub fn complete(&self, now: Timestamp) -> anyhow::Result<bool> {
        for class in &self.classes {
            if !self.ring.missing(class, now, self.months_ahead + 1)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes the months ahead; where that cannot be, says in good time until when keys last.
    fn tend(&self, log: &dyn Log, clock: &Clock, health: &Health) {
        let (extended, run_out) = (self.extend(log, clock.now()), self.run_out(clock.now()).ok().flatten());
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
                         `ebasvuru keys extend` where the ring is kept, then bring it here"
                    ),
                );
            }
        }
    }

    /// Tends the keys now and from now on.
    pub fn watch(self, log: &Arc<dyn Log>, clock: &Clock, health: Health) {
        self.tend(log.as_ref(), clock, &health);
        let (keys, log, clock) = (Arc::new(self), Arc::clone(log), clock.clone());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                let (keys, log, clock, health) =
                    (Arc::clone(&keys), Arc::clone(&log), clock.clone(), health.clone());
                let tended = tokio::task::spawn_blocking(move || keys.tend(log.as_ref(), &clock, &health));
                if let Err(error) = tended.await {
                    tracing::error!(error.message = %error, "the keys of the months ahead could not be checked");
                }
            }
        });
    }
}

/// The fingerprints that the log knows; the first under a name stays.
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

    struct World {
        folder: tempfile::TempDir,
        log: EmbeddedLog,
        catalog: Catalog,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
            let mut specs = crate::topics::specs(1);
            // As Kafka keeps it before it is compacted: every record.
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
        let world = World::new();
        assert_eq!(code(world.open("ring")), ErrorCode::KeyringMissing);
        world.create("ring").unwrap();
        world.open("ring").unwrap();
        assert_eq!(code(world.create("lost")), ErrorCode::KeyringMissing, "the log knows a ring");
        KeyRing::create(&world.config("foreign").keys.ring).unwrap();
        assert_eq!(code(world.open("foreign")), ErrorCode::KeyringForeign);
        world.open("ring").unwrap();
    }

    #[test]
    fn a_log_from_before_fingerprints_takes_those_of_its_first_start() {
        let world = World::new();
        let command = Outgoing {
            topic: topic::COMMANDS,
            partition: None,
            key: None,
            value: Some("{}".into()),
            headers: Vec::new(),
        };
        world.log.producer().unwrap().send(vec![command]).unwrap();
        assert_eq!(code(world.create("ring")), ErrorCode::KeyringMissing, "something may have been sealed");
        KeyRing::create(&world.config("ring").keys.ring).unwrap();
        world.open("ring").unwrap();
        KeyRing::create(&world.config("foreign").keys.ring).unwrap();
        assert_eq!(code(world.open("foreign")), ErrorCode::KeyringForeign);
    }

    #[test]
    fn a_ring_grows_once_and_an_old_copy_makes_no_second_key() {
        let world = World::new();
        let keys = world.create("ring").unwrap();
        world.copy("ring", "copy");
        keys.extend(&world.log, now()).unwrap();
        assert_eq!(keys.run_out(now()).unwrap(), Some("2027-06-01".parse().unwrap()));
        assert!(keys.complete(now()).unwrap());

        let copy = world.open("copy").unwrap();
        assert!(!copy.complete(now()).unwrap());
        assert_eq!(code(copy.extend(&world.log, now())), ErrorCode::KeyringOldCopy);
        assert_eq!(copy.run_out(now()).unwrap(), Some("2026-11-01".parse().unwrap()));
        let health = Health::new("keys");
        copy.tend(&world.log, &Clock::manual(now()), &health);
        let state = health.state();
        assert_eq!(state.code(), Some(ErrorCode::KeysRunOut));
        assert!(format!("{state:?}").contains("2026-11-01"), "{state:?}");

        world.copy("ring", "copy");
        copy.tend(&world.log, &Clock::manual(now()), &health);
        assert_eq!(health.state(), ebasvuru_workflow::health::State::Running);
    }

    #[test]
    fn of_two_that_make_a_key_at_once_the_second_is_found() {
        let world = World::new();
        let keys = world.create("ring").unwrap();
        world.copy("ring", "copy");
        let copy = world.open("copy").unwrap();
        // Both have looked before either has said anything.
        for each in [&keys, &copy] {
            for class in &each.classes {
                each.ring.ensure_months(class, now(), 1).unwrap();
            }
        }
        keys.vouch(&world.log).unwrap();
        assert_eq!(code(copy.vouch(&world.log)), ErrorCode::KeyringForeign);
        keys.vouch(&world.log).unwrap();
    }
}
