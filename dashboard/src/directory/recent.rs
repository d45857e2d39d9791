//! The applications of the latest replies, so that the next page and the lists show a result
//! before ClickHouse has it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo};

/// How many applications are kept: minutes of work of a whole ministry, while ClickHouse lags by
/// less than a second.
const CAPACITY: usize = 4096;

/// A bounded cache; the oldest entry is dropped first.
#[derive(Debug, Default)]
pub struct RecentApplications(RwLock<Entries>);

#[derive(Debug, Default)]
struct Entries {
    by_id: HashMap<ApplicationId, Arc<Application>>,
    ids: HashMap<ApplicationNo, ApplicationId>,
    order: VecDeque<ApplicationId>,
}

impl RecentApplications {
    /// Keeps this state, unless a newer one is known.
    pub fn put(&self, application: Arc<Application>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).put(application);
    }

    /// The application with this number, if it is in the cache.
    #[must_use]
    pub fn by_no(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        entries.by_id.get(entries.ids.get(no)?).cloned()
    }

    /// All of them, the newest version of each.
    #[must_use]
    pub fn all(&self) -> HashMap<ApplicationId, Arc<Application>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_id.clone()
    }
}

impl Entries {
    fn put(&mut self, application: Arc<Application>) {
        let id = application.id;
        match self.by_id.get(&id) {
            Some(known) if known.version >= application.version => return,
            Some(_) => {}
            None => self.order.push_back(id),
        }
        self.ids.insert(application.no.clone(), id);
        self.by_id.insert(id, application);
        if self.order.len() > CAPACITY
            && let Some(oldest) = self.order.pop_front()
            && let Some(dropped) = self.by_id.remove(&oldest)
        {
            self.ids.remove(&dropped.no);
        }
    }
}
