//! The scheduled reports.

use std::sync::{Arc, PoisonError, RwLock};

use ebasvuru_workflow::domain::ids::ScheduleId;
use ebasvuru_workflow::domain::schedule::{Schedule, Schedules};

/// The scheduled reports as this replica has read them.
#[derive(Debug, Default)]
pub struct ScheduleDirectory(RwLock<Schedules>);

impl ScheduleDirectory {
    /// A scheduled report in its current state.
    #[must_use]
    pub fn get(&self, id: ScheduleId) -> Option<Arc<Schedule>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Schedule>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).all().cloned().collect()
    }

    /// Keeps this state, unless a newer one is known.
    pub fn put(&self, schedule: Schedule) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).put(schedule);
    }

    /// It was deleted.
    pub fn delete(&self, id: ScheduleId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).delete(id);
    }
}
