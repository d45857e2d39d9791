//! The open applications, in memory: every list of them that is limited to units is made of these rows. They
//! come from the log (`ebasvuru.applications`, read from its beginning and from its end) and from replies,
//! whichever is first; the greater version counts. ClickHouse would need 50 ms of a core for each such list, and
//! shows it later.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ebasvuru_analytics::read::{Closing, Page, Tabs, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::application::{Application, ClosedMarker};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId};
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use ebasvuru_workflow::message::StateRecord;
use jiff::Timestamp;

/// All open applications, once the log has been read to its end.
#[derive(Debug, Default)]
pub struct OpenApplications {
    table: RwLock<Table>,
    complete: Arc<AtomicBool>,
    /// A record could not be read, so that rows may be missing.
    unreadable: AtomicBool,
}

/// The rows, and what finds them.
#[derive(Debug, Default)]
struct Table {
    known: HashMap<ApplicationId, Known>,
    of_units: HashMap<UnitId, HashSet<ApplicationId>>,
    units: Names<UnitId>,
    services: Names<ServiceSlug>,
    officers: Names<UserName>,
}

/// What a state tells that was not known before. Always [`News::None`] while not all open applications are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing that changes what is kept.
    None,
    /// The application is new, and open.
    Submitted,
    /// It is closed.
    Closed(Closing),
    /// It is closed, and nothing says in which unit, or who held it.
    ClosedSomewhere,
}

/// The newest state of an application.
#[derive(Debug)]
struct Known {
    version: u64,
    /// `None`: it is closed. An older state that comes late does not open it again.
    row: Option<WorklistRow>,
    /// The partitions of the log that have this state; none if only a reply has told of it. They are several
    /// while `repartition` moves it.
    partitions: Vec<i32>,
}

/// What was known of an application before a state.
#[derive(Debug)]
enum Before {
    /// Nothing.
    New,
    /// This state or a newer one.
    NotOlder,
    /// It was open.
    Open { version: u64, received_at: Timestamp, unit: UnitId, officer: Option<UserName> },
    /// It was closed.
    Closed,
}

impl OpenApplications {
    /// Begins anew: nothing is known. They must not be complete any more.
    pub fn clear(&self) {
        self.unreadable.store(false, Ordering::Release);
        self.write(|table| *table = Table::default());
    }

    /// Whether the log has been read to its end, so that all open ones are known. Until then ClickHouse makes
    /// the lists.
    pub const fn complete(&self) -> &Arc<AtomicBool> {
        &self.complete
    }

    /// A record cannot be read: ClickHouse makes the lists until the log is read from its beginning again.
    /// Whether it is the first one.
    pub fn set_unreadable(&self) -> bool {
        !self.unreadable.swap(true, Ordering::AcqRel)
    }

    /// Applies a record of the state, from this partition.
    pub fn apply(&self, state: &StateRecord, partition: i32) -> News {
        self.news(|table| match state {
            StateRecord::Application(application) => table.put(application, Some(partition)),
            StateRecord::ClosedMarker(marker) => table.close(marker, partition),
            StateRecord::Counter(_) | StateRecord::Waiting(_) => News::None,
        })
    }

    /// Applies a state that has just come, wherever from.
    pub fn put(&self, application: &Application) -> News {
        self.news(|table| table.put(application, None))
    }

    fn news(&self, change: impl FnOnce(&mut Table) -> News) -> News {
        let news = self.write(change);
        if self.usable() { news } else { News::None }
    }

    /// This partition of the log has nothing of this application any more: it was closed long ago, and its
    /// submission may become another one; or `repartition` has moved it.
    pub fn forget(&self, id: ApplicationId, partition: i32) {
        self.write(|table| table.forget(id, partition));
    }

    /// The version of its newest state; `None` if it is not known, and while not all are.
    #[must_use]
    pub fn version(&self, id: ApplicationId) -> Option<u64> {
        self.usable().then_some(())?;
        Some(self.table.read().unwrap_or_else(PoisonError::into_inner).known.get(&id)?.version)
    }

    /// This row as it is now; `None` if its application is not known to be open, or only in an older version.
    #[must_use]
    pub fn current(&self, row: &WorklistRow) -> Option<WorklistRow> {
        self.usable().then_some(())?;
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.known.get(&row.id)?.row.clone().filter(|current| current.version >= row.version)
    }

