//! The applications that commands have changed last, and those that were read last: the next page and the
//! lists show a result before ClickHouse has it, and who opens an application and acts on it reads it once.

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ebasvuru_analytics::read::{ReadError, ReadModel};
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo};
use tokio::sync::{Mutex, Notify};

/// How many applications are kept: minutes of work of a whole ministry, while ClickHouse lags by
/// about a second.
const CAPACITY: usize = 4096;
/// How often ClickHouse is asked at most which of them it has.
const CHECK_INTERVAL: Duration = Duration::from_millis(300);
/// For this long nothing in ClickHouse is newer than what the log had last: the sink takes as long to write it.
const AHEAD: Duration = Duration::from_millis(100);
/// How long the state of a reply may come after it. Both are of one transaction, so this is only ever needed
/// while a reader of the log starts over.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bounded cache; the oldest entry is dropped first.
#[derive(Debug, Default)]
pub struct RecentApplications {
    entries: RwLock<Entries>,
    arrived: Notify,
    checked: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Entries {
    by_id: HashMap<ApplicationId, Entry>,
    ids: HashMap<ApplicationNo, ApplicationId>,
    order: VecDeque<ApplicationId>,
    /// Those that ClickHouse may not have yet.
    unstored: HashMap<ApplicationId, Arc<Application>>,
}

#[derive(Debug)]
struct Entry {
    application: Arc<Application>,
    /// When it came from the log; `None` if it was read from ClickHouse.
    arrived: Option<Instant>,
}

impl RecentApplications {
    /// Keeps this state from the log, unless a newer one is known. `changed`: it is what a command has just made
    /// of the application, and ClickHouse may not have it yet.
    pub fn put(&self, application: Arc<Application>, changed: bool) {
        self.write(|entries| entries.put(application, changed, Some(Instant::now())));
        self.arrived.notify_waiters();
    }

    /// Keeps this state, which ClickHouse has, unless a newer one is known.
    pub fn keep(&self, application: Arc<Application>) {
        self.write(|entries| entries.put(application, false, None));
    }

    /// The application in this version or a newer one, as soon as it is there; `None` if it does not come.
    pub async fn of_version(&self, id: ApplicationId, version: u64) -> Option<Arc<Application>> {
        let there = || {
            let known = self.read(|entries| Some(Arc::clone(&entries.by_id.get(&id)?.application)));
            known.filter(|known| known.version >= version)
        };
        let comes = async {
            loop {
                // Waits before it looks: what comes in between is not missed.
                let mut arrives = pin!(self.arrived.notified());
                arrives.as_mut().enable();
                if let Some(application) = there() {
                    return application;
                }
                arrives.await;
            }
        };
        tokio::time::timeout(PATIENCE, comes).await.ok()
    }

    /// The application with this number, if it is in the cache.
    #[must_use]
    pub fn by_no(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        self.read(|entries| Some(Arc::clone(&entries.entry(no)?.application)))
    }

    /// The application with this number, if its state has just come, so that ClickHouse has nothing newer.
    #[must_use]
    pub fn just_arrived(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        let fresh = |entry: &&Entry| entry.arrived.is_some_and(|arrived| arrived.elapsed() <= AHEAD);
        self.read(|entries| entries.entry(no).filter(fresh).map(|entry| Arc::clone(&entry.application)))
    }

    /// The applications that ClickHouse may not have in this state yet. All pages together ask it at most
    /// each [`CHECK_INTERVAL`].
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn unstored(&self, read: &ReadModel) -> Result<Vec<Arc<Application>>, ReadError> {
        let mut checked = self.checked.lock().await;
        if checked.is_none_or(|checked| checked.elapsed() >= CHECK_INTERVAL) {
            let unstored = self.read(Entries::unstored);
            if !unstored.is_empty() {
                let versions = read.versions(&unstored).await?;
                self.write(|entries| entries.stored(&versions));
            }
            *checked = Some(Instant::now());
        }
        Ok(self.read(Entries::unstored))
    }

    fn write(&self, change: impl FnOnce(&mut Entries)) {
        change(&mut self.entries.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, read: impl FnOnce(&Entries) -> T) -> T {
        read(&self.entries.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    fn put(&mut self, application: Arc<Application>, changed: bool, arrived: Option<Instant>) {
        let id = application.id;
        match self.by_id.get(&id) {
            Some(known) if known.application.version >= application.version => return,
            Some(_) => {}
            None => self.order.push_back(id),
        }
        self.ids.insert(application.no.clone(), id);
        if changed || self.unstored.contains_key(&id) {
            self.unstored.insert(id, Arc::clone(&application));
        }
        self.by_id.insert(id, Entry { application, arrived });
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
            && let Some(dropped) = self.by_id.remove(&oldest)
        {
            self.ids.remove(&dropped.application.no);
            self.unstored.remove(&oldest);
        }
    }

    fn entry(&self, no: &ApplicationNo) -> Option<&Entry> {
        self.by_id.get(self.ids.get(no)?)
    }

    fn unstored(&self) -> Vec<Arc<Application>> {
        self.unstored.values().cloned().collect()
    }

    /// ClickHouse has these versions.
    fn stored(&mut self, versions: &HashMap<ApplicationId, u64>) {
        self.unstored
            .retain(|id, application| versions.get(id).is_none_or(|stored| *stored < application.version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::World;

    fn of_version(application: &Application, version: u64) -> Arc<Application> {
        Arc::new(Application { version, ..application.clone() })
    }

    fn unstored(entries: &Entries) -> Vec<u64> {
        entries.unstored().iter().map(|application| application.version).collect()
    }

    #[test]
    fn a_reply_is_unstored_until_clickhouse_has_its_version() {
        let (mut entries, application) = (Entries::default(), World::new().application(1, ""));
        let id = application.id;
        entries.put(of_version(&application, 5), true, None);
        entries.stored(&HashMap::new());
        entries.stored(&HashMap::from([(id, 4)]));
        assert_eq!(unstored(&entries), [5]);
        entries.put(of_version(&application, 6), true, None);
        entries.stored(&HashMap::from([(id, 5)]));
        assert_eq!(unstored(&entries), [6]);
        entries.stored(&HashMap::from([(id, 6)]));
        assert!(unstored(&entries).is_empty());
        assert_eq!(entries.entry(&application.no).unwrap().application.version, 6);
    }

    #[tokio::test]
    async fn a_state_that_follows_its_reply_is_waited_for() {
        let (recent, application) = (RecentApplications::default(), World::new().application(1, ""));
        let id = application.id;
        recent.put(of_version(&application, 1), false);
        let comes = async {
            for version in [2, 3] {
                tokio::time::sleep(Duration::from_millis(20)).await;
                recent.put(of_version(&application, version), true);
            }
        };
        let (found, ()) = tokio::join!(recent.of_version(id, 3), comes);
        assert_eq!(found.unwrap().version, 3);
        assert_eq!(recent.of_version(id, 2).await.unwrap().version, 3, "it came first");
        assert_eq!(recent.of_version(id, 4).await, None, "it does not come");
    }

    /// Its state may have been in ClickHouse for long.
    #[test]
    fn what_a_refusal_shows_is_not_unstored_unless_an_older_state_is() {
        let (mut entries, application) = (Entries::default(), World::new().application(1, ""));
        entries.put(of_version(&application, 5), false, None);
        assert!(unstored(&entries).is_empty());
        entries.put(of_version(&application, 6), true, None);
        entries.put(of_version(&application, 7), false, None);
        assert_eq!(unstored(&entries), [7]);
    }
}
