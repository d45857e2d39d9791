//! The applications of the latest replies, so that the next page and the lists show a result
//! before ClickHouse has it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ebasvuru_analytics::read::{ReadError, ReadModel};
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo};
use tokio::sync::Mutex;

/// How many applications are kept: minutes of work of a whole ministry, while ClickHouse lags by
/// about a second.
const CAPACITY: usize = 4096;
/// How often ClickHouse is asked at most which of them it has.
const CHECK_INTERVAL: Duration = Duration::from_millis(300);
/// For this long nothing in ClickHouse is newer than a reply: the sink takes as long to write it.
const AHEAD: Duration = Duration::from_millis(100);

/// A bounded cache; the oldest entry is dropped first.
#[derive(Debug, Default)]
pub struct RecentApplications {
    entries: RwLock<Entries>,
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
    arrived: Instant,
}

impl RecentApplications {
    /// Keeps this state, unless a newer one is known. `changed`: it is what the command made of the
    /// application, and ClickHouse may not have it yet.
    pub fn put(&self, application: Arc<Application>, changed: bool) {
        self.entries.write().unwrap_or_else(PoisonError::into_inner).put(application, changed);
    }

    /// The application with this number, if it is in the cache.
    #[must_use]
    pub fn by_no(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        self.read(|entries| Some(Arc::clone(&entries.entry(no)?.application)))
    }

    /// The application with this number, if its reply has just come, so that ClickHouse has nothing newer.
    #[must_use]
    pub fn just_replied(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        let fresh = |entry: &&Entry| entry.arrived.elapsed() <= AHEAD;
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
                self.entries.write().unwrap_or_else(PoisonError::into_inner).stored(&versions);
            }
            *checked = Some(Instant::now());
        }
        Ok(self.read(Entries::unstored))
    }

    fn read<T>(&self, read: impl FnOnce(&Entries) -> T) -> T {
        read(&self.entries.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Entries {
    fn put(&mut self, application: Arc<Application>, changed: bool) {
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
        self.by_id.insert(id, Entry { application, arrived: Instant::now() });
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
        entries.put(of_version(&application, 5), true);
        entries.stored(&HashMap::new());
        entries.stored(&HashMap::from([(id, 4)]));
        assert_eq!(unstored(&entries), [5]);
        entries.put(of_version(&application, 6), true);
        entries.stored(&HashMap::from([(id, 5)]));
        assert_eq!(unstored(&entries), [6]);
        entries.stored(&HashMap::from([(id, 6)]));
        assert!(unstored(&entries).is_empty());
        assert_eq!(entries.entry(&application.no).unwrap().application.version, 6);
    }

    /// Its state may have been in ClickHouse for long.
    #[test]
    fn what_a_refusal_shows_is_not_unstored_unless_an_older_state_is() {
        let (mut entries, application) = (Entries::default(), World::new().application(1, ""));
        entries.put(of_version(&application, 5), false);
        assert!(unstored(&entries).is_empty());
        entries.put(of_version(&application, 6), true);
        entries.put(of_version(&application, 7), false);
        assert_eq!(unstored(&entries), [7]);
    }
}
