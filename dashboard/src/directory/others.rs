//! The lists of a person's other applications that were read last. Whoever opens an application and acts on it sees
//! the list several times, and to find it is the larger part of what ClickHouse does for the page.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ebasvuru_analytics::read::WorklistRow;
use ebasvuru_workflow::domain::ids::ApplicationNo;

use super::cache::Cache;
use super::open::OpenApplications;

/// How many lists are kept, of twenty rows at most each.
const LISTS: usize = 4096;
/// How many people who have submitted something are remembered: twice as many as submit within [`MOST_LAG`].
const SUBMITTERS: usize = 65_536;
/// While ClickHouse lags by more, nothing is kept.
const MOST_LAG: Duration = Duration::from_mins(1);
/// How much the clocks of the log and of this machine may differ.
const CLOCKS: Duration = Duration::from_secs(1);
/// How long a list is shown again.
const LIFETIME: Duration = Duration::from_mins(10);

/// The list of each person whose application was opened last. What the person submits drops it.
#[derive(Debug, Default)]
pub struct RecentOthers {
    lists: RwLock<Cache<String, Option<List>, LISTS>>,
    submitted: RwLock<Cache<String, Instant, SUBMITTERS>>,
}

#[derive(Debug)]
struct List {
    /// On whose page it is.
    of: ApplicationNo,
    rows: Vec<WorklistRow>,
    read: Instant,
}

impl RecentOthers {
    /// Forgets all lists: what people submit is not known from now on.
    pub fn clear(&self) {
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = Cache::default();
    }

    /// The person with this index has submitted an application.
    pub fn submitted(&self, person: &String) {
        let mut submitted = self.submitted.write().unwrap_or_else(PoisonError::into_inner);
        match submitted.get_mut(person) {
            Some(at) => *at = Instant::now(),
            None => drop(submitted.put(person.clone(), Instant::now())),
        }
        drop(submitted);
        if let Some(list) = self.lists.write().unwrap_or_else(PoisonError::into_inner).get_mut(person) {
            *list = None;
        }
    }

    /// Keeps the whole list of an application's page, which has just been read, unless it may lack something.
    /// ClickHouse had all that was submitted longer ago than `lag`.
    pub fn keep(&self, person: String, of: ApplicationNo, rows: Vec<WorklistRow>, lag: Duration) {
        let submitted = self.submitted.read().unwrap_or_else(PoisonError::into_inner);
        if lag <= MOST_LAG && submitted.get(&person).is_none_or(|at| at.elapsed() > lag + CLOCKS) {
            let list = List { of, rows, read: Instant::now() };
            self.lists.write().unwrap_or_else(PoisonError::into_inner).put(person, Some(list));
        }
    }

    /// The list of an application's page, with the open ones as they are now. `None` if it has to be read: it is
    /// not known or too old, or an application in it has been closed since.
    #[must_use]
    pub fn list(
        &self,
        person: &String,
        of: &ApplicationNo,
        open: &OpenApplications,
    ) -> Option<Vec<WorklistRow>> {
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner);
        let list =
            lists.get(person)?.as_ref().filter(|list| list.of == *of && list.read.elapsed() <= LIFETIME)?;
        let now = |row: &WorklistRow| match row.closed_at {
            Some(_) => Some(row.clone()),
            None => open.current(row),
        };
        list.rows.iter().map(now).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use ebasvuru_workflow::domain::application::{Application, Outcome, Status};

    use super::*;
    use crate::tests::World;

    #[test]
    fn open_ones_are_shown_as_they_are_now_and_a_closed_one_is_read_again() {
        let world = World::new();
        let (of, other) = (world.application(1, ""), world.application(2, ""));
        let (lists, open) = (RecentOthers::default(), OpenApplications::default());
        let person = &other.applicant.tckn_index;
        open.complete().store(true, Ordering::Release);
        let keep = |row| lists.keep(person.clone(), of.no.clone(), vec![row], Duration::ZERO);
        keep(WorklistRow::of(&other));
        let versions = |open: &OpenApplications| {
            let list = lists.list(person, &of.no, open)?;
            Some(list.iter().map(|row| row.version).collect::<Vec<_>>())
        };
        assert_eq!(versions(&open), None, "not known to be open");
        for version in [other.version, other.version + 1] {
            open.put(&Application { version, ..other.clone() });
            assert_eq!(versions(&open), Some(vec![version]));
        }
        assert_eq!(lists.list(person, &other.no, &open), None, "each page has its own");
        let at = world.app.clock.now();
        let status = Status::Closed { outcome: Outcome::Withdrawn, officer: None, at };
        let closed = Application { status, version: other.version + 2, ..other.clone() };
        open.put(&closed);
        assert_eq!(versions(&open), None);
        keep(WorklistRow::of(&closed));
        assert_eq!(versions(&open), Some(vec![closed.version]), "it stays closed");
        lists.clear();
        assert_eq!(versions(&open), None);
        keep(WorklistRow::of(&closed));
        lists.submitted(person);
        assert_eq!(versions(&open), None, "there is another one");
        keep(WorklistRow::of(&closed));
        assert_eq!(versions(&open), None, "ClickHouse may not have it yet");
        let long_ago = Instant::now().checked_sub(Duration::from_secs(5)).unwrap();
        lists.submitted.write().unwrap().put(person.clone(), long_ago);
        lists.keep(person.clone(), of.no.clone(), Vec::new(), Duration::from_secs(5));
        assert_eq!(versions(&open), None, "it lags as much");
        keep(WorklistRow::of(&closed));
        assert_eq!(versions(&open), Some(vec![closed.version]));
    }
}