    /// Whether all are known.
    #[must_use]
    pub fn usable(&self) -> bool {
        self.complete.load(Ordering::Acquire) && !self.unreadable.load(Ordering::Acquire)
    }

    /// A page of at most `limit` rows; `None` for a list that ClickHouse has to make.
    #[must_use]
    pub fn page(&self, filter: &WorklistFilter, limit: u16, now: Timestamp) -> Option<Page<WorklistRow>> {
        self.query(filter, now, |rows| Page::of(rows.collect(), filter, limit))
    }

    /// The tabs of a list without its closed applications, as [`ReadModel::tabs`] counts; `None` if ClickHouse
    /// has to count.
    ///
    /// [`ReadModel::tabs`]: ebasvuru_analytics::read::ReadModel::tabs
    #[must_use]
    pub fn tabs(&self, filter: &WorklistFilter, mine: &UserName, now: Timestamp) -> Option<Tabs> {
        let filter = WorklistFilter { statuses: WorklistFilter::OPEN.into(), ..filter.clone() };
        self.query(&filter, now, |rows| {
            let mut tabs = Tabs::default();
            rows.for_each(|row| tabs.count(row, mine, now));
            tabs
        })
    }

    /// Runs a query on the rows of a list, in no order.
    fn query<T>(
        &self,
        filter: &WorklistFilter,
        now: Timestamp,
        query: impl FnOnce(&mut dyn Iterator<Item = &WorklistRow>) -> T,
    ) -> Option<T> {
        if !self.usable() || !filter.is_of_open_in_units() {
            return None;
        }
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        // A unit that is named twice has its rows once.
        let units: HashSet<_> = filter.units.iter().collect();
        let ids = units.into_iter().filter_map(|unit| table.of_units.get(unit)).flatten();
        let rows = ids.filter_map(|id| table.known.get(id)?.row.as_ref());
        Some(query(&mut rows.filter(|row| filter.admits(row, now))))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Table) -> T) -> T {
        change(&mut self.table.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    fn put(&mut self, application: &Application, partition: Option<i32>) -> News {
        let closing = Closing::of(application);
        let row = closing.is_none().then(|| WorklistRow::of(application));
        let before = self.replace(application.id, application.version, row, partition);
        match (before, closing) {
            (Before::New, None) => News::Submitted,
            (Before::New | Before::Open { .. }, Some(closing)) => News::Closed(closing),
            _ => News::None,
        }
    }

    fn close(&mut self, marker: &ClosedMarker, partition: i32) -> News {
        match self.replace(marker.id, marker.version, None, Some(partition)) {
            // The event that closes it leaves unit and holder as they are.
            Before::Open { version, received_at, unit, officer } if version + 1 == marker.version => {
                News::Closed(Closing { id: marker.id, received_at, unit, officer, at: marker.closed_at })
            }
            Before::New | Before::Open { .. } => News::ClosedSomewhere,
            Before::NotOlder | Before::Closed => News::None,
        }
    }

    /// Keeps this state, unless it or a newer one is known. Returns what was known before.
    fn replace(
        &mut self,
        id: ApplicationId,
        version: u64,
        row: Option<WorklistRow>,
        partition: Option<i32>,
    ) -> Before {
        match self.known.get_mut(&id) {
            Some(known) if known.version > version => return Before::NotOlder,
            Some(known) if known.version == version => {
                known.partitions.extend(partition.filter(|partition| !known.partitions.contains(partition)));
                return Before::NotOlder;
            }
            _ => {}
        }
        let before = self.remove(id);
        let row = row.map(|row| WorklistRow {
            unit: self.units.one(row.unit),
            service: self.services.one(row.service),
            officer: row.officer.map(|officer| self.officers.one(officer)),
            ..row
        });
        if let Some(row) = &row {
            self.of_units.entry(row.unit.clone()).or_default().insert(id);
        }
        self.known.insert(id, Known { version, row, partitions: Vec::from_iter(partition) });
        before
    }

    fn forget(&mut self, id: ApplicationId, partition: i32) {
        let Some(known) = self.known.get_mut(&id).filter(|known| known.partitions.contains(&partition))
        else {
            return;
        };
        known.partitions.retain(|known| *known != partition);
        if known.partitions.is_empty() {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: ApplicationId) -> Before {
        let Some(known) = self.known.remove(&id) else { return Before::New };
        let Some(row) = known.row else { return Before::Closed };
        if let Some(ids) = self.of_units.get_mut(&row.unit) {
            ids.remove(&id);
        }
        let WorklistRow { version, received_at, unit, officer, .. } = row;
        Before::Open { version, received_at, unit, officer }
    }
}

/// One allocation for each name, however many rows have it. There are as many as units, services and users.
#[derive(Debug)]
struct Names<T>(HashSet<T>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(HashSet::new())
    }
}

impl<T: Clone + Eq + Hash> Names<T> {
    fn one(&mut self, name: T) -> T {
        if let Some(known) = self.0.get(&name) {
            return known.clone();
        }
        self.0.insert(name.clone());
        name
    }
}

#[cfg(test)]
mod tests {
    use ebasvuru_analytics::read::{Deadline, Search};
    use ebasvuru_workflow::domain::application::{ClosedMarker, Outcome, Phase, Status};
    use jiff::ToSpan;

    use super::*;
    use crate::tests::World;

    const HERE: &str = "06-sivil-toplum";
    const THERE: &str = "06-nufus";

    fn complete() -> OpenApplications {
        let open = OpenApplications::default();
        open.complete().store(true, Ordering::Release);
        open
    }

    fn of_unit(unit: &str) -> WorklistFilter {
        let statuses = WorklistFilter::OPEN.into();
        WorklistFilter { units: vec![unit.parse().unwrap()], statuses, ..WorklistFilter::default() }
    }

    fn listed(open: &OpenApplications, unit: &str, now: Timestamp) -> Vec<u64> {
        let page = open.page(&of_unit(unit), 10, now).unwrap();
        page.rows.iter().map(|row| row.version).collect()
    }

    fn of_version(application: &Application, version: u64, unit: &str) -> Application {
        Application { version, unit: unit.parse().unwrap(), ..application.clone() }
    }

    #[test]
    fn a_closing_is_told_once_with_the_unit_and_who_held_it_if_they_are_known() {
        let world = World::new();
        let (at, application) = (world.app.clock.now(), world.application(1, ""));
        let held = |version| {
            let status = Status::Assigned { officer: "sorumlu".parse().unwrap() };
            Application { status, ..of_version(&application, version, HERE) }
        };
        let officer = Some("sorumlu".parse().unwrap());
        let closed = Status::Closed { outcome: Outcome::Positive, officer, at };
        let closed = Application { status: closed, ..held(4) };
        let marker = StateRecord::ClosedMarker(ClosedMarker::of(&closed).unwrap());
        let closing = News::Closed(Closing::of(&closed).unwrap());
        let told = |before: Option<u64>, reply_first: bool| {
            let open = complete();
            before.map(|version| open.put(&held(version)));
            let (reply, record) = (|| open.put(&closed), || open.apply(&marker, 0));
            if reply_first { [reply(), record()] } else { [record(), reply()] }
        };
        for before in [None, Some(2), Some(3)] {
            assert_eq!(told(before, true), [closing.clone(), News::None], "{before:?}");
        }
        // What happened in between, it may have moved.
        for before in [None, Some(2)] {
            assert_eq!(told(before, false), [News::ClosedSomewhere, News::None], "{before:?}");
        }
        assert_eq!(told(Some(3), false), [closing, News::None]);
    }

    /// A reply and the record of the same state come on two topics.
    #[test]
    fn in_whatever_order_states_come_the_newest_counts() {
        let world = World::new();
        let (now, application) = (world.app.clock.now(), world.application(1, ""));
        let closed = Status::Closed { outcome: Outcome::Positive, officer: None, at: now };
        let closed = Application { status: closed, ..of_version(&application, 4, THERE) };
        let marker = StateRecord::ClosedMarker(ClosedMarker::of(&closed).unwrap());
        let states = [
            StateRecord::Application(Box::new(of_version(&application, 2, HERE))),
            StateRecord::Application(Box::new(of_version(&application, 3, THERE))),
            StateRecord::Application(Box::new(closed)),
            marker,
        ];
        for first in 0..4 {
            for second in (0..4).filter(|n| *n != first) {
                let open = complete();
                for n in [first, second, first] {
                    open.apply(&states[n], 0);
                }
                let (here, there) = match first.max(second) {
                    1 => (vec![], vec![3]),
                    _ => (vec![], vec![]),
                };
                assert_eq!((listed(&open, HERE, now), listed(&open, THERE, now)), (here, there));
            }
        }
    }

    #[test]
    fn after_the_log_has_forgotten_a_closed_one_its_submission_may_begin_again() {
        let world = World::new();
        let (now, application) = (world.app.clock.now(), world.application(1, ""));
        let open = complete();
        let closed = Status::Closed { outcome: Outcome::Withdrawn, officer: None, at: now };
        let closed = Application { status: closed, ..of_version(&application, 4, HERE) };
        let marker = StateRecord::ClosedMarker(ClosedMarker::of(&closed).unwrap());
        open.put(&closed);
        open.apply(&marker, 2);
        open.put(&of_version(&application, 1, HERE));
        assert!(listed(&open, HERE, now).is_empty());
        open.forget(application.id, 2);
        open.put(&of_version(&application, 1, HERE));
        assert_eq!(listed(&open, HERE, now), [1]);
    }

    /// Between partitions there is no order.
    #[test]
    fn what_was_moved_to_another_partition_counts_there_alone() {
        let world = World::new();
        let (now, application) = (world.app.clock.now(), world.application(1, ""));
        let id = application.id;
        let moved = |partition| {
            move |open: &OpenApplications, application: Application| {
                open.apply(&StateRecord::Application(Box::new(application)), partition);
            }
        };
        let (here, there) = (moved(0), moved(1));
        let state = |version| of_version(&application, version, HERE);
        let left = |open: &OpenApplications| open.forget(id, 0);
        let courses: [&dyn Fn(&OpenApplications); 4] = [
            &|open| (here(open, state(3)), left(open), there(open, state(3))).2,
            &|open| (here(open, state(3)), there(open, state(3)), left(open)).2,
            &|open| (there(open, state(3)), here(open, state(3)), left(open)).2,
            &|open| (there(open, state(3)), there(open, state(4)), here(open, state(3)), left(open)).3,
        ];
        for course in courses {
            let open = complete();
            course(&open);
            assert_eq!(listed(&open, HERE, now).len(), 1);
            open.forget(id, 1);
            assert!(listed(&open, HERE, now).is_empty());
        }
        // Closed and forgotten there, before what was here is read.
        let open = complete();
        there(&open, state(4));
        open.forget(id, 1);
        here(&open, state(3));
        left(&open);
        assert!(listed(&open, HERE, now).is_empty());
    }

    #[test]
    fn a_deadline_passes_without_a_new_state() {
        let world = World::new();
        let (now, mine) = (world.app.clock.now(), "sorumlu".parse().unwrap());
        let due_at = now + 1.hour();
        let application = world.application(1, "");
        let open = complete();
        open.put(&Application { phase: Phase::Application { due_at }, breached_at: None, ..application });
        let late = WorklistFilter { deadline: Some(Deadline::Overdue), ..of_unit(HERE) };
        for (at, overdue) in [(now, 0), (due_at, 1)] {
            assert_eq!(open.page(&late, 10, at).unwrap().rows.len(), overdue);
            let tabs = open.tabs(&of_unit(HERE), &mine, at).unwrap();
            assert_eq!((tabs.open, tabs.overdue), (1, overdue as u64));
        }
    }

    #[test]
    fn what_the_rows_do_not_have_and_what_is_not_complete_is_left_to_clickhouse() {
        let world = World::new();
        let now = world.app.clock.now();
        let open = complete();
        open.put(&world.application(1, ""));
        assert_eq!(listed(&open, HERE, now).len(), 1);
        let search = Some(Search::TcknIndex("t".into()));
        for filter in [
            WorklistFilter { search, ..of_unit(HERE) },
            WorklistFilter { units: Vec::new(), ..of_unit(HERE) },
            WorklistFilter { statuses: Vec::new(), ..of_unit(HERE) },
        ] {
            assert_eq!(open.page(&filter, 10, now), None, "{filter:?}");
        }
        open.complete().store(false, Ordering::Release);
        assert_eq!(open.page(&of_unit(HERE), 10, now), None);
        open.complete().store(true, Ordering::Release);
        assert!(open.set_unreadable() && !open.set_unreadable());
        assert_eq!(open.page(&of_unit(HERE), 10, now), None, "a row may be missing");
        open.clear();
        open.complete().store(true, Ordering::Release);
        assert!(listed(&open, HERE, now).is_empty());
    }
}
