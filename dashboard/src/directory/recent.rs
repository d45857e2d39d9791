//! The applications that commands have changed last, and those that were read last: the next page and the
//! lists show a result before ClickHouse has it, and whoever opens an application and then acts on it reads it only
//! once.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use tokio::sync::Notify;

use super::cache::Cache;
use super::kept::HasUntil;

/// How many applications that were read are kept.
const READ: usize = 4096;
/// How many that commands have changed: a minute of work of a whole ministry, while ClickHouse lags by seconds. The ids
/// of all have to fit into one parameter of a statement, which is 128 KiB.
const CHANGED: usize = 2048;
/// For this long nothing in ClickHouse is newer than what the log had last: the sink takes as long to write it.
const AHEAD: Duration = Duration::from_millis(100);
/// How long the state of a reply may come after it. Both are of one transaction, but of two partitions, which two
/// threads read.
const PATIENCE: Duration = Duration::from_secs(1);

/// Two bounded caches by number, because one submission may become two applications, years apart; of each the
/// oldest entry is dropped first. However many are read, they do not displace what ClickHouse may not have yet.
#[derive(Debug, Default)]
pub struct RecentApplications {
    changed: RwLock<Changed>,
    read: RwLock<Cache<ApplicationNo, Arc<Application>, READ>>,
    arrived: Notify,
}

/// What came from the log.
#[derive(Debug, Default)]
struct Changed {
    cache: Cache<ApplicationNo, Arrived, CHANGED>,
    /// Those that ClickHouse may not have yet.
    unstored: HashMap<ApplicationNo, Arrived>,
}

#[derive(Clone, Debug)]
struct Arrived {
    application: Arc<Application>,
    at: Instant,
}

impl RecentApplications {
    /// Keeps this state from the log, unless a newer one is known. `changed`: it is what a command has just made
    /// of the application, and ClickHouse may not have it yet.
    pub fn put(&self, application: Arc<Application>, changed: bool) {
        self.changed.write().unwrap_or_else(PoisonError::into_inner).put(application, changed);
        self.arrived.notify_waiters();
    }

    /// Keeps this state, which was read from ClickHouse.
    pub fn keep(&self, application: Arc<Application>) {
        let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
        read.put(application.no.clone(), application);
    }

