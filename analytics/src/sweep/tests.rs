//! At every moment each application is counted exactly once, in its latest version.
//!
//! Random lives of applications are written by the sink in a random order of batches and swept, with
//! crashes between any two statements of a sweep, sweeps of two processes at once, removals, rebuilds,
//! and batches that are written a second time. After each step, the lists of a reader with an older cut and of
//! a new one, and after every second step each figure, grouping and series of one of the two, are compared with
//! the same computed from the records that the sink has written.
//!
//! It has been seen to fail where readers count swept rows among the open ones, or rows of an unfinished
//! sweep; where figures leave out the last sweep; where a repeated attempt brings a month twice; and where a
//! removal leaves former versions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clickhouse::Client;
use ebasvuru_workflow::domain::application::{Application, StatusName};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::log::{Log, Outgoing, Record, Retention, Start};
use ebasvuru_workflow::message::StateRecord;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};

use super::*;
use crate::read::tests::now;
use crate::read::tests::reports::{random_filter, reports_agree};
use crate::read::{Closing, ReadModel, ReportFilter, Sort, Tabs, WorklistFilter, WorklistRow};
use crate::schema::{migrate, migrate_until};
use crate::sink::tests::{database, drain_one, number};
use crate::sink::{Options, Source, high_watermarks};
use crate::testing::{self, History, Random, UNITS, at, publish, random_history};

