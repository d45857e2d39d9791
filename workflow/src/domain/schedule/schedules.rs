//! Every scheduled report, as read from `ebasvuru.settings`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::state::Schedule;
use crate::domain::ids::ScheduleId;

/// Every scheduled report. A reader may learn of a change before it reads it from the topic (the worker
/// by its own commit, a dashboard by the reply), so older versions are ignored, and what was deleted
/// stays deleted: an id is never used again.
#[derive(Clone, Debug, Default)]
pub struct Schedules {
    all: BTreeMap<ScheduleId, Arc<Schedule>>,
    deleted: BTreeSet<ScheduleId>,
}

impl Schedules {
    /// Adds or replaces a schedule, unless a newer version is known.
    pub fn put(&mut self, schedule: Schedule) {
        let known = self.all.get(&schedule.id);
        if !self.deleted.contains(&schedule.id) && known.is_none_or(|it| it.version <= schedule.version) {
            self.all.insert(schedule.id, Arc::new(schedule));
        }
    }

    /// It was deleted.
    pub fn delete(&mut self, id: ScheduleId) {
        self.all.remove(&id);
        self.deleted.insert(id);
    }

    /// The schedule with this id.
    #[must_use]
    pub fn get(&self, id: ScheduleId) -> Option<&Arc<Schedule>> {
        self.all.get(&id)
    }

    /// All of them, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Schedule>> {
        self.all.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