    /// The application in this version or a newer one, as soon as it comes from the log; `None` if it does not
    /// come.
    pub async fn of_version(&self, no: &ApplicationNo, version: u64) -> Option<Arc<Application>> {
        let there = || self.look(|changed| changed.application(no)).filter(|known| known.version >= version);
        let comes = async {
            loop {
                // Registers before it looks, so that what comes in between is not missed.
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

    /// The newest state of the application with this number that is in memory.
    #[must_use]
    pub fn by_no(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        let read = self.read.read().unwrap_or_else(PoisonError::into_inner).get(no).cloned();
        let changed = self.look(|changed| changed.application(no));
        read.into_iter().chain(changed).max_by_key(|application| application.version)
    }

    /// The application with this number, if its state has just come, so that ClickHouse has nothing newer.
    #[must_use]
    pub fn just_arrived(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        let known = self.look(|changed| changed.cache.get(no).cloned());
        known.filter(|known| known.at.elapsed() <= AHEAD).map(|known| known.application)
    }

    /// The applications that ClickHouse may not have in this state yet, if it has everything until then.
    pub fn unstored(&self, until: Option<HasUntil>) -> Vec<Arc<Application>> {
        let mut changed = self.changed.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = until {
            changed.unstored.retain(|_, arrived| !until.includes(arrived.at));
        }
        changed.unstored.values().map(|arrived| Arc::clone(&arrived.application)).collect()
    }

    fn look<T>(&self, look: impl FnOnce(&Changed) -> T) -> T {
        look(&self.changed.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Changed {
    fn put(&mut self, application: Arc<Application>, changed: bool) {
        let no = application.no.clone();
        if self.application(&no).is_some_and(|known| known.version >= application.version) {
            return;
        }
        let arrived = Arrived { application, at: Instant::now() };
        if changed || self.unstored.contains_key(&no) {
            self.unstored.insert(no.clone(), arrived.clone());
        }
        if let Some((dropped, _)) = self.cache.put(no, arrived) {
            self.unstored.remove(&dropped);
        }
    }

    fn application(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        self.cache.get(no).map(|known| Arc::clone(&known.application))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::World;

    fn of_version(application: &Application, version: u64) -> Arc<Application> {
        Arc::new(Application { version, ..application.clone() })
    }

    fn unstored(recent: &RecentApplications) -> Vec<u64> {
        recent.unstored(None).iter().map(|application| application.version).collect()
    }

    #[test]
    fn a_reply_is_unstored_until_clickhouse_has_what_was_there_when_it_came() {
        let (recent, application) = (RecentApplications::default(), World::new().application(1, ""));
        let versions = |until| {
            recent.unstored(until);
            unstored(&recent)
        };
        let before = HasUntil::now();
        recent.put(of_version(&application, 5), true);
        assert_eq!((versions(None), versions(Some(before))), (vec![5], vec![5]));
        let between = HasUntil::now();
        recent.put(of_version(&application, 6), true);
        assert_eq!(versions(Some(between)), [6], "it may have the former one alone");
        assert!(versions(Some(HasUntil::now())).is_empty());
        assert_eq!(recent.by_no(&application.no).unwrap().version, 6, "it is still shown from memory");
    }

    #[tokio::test]
    async fn a_state_that_follows_its_reply_is_waited_for() {
        let (recent, application) = (RecentApplications::default(), World::new().application(1, ""));
        let no = &application.no;
        recent.put(of_version(&application, 1), false);
        let comes = async {
            for version in [2, 3] {
                tokio::time::sleep(Duration::from_millis(20)).await;
                recent.put(of_version(&application, version), true);
            }
        };
        let (found, ()) = tokio::join!(recent.of_version(no, 3), comes);
        assert_eq!(found.unwrap().version, 3);
        assert_eq!(recent.of_version(no, 2).await.unwrap().version, 3, "it came first");
        assert_eq!(recent.of_version(no, 4).await, None, "it does not come");
    }

    /// The first one was closed years ago, with a higher version.
    #[test]
    fn two_applications_of_one_submission_are_two() {
        let (recent, second) = (RecentApplications::default(), World::new().application(1, ""));
        let no = |running: &str| format!("2020-06-{running}").parse().unwrap();
        let first = Application { no: no("0000001000"), version: 9, ..second.clone() };
        recent.put(Arc::new(second.clone()), true);
        recent.keep(Arc::new(first.clone()));
        recent.put(of_version(&second, 2), true);
        assert_eq!(recent.by_no(&second.no).unwrap().version, 2);
        assert_eq!(recent.by_no(&first.no).unwrap().version, 9);
    }

    #[test]
    fn pages_do_not_displace_what_clickhouse_may_lack() {
        let (recent, application) = (RecentApplications::default(), World::new().application(1, ""));
        recent.put(of_version(&application, 2), true);
        let of_running =
            |running: usize| format!("2025-06-{running:04}000").parse::<ApplicationNo>().unwrap();
        let numbers = (1..=READ + 1).map(of_running);
        for no in numbers.clone() {
            recent.keep(Arc::new(Application { no, ..application.clone() }));
        }
        assert_eq!(unstored(&recent), [2]);
        assert_eq!(recent.by_no(&application.no).unwrap().version, 2);
        assert_eq!(numbers.filter(|no| recent.by_no(no).is_some()).count(), READ, "and they are bounded");
    }

    /// Its state may have been in ClickHouse for long.
    #[test]
    fn what_a_refusal_shows_is_not_unstored_unless_an_older_state_is() {
        let (recent, application) = (RecentApplications::default(), World::new().application(1, ""));
        recent.put(of_version(&application, 5), false);
        assert!(unstored(&recent).is_empty());
        recent.put(of_version(&application, 6), true);
        recent.put(of_version(&application, 7), false);
        assert_eq!(unstored(&recent), [7]);
    }
}