/// How many random courses are tried. `SWEEP_CASES` sets another number.
fn cases() -> u64 {
    std::env::var("SWEEP_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12)
}
const STEPS: usize = 10;
const APPLICATIONS: u32 = 40;
const MORE_HAPPENS: &str = "more happens";

struct Course {
    log: Arc<dyn Log>,
    client: Client,
    random: Random,
    histories: Vec<History>,
    /// How many records of each history are in the log.
    published: Vec<usize>,
    /// Those that the sink has not written.
    waiting: Vec<Outgoing>,
    /// The latest version that it has written of each application, by number.
    latest: BTreeMap<String, Application>,
    /// Reads with a cut of its own age.
    readers: Vec<ReadModel>,
    /// The time of the sweeps, in milliseconds.
    time: i64,
    /// How often it was compared.
    checks: usize,
}

impl Course {
    fn committed(&self, source: Source) -> Vec<Position> {
        self.log.committed(source.group(), source.topic()).unwrap()
    }

    /// The records of a topic that the sink has written.
    fn written(&self, source: Source) -> Vec<Record> {
        let mut written = Vec::new();
        for position in self.committed(source) {
            let start = Start::at(position.partition, 0);
            let mut each = |record: Record| {
                if record.offset < position.offset {
                    written.push(record);
                }
            };
            self.log.reader(source.topic(), start).unwrap().catch_up(&mut each).unwrap();
        }
        written
    }

    /// The sink writes what is in a topic.
    async fn drain(&mut self, source: Source) {
        let until = high_watermarks(self.log.as_ref(), source.topic()).unwrap();
        let mut options = Options::new("test");
        options.limits.rows = 1 + self.random.below(20) as usize;
        drain_one(source, &self.log, &self.client, &options, until).await;
        for record in self.waiting.extract_if(.., |record| record.topic == source.topic()) {
            let record = record.into_record(0, 0, now());
            if source != Source::Events
                && let StateRecord::Application(application) = StateRecord::from_record(&record).unwrap()
            {
                let kept = self.latest.entry(application.no.to_string()).or_insert(*application.clone());
                if kept.version < application.version {
                    *kept = *application;
                }
            }
        }
    }

    async fn step(&mut self) -> &'static str {
        self.time += 1_000 * i64::from(self.random.below(600));
        match self.random.below(12) {
            0..=1 => {
                self.more_happens();
                MORE_HAPPENS
            }
            2..=4 => {
                let source = *self.random.pick(&Source::READ_MODEL);
                self.drain(source).await;
                "the sink writes a topic"
            }
            5 => {
                let committed = self.committed(Source::Archive);
                let swept = sweep(&self.client, &committed, self.time).await.unwrap();
                if swept.is_some() { "a sweep" } else { "a sweep of nothing" }
            }
            6..=7 => {
                self.more_happens();
                self.drain(Source::Archive).await;
                if self.interrupted().await { "a sweep is interrupted" } else { "nothing is interrupted" }
            }
            8 => {
                self.more_happens();
                self.drain(Source::Archive).await;
                let committed = self.committed(Source::Archive);
                let (one, other) = tokio::join!(
                    sweep(&self.client, &committed, self.time),
                    sweep(&self.client, &committed, self.time)
                );
                one.unwrap();
                other.unwrap();
                "two sweeps at once"
            }
            9..=10 => {
                self.more_happens();
                self.drain(Source::Applications).await;
                self.drain(Source::Archive).await;
                let committed = self.committed(Source::Archive);
                sweep(&self.client, &committed, self.time).await.unwrap();
                self.time += i64::try_from(GRACE.as_millis()).unwrap() * 2;
                self.readers.retain(|_| false);
                // Former versions, which ClickHouse has not merged yet.
                self.again().await;
                let rows = "SELECT count() FROM open_applications";
                let before = number(&self.client, rows).await;
                remove(&self.client, self.time).await.unwrap();
                let running =
                    "SELECT count() FROM system.mutations WHERE database = currentDatabase() AND NOT is_done";
                while number(&self.client, running).await > 0 {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                if number(&self.client, rows).await < before { "a removal" } else { "nothing is removed" }
            }
            _ => {
                self.again().await;
                "rows are written a second time"
            }
        }
    }

    fn more_happens(&mut self) {
        for (history, published) in self.histories.iter().zip(&mut self.published) {
            let more = self.random.below(6) as usize;
            let until = history.records.len().min(*published + more);
            let records = history.records[*published..until].to_vec();
            self.waiting.extend(records.clone());
            publish(self.log.as_ref(), records);
            *published = until;
        }
    }

    /// The first statements of a sweep, as many as the chance will have. Whether it brought anything.
    async fn interrupted(&mut self) -> bool {
        let cut = Cut::read(&self.client).await.unwrap();
        let committed = self.committed(Source::Archive);
        let Some(until) = plan(&self.client, &cut.until, &committed).await.unwrap() else { return false };
        let next = cut.sweep + 1;
        let planned = match planned(&self.client, &cut, next).await.unwrap() {
            Some(planned) => planned,
            None => {
                begin(&self.client, &cut, next, until.clone(), self.time).await.unwrap();
                until
            }
        };
        let (_, blocks) = closed_rows(&self.client, next, &cut.until, &planned).await.unwrap();
        let brought = self.random.below(4) as usize;
        for (month, block) in blocks.iter().take(brought) {
            bring(&self.client, next, *month, block).await.unwrap();
            if self.random.below(2) == 0 {
                figures::write(&self.client, &cut, next, *month).await.unwrap();
            }
        }
        brought > 0 && !blocks.is_empty()
    }

    /// Rows of the sink once more, without a token: the latest of some applications.
    async fn again(&mut self) {
        let mut rows = Vec::new();
        for source in [Source::Applications, Source::Archive] {
            for record in self.written(source) {
                if record.value.is_none() || self.random.below(3) > 0 {
                    continue;
                }
                let StateRecord::Application(_) = StateRecord::from_record(&record).unwrap() else {
                    continue;
                };
                rows.push(ApplicationRow::of(&record).unwrap());
            }
        }
        // What was removed from the open ones is never written again: its offsets are long committed.
        let present: BTreeSet<String> = self
            .client
            .query("SELECT DISTINCT no FROM open_applications")
            .fetch_all::<String>()
            .await
            .unwrap()
            .into_iter()
            .collect();
        rows.retain(|row| present.contains(&row.no));
        append(&self.client, "open_applications", rows.into_iter()).await.unwrap();
    }

    async fn agrees(&mut self, what: &str) {
        let latest = self.latest.clone();
        let all: Vec<&Application> = latest.values().collect();
        if self.random.below(2) == 0 {
            self.readers.push(ReadModel::new(self.client.clone()));
        }
        let fresh = ReadModel::new(self.client.clone());
        let filters = [ReportFilter::default(), random_filter(&mut self.random)];
        // A reader whose cut is older counts the same.
        let readers: Vec<_> = self.readers.iter().rev().take(1).chain([&fresh]).collect();
        // All reports take a while.
        if self.checks.is_multiple_of(2) {
            let nth = self.checks / 2;
            reports_agree(readers[nth % readers.len()], &all, &filters[nth / 2 % 2]).await;
        }
        self.checks += 1;
        for read in readers {
            lists_agree(read, &all, what).await;
        }
        let view = number(&self.client, "SELECT count() FROM applications").await;
        assert_eq!(view, latest.len() as u64, "the view after: {what}");
    }
}

/// Everything is asked at once, as many people would.
async fn lists_agree(read: &ReadModel, all: &[&Application], what: &str) {
    let statuses = [Vec::new(), vec![StatusName::Closed], vec![StatusName::Unassigned, StatusName::Assigned]];
    let mut filters = Vec::new();
    for (unit, statuses) in UNITS.iter().flat_map(|unit| statuses.iter().map(move |of| (unit, of))) {
        for sort in [Sort::Newest, Sort::Deadline] {
            let (units, statuses) = (vec![unit.parse().unwrap()], statuses.clone());
            filters.push(WorklistFilter { units, statuses, sort, ..WorklistFilter::default() });
        }
    }
    let lists = join_all(filters.iter().map(|filter| list_agrees(read, filter, all, what)));
    let applications = join_all(all.iter().step_by(5).map(|it| application_agrees(read, it, all, what)));
    tokio::join!(lists, applications);
}

async fn list_agrees(read: &ReadModel, filter: &WorklistFilter, all: &[&Application], what: &str) {
    let sort = filter.sort;
    let mut expected: Vec<WorklistRow> = all.iter().map(|a| WorklistRow::of(a)).collect();
    expected.retain(|row| filter.admits(row, now()));
    expected.sort_by(|a, b| sort.compare(a.cursor(sort), b.cursor(sort)));
    let found = read.worklist(filter, 500, now()).await.unwrap().rows;
    assert_eq!(found, expected, "{filter:?} after: {what}");
    if sort == Sort::Newest && filter.statuses.is_empty() {
        tabs_agree(read, filter, all, what).await;
    }
}

async fn application_agrees(read: &ReadModel, application: &Application, all: &[&Application], what: &str) {
    let stored = read.application(&application.no).await.unwrap().unwrap();
    assert_eq!(stored.application, *application, "after: {what}");
    let person = &application.applicant.tckn_index;
    let others = all.iter().filter(|a| a.applicant.tckn_index == *person && a.id != application.id);
    let mut others: Vec<_> = others.map(|a| WorklistRow::of(a)).collect();
    others.sort_by(|a, b| Sort::Newest.compare(a.cursor(Sort::Newest), b.cursor(Sort::Newest)));
    let few = (others.len() <= 20).then_some(others);
    assert_eq!(read.few_others(application, 20, now()).await.unwrap(), few, "after: {what}");
}

/// Neither the statuses of the filter nor the order count.
async fn tabs_agree(read: &ReadModel, filter: &WorklistFilter, all: &[&Application], what: &str) {
    let mine: UserName = "ali".parse().unwrap();
    let of_every_status = WorklistFilter { statuses: Vec::new(), ..filter.clone() };
    let mut expected = Tabs::default();
    for row in all.iter().map(|a| WorklistRow::of(a)) {
        if of_every_status.admits(&row, now()) {
            expected.count(&row, &mine, now());
        }
    }
    let found = read.tabs(filter, &mine, &[], now()).await.unwrap();
    assert_eq!(found, expected, "{filter:?} after: {what}");
    let closed = read.closed(filter, &[], now()).await.unwrap();
    assert_eq!(closed, expected.closed, "{filter:?} after: {what}");
    if filter.is_of_units() {
        // Whatever is said to be closed, and wherever it is by now.
        let closings: Vec<_> = all.iter().filter_map(|a| Closing::of(a)).collect();
        let some = closings.iter().step_by(3).cloned().collect();
        for told in [Vec::new(), some, closings] {
            let units = read.closed_of_units(&filter.units, told).await.unwrap();
            let closed: u64 = units.values().map(|unit| unit.count(filter.officer.as_ref())).sum();
            assert_eq!(closed, expected.closed, "{filter:?} after: {what}");
        }
    }
    let of_service = WorklistFilter { service: Some("dernek-kurulus".parse().unwrap()), ..filter.clone() };
    let closed = WorklistFilter { statuses: vec![StatusName::Closed], ..of_service.clone() };
    let expected = all.iter().filter(|a| closed.admits(&WorklistRow::of(a), now())).count();
    assert_eq!(
        read.closed(&of_service, &[], now()).await.unwrap(),
        expected as u64,
        "{filter:?} after: {what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_application_counts_exactly_once_whatever_happens() {
    // ClickHouse answers one read of so few rows on one core.
    let cases = stream::iter(0..cases()).map(course_of_case).buffer_unordered(2);
    let steps = cases.fold(BTreeMap::new(), async |mut steps, happened| {
        for step in happened {
            *steps.entry(step).or_insert(0) += 1;
        }
        steps
    });
    let steps = steps.await;
    println!("{steps:?}");
    for step in [
        "a sweep",
        "a sweep is interrupted",
        "two sweeps at once",
        "a removal",
        "rows are written a second time",
    ] {
        let times = steps.get(step).copied().unwrap_or(0);
        assert!(times >= self::cases() / 3, "{step}: {times} times: {steps:?}");
    }
}

/// What happened in it.
async fn course_of_case(case: u64) -> Vec<&'static str> {
    // Without compaction: the sink sees every snapshot that the log has had.
    let (_folder, log) = testing::log_of_snapshots(Retention::Forever);
    let mut random = Random::new(1_000 + case);
    let from = at("2026-01-15T00:00:00Z");
    let histories: Vec<_> = (0..APPLICATIONS).map(|n| random_history(n, &mut random, from)).collect();
    let mut course = Course {
        log,
        client: database().await,
        published: vec![0; histories.len()],
        waiting: Vec::new(),
        latest: BTreeMap::new(),
        histories,
        random,
        readers: Vec::new(),
        checks: case as usize,
        time: now().as_millisecond(),
    };
    let mut happened = Vec::new();
    for _ in 0..STEPS {
        let step = course.step().await;
        happened.push(step);
        // What is only in the log changes nothing that is read.
        if step == MORE_HAPPENS {
            continue;
        }
        course.agrees(&format!("case {case}: {happened:?}")).await;
    }
    happened
}

/// Its table is renamed and swept; meanwhile and in between, everything is read as before.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_the_version_before_is_upgraded_while_it_is_read() {
    let (client, _) = crate::engine::testing::database().await;
    migrate_until(&client, 2).await;
    let mut random = Random::new(31);
    let from = at("2026-01-15T00:00:00Z");
    let histories: Vec<_> = (0..APPLICATIONS).map(|n| random_history(n, &mut random, from)).collect();
    let (mut rows, mut offset) = (Vec::new(), 0);
    for record in histories.iter().flat_map(|history| &history.records) {
        // Gaps, so that one sweep does not reach everything.
        offset += OFFSETS / 3;
        let record = record.clone().into_record(offset as i32 % 2, offset, now());
        if let Ok(StateRecord::Application(_)) = StateRecord::from_record(&record) {
            rows.push(ApplicationRow::of(&record).unwrap());
        }
    }
    append(&client, "applications", rows.into_iter()).await.unwrap();

    assert_eq!(migrate(&client, "").await.unwrap(), [3, 4, 5, 6, 7, 8, 9]);
    let all: Vec<&Application> = histories.iter().map(|history| &history.application).collect();
    let committed = |partition| Position { partition, offset: offset + 1, metadata: String::new() };
    let committed: Vec<Position> = (0..2).map(committed).collect();
    let mut sweeps = 0;
    loop {
        let read = ReadModel::new(client.clone());
        reports_agree(&read, &all, &random_filter(&mut random)).await;
        lists_agree(&read, &all, &format!("{sweeps} sweeps")).await;
        if sweep(&client, &committed, now().as_millisecond()).await.unwrap().is_none() {
            break;
        }
        sweeps += 1;
    }
    assert!(sweeps > 2, "{sweeps} sweeps");
    remove(&client, now().as_millisecond() + 2 * i64::try_from(GRACE.as_millis()).unwrap()).await.unwrap();
    lists_agree(&ReadModel::new(client.clone()), &all, "the removal").await;
    assert!(migrate(&client, "").await.unwrap().is_empty());
}
