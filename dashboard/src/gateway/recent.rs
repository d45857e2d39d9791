//! The applications that replies spoke of lately, so that the next page and the lists show
//! a result before ClickHouse has it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo};

/// How many applications are remembered: minutes of work of a whole ministry, while
/// ClickHouse lags by less than a second.
pub const CAPACITY: usize = 4096;

/// A bounded memory, oldest out first.
#[derive(Debug)]
pub struct Recent {
    capacity: usize,
    by_id: HashMap<ApplicationId, Arc<Application>>,
    ids: HashMap<ApplicationNo, ApplicationId>,
    order: VecDeque<ApplicationId>,
}

impl Recent {
    /// Remembers at most `capacity` applications.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, by_id: HashMap::new(), ids: HashMap::new(), order: VecDeque::new() }
    }

    /// Remembers this state, unless a newer one is known.
    pub fn put(&mut self, application: Arc<Application>) {
        let id = application.id;
        match self.by_id.get(&id) {
            Some(known) if known.version >= application.version => return,
            Some(_) => {}
            None => self.order.push_back(id),
        }
        self.ids.insert(application.no.clone(), id);
        self.by_id.insert(id, application);
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
            && let Some(gone) = self.by_id.remove(&oldest)
        {
            self.ids.remove(&gone.no);
        }
    }

    /// The application with this number, if one of those remembered.
    #[must_use]
    pub fn by_no(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        self.by_id.get(self.ids.get(no)?).cloned()
    }

    /// Everything remembered.
    #[must_use]
    pub fn all(&self) -> HashMap<ApplicationId, Arc<Application>> {
        self.by_id.clone()
    }
}
