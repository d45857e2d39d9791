//! The reads of pages, with little and with much data: each list, each report.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_analytics::read::{
    Cursor, Deadline, Edge, Figure, ReadError, ReadModel, ReportFilter, Search, Sort, Totals, Wanted,
    WorklistFilter,
};
use ebasvuru_analytics::sweep::{GRACE, remove, sweep};
use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::calendar::{day_of, istanbul};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId};
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use ebasvuru_workflow::log::Position;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::rows::fill;
use crate::server::Server;
use crate::table::{Goal, Line, thousands};
use crate::times::Times;
use crate::world::World;

const FEW: u64 = 100_000;
const RUNS: usize = 20;
/// A read that takes longer than this in total is not repeated as often.
const PATIENCE: Duration = Duration::from_secs(15);
const PAGE: u16 = 25;
/// Before each read: longer than the rest after a statement that is asked for many people.
const PAUSE: Duration = Duration::from_millis(60);

/// At a million applications.
pub fn reads() -> Vec<Line> {
    compared(1_000_000)
}

/// At ten million applications: takes 25 minutes and 10 GB of disk.
pub fn reads_of_ten_million() -> Vec<Line> {
    compared(10_000_000)
}

fn compared(many: u64) -> Vec<Line> {
    let (server, world) = (Server::start(), World::new());
    let measured = [("few", FEW), ("many", many)].map(|(name, count)| {
        let client = server.database(name);
        let began = Instant::now();
        fill(&|sql| server.execute(&client, sql), &world, count);
        eprintln!("{} applications stored in {:.0?}", thousands(count as f64), began.elapsed());
        swept(&server, &client, &world);
        eprintln!("swept after {:.0?}", began.elapsed());
        // As a day later: months that are over have been merged, and so have the open ones of an hour ago.
        for table in ["closed_applications", "events", "open_applications"] {
            server.execute(&client, &format!("OPTIMIZE TABLE {table} FINAL"));
        }
        settle(&server, &client);
        // In that hour one open application in 150 changed.
        for part in [1, 2, 3] {
            let changed = format!("SELECT * REPLACE (version + 1 AS version) FROM open_applications WHERE cityHash64(id) % 450 = {part}");
            server.execute(&client, &format!("INSERT INTO open_applications {changed}"));
        }
        eprintln!("merged after {:.0?}", began.elapsed());
        let reader = Reader::new(&server, &client, &world);
        reader.all()
    });
    let [few, many_times] = measured;
    let lines = few.into_iter().zip(many_times);
    lines
        .map(|((what, few), (_, many))| {
            let ratio = many.p95 / few.p95;
            let (most, times, words) = goal(&what);
            Line {
                what,
                figure: format!("{:.0} / {:.0} ms", many.p50, many.p95),
                reference: format!("{:.0} / {:.0} ms", few.p50, few.p95),
                ratio: Some(ratio),
                goal: Goal::Of(words, many.p95 <= most && (ratio <= times || many.p95 < 10.0)),
            }
        })
        .collect()
}

/// The greatest p95 of a read, in milliseconds and as a multiple of that with little data; and in words.
fn goal(what: &str) -> (f64, f64, &'static str) {
    if what.starts_with("report") || what.starts_with("overview") || what.starts_with("list: behind") {
        (150.0, 2.0, "p95 ≤ 150 ms, ≤ 2×")
    } else if what == "tabs of an officer anywhere" {
        (30.0, f64::INFINITY, "p95 ≤ 30 ms")
    } else if what == "one by number" {
        (20.0, f64::INFINITY, "p95 ≤ 20 ms")
    } else {
        (60.0, 1.5, "p95 ≤ 60 ms, ≤ 1.5×")
    }
}

/// Brings what is closed to where it is read from, and removes it from where it was.
fn swept(server: &Server, client: &Client, world: &World) {
    let everything = |partition| Position { partition, offset: i64::MAX, metadata: String::new() };
    let committed: Vec<Position> = (0..12).map(everything).collect();
    let now = world.now.as_millisecond();
    let runtime = &server.runtime;
    runtime.block_on(async { while sweep(client, &committed, now).await.unwrap().is_some() {} });
    let later = now + 2 * i64::try_from(GRACE.as_millis()).unwrap();
    let stored = || {
        runtime.block_on(client.query("SELECT count() FROM open_applications").fetch_one::<u64>()).unwrap()
    };
    // A removal has a limit, and goes on after it was asked for.
    loop {
        let before = stored();
        runtime.block_on(remove(client, later)).unwrap();
        settle(server, client);
        if stored() == before {
            return;
        }
    }
}

/// Waits until ClickHouse has merged what it wants to merge now.
fn settle(server: &Server, client: &Client) {
    let merging = || {
        let sql = "SELECT count() FROM (SELECT 1 FROM system.merges UNION ALL SELECT 1 FROM system.mutations WHERE NOT is_done)";
        server.runtime.block_on(client.query(sql).fetch_one::<u64>()).unwrap()
    };
    let mut quiet = 0;
    while quiet < 5 {
        std::thread::sleep(Duration::from_millis(500));
        quiet = if merging() == 0 { quiet + 1 } else { 0 };
    }
}

struct Reader<'a> {
    server: &'a Server,
    read: ReadModel,
    now: Timestamp,
    /// Large and small units; each run uses another one.
    units: Vec<UnitId>,
    numbers: Vec<String>,
    ids: Vec<ApplicationId>,
    services: Vec<ServiceSlug>,
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<(), ReadError>> + 'a>>;

impl<'a> Reader<'a> {
    fn new(server: &'a Server, client: &Client, world: &World) -> Self {
        let ask = |sql: &str| server.runtime.block_on(client.query_raw(sql).fetch_all::<String>()).unwrap();
        let units = ask("SELECT toString(unit) FROM applications WHERE cityHash64(id) % 5000 = 7 LIMIT 40");
        let some = "WHERE cityHash64(id) % 3000 = 5 LIMIT 40";
        Self {
            server,
            read: ReadModel::new(client.clone()),
            now: world.now,
            units: units.iter().map(|unit| unit.parse().unwrap()).collect(),
            numbers: ask(&format!("SELECT no FROM applications {some}")),
            ids: ask(&format!("SELECT toString(id) FROM applications {some}"))
                .iter()
                .map(|id| ApplicationId(Uuid::parse_str(id).unwrap()))
                .collect(),
            services: world.catalog.services().map(|service| service.slug.clone()).collect(),
        }
    }

    fn time(&self, ask: &dyn Fn(usize) -> Answer<'a>) -> Times {
        self.server.runtime.block_on(ask(0)).unwrap();
        let mut times = Vec::new();
        for run in 1..=RUNS {
            std::thread::sleep(PAUSE);
            let began = Instant::now();
            self.server.runtime.block_on(ask(run)).unwrap();
            times.push(began.elapsed());
            if times.iter().sum::<Duration>() > PATIENCE {
                break;
            }
        }
        Times::of(&times)
    }

    fn unit(&self, run: usize) -> UnitId {
        self.units[run % self.units.len()].clone()
    }

    fn officer(&self, run: usize) -> UserName {
        format!("sorumlu{}.{}", run % 6, self.unit(run)).parse().unwrap()
    }

    fn all(&self) -> Vec<(String, Times)> {
        let mut times = self.lists();
        times.extend(self.details());
        for (words, days) in [("30 days", 30), ("24 months", 731)] {
            times.extend(self.reports(words, days));
        }
        times
    }

    fn list(&self, what: &str, filter: impl Fn(usize) -> WorklistFilter) -> (String, Times) {
        let times = self.time(&|run| {
            let (read, now, filter) = (self.read.clone(), self.now, filter(run));
            Box::pin(async move { read.worklist(&filter, PAGE, now).await.map(drop) })
        });
        (format!("list: {what}"), times)
    }

    fn lists(&self) -> Vec<(String, Times)> {
        let of = |run| WorklistFilter { units: vec![self.unit(run)], ..WorklistFilter::default() };
        let open = vec![StatusName::Unassigned, StatusName::Assigned, StatusName::AwaitingApproval];
        let tabs = |what: &str, filter: &dyn Fn(usize) -> WorklistFilter| {
            let times = self.time(&|run| {
                let (read, now, filter, mine) = (self.read.clone(), self.now, filter(run), self.officer(run));
                Box::pin(async move { read.tabs(&filter, &mine, &[], now).await.map(drop) })
            });
            (what.to_owned(), times)
        };
        // A second page begins after a time of last month.
        let month_ago = (self.now - SignedDuration::from_hours(24 * 30)).as_millisecond();
        let after: Cursor = format!("{month_ago}.{}", Uuid::nil()).parse().unwrap();
        let governorate = |run| {
            let unit = self.unit(run);
            let plate = unit.as_str().split('-').next().unwrap_or_default().to_owned() + "-";
            let units = self.units.iter().filter(|unit| unit.as_str().starts_with(&plate)).cloned().collect();
            WorklistFilter { units, ..WorklistFilter::default() }
        };
        vec![
            self.list("a unit's, newest", of),
            self.list("a unit's, next page", |run| WorklistFilter {
                edge: Some(Edge::After(after)),
                ..of(run)
            }),
            self.list("a unit's, page before", |run| WorklistFilter {
                edge: Some(Edge::Before(after)),
                ..of(run)
            }),
            self.list("a unit's, oldest", |run| WorklistFilter { sort: Sort::Oldest, ..of(run) }),
            self.list("a unit's open, by deadline", |run| WorklistFilter {
                sort: Sort::Deadline,
                statuses: open.clone(),
                ..of(run)
            }),
            self.list("a unit's unassigned", |run| WorklistFilter {
                statuses: vec![StatusName::Unassigned],
                ..of(run)
            }),
            self.list("a unit's closed", |run| WorklistFilter {
                statuses: vec![StatusName::Closed],
                ..of(run)
            }),
            self.list("a unit's overdue", |run| WorklistFilter {
                statuses: open.clone(),
                deadline: Some(Deadline::Overdue),
                ..of(run)
            }),
            self.list("a unit's, due this week", |run| WorklistFilter {
                deadline: Some(Deadline::ThisWeek),
                ..of(run)
            }),
            self.list("an officer's own", |run| WorklistFilter {
                officer: Some(self.officer(run)),
                ..of(run)
            }),
            self.list("several units of a governorate", governorate),
            self.list("by the beginning of a number", |run| WorklistFilter {
                search: Some(Search::NumberPrefix(self.numbers[run % self.numbers.len()][..12].into())),
                ..of(run)
            }),
            self.list("by T.C. Kimlik No", |run| WorklistFilter {
                search: Some(Search::TcknIndex(format!("t{}", run * 37))),
                ..of(run)
            }),
            self.list("by name", |run| WorklistFilter {
                search: Some(Search::NameIndex([vec![format!("n{}", run * 37)], Vec::new(), Vec::new()])),
                ..of(run)
            }),
            tabs("tabs of a unit", &of),
            tabs("tabs of an officer anywhere", &|run| WorklistFilter {
                officer: Some(self.officer(run)),
                ..WorklistFilter::default()
            }),
        ]
    }

    fn details(&self) -> Vec<(String, Times)> {
        let read = || self.read.clone();
        let number = |run: usize| self.numbers[run % self.numbers.len()].parse().unwrap();
        let id = |run: usize| self.ids[run % self.ids.len()];
        let now = self.now;
        let timed = |what: &str, ask: &dyn Fn(usize) -> Answer<'a>| (what.to_owned(), self.time(ask));
        vec![
            timed("one by number", &|run| {
                let (read, no) = (read(), number(run));
                Box::pin(async move { read.application(&no).await.map(drop) })
            }),
            timed("the citizen's other applications", &|run| {
                let read = read();
                let search = Some(Search::TcknIndex(format!("t{}", run * 37)));
                let others = WorklistFilter { search, except: Some(id(run)), ..WorklistFilter::default() };
                Box::pin(async move { read.worklist(&others, 20, now).await.map(drop) })
            }),
        ]
    }

    fn reports(&self, words: &str, days: i64) -> Vec<(String, Times)> {
        let now = self.now;
        let today = day_of(now).to_zoned(istanbul()).unwrap().timestamp();
        let midnight = |days: i64| Some(today + SignedDuration::from_hours(24 * days));
        // One day earlier each time, so that no run finds the result of the last one in a cache.
        let period = |run: usize| ReportFilter {
            from: midnight(1 - days - run as i64 % 3),
            until: midnight(1),
            ..ReportFilter::default()
        };
        macro_rules! report {
            ($what:expr, |$read:ident, $filter:ident| $call:expr) => {
                (
                    format!("{}, {words}", $what),
                    self.time(&|run| {
                        let ($read, $filter) = (self.read.clone(), period(run));
                        Box::pin(async move { $call.await.map(drop) })
                    }),
                )
            };
        }
        let total = Figure::named("total").unwrap();
        let of_groups = [
            ("by unit", Totals::UnitInHome, Wanted::All),
            ("by service", Totals::Service, Wanted::All),
            ("by governorate", Totals::Valilik, Wanted::All),
            ("by service and governorate, counts", Totals::HomeAndService, Wanted::Counts),
            ("by service and governorate, times", Totals::HomeAndService, Wanted::All),
            ("by officer", Totals::OfficerInHome, Wanted::All),
        ];
        let mut times = vec![
            report!("overview, its reads side by side", |read, filter| async {
                let before = filter.from.map(|from| from - SignedDuration::from_hours(24 * days));
                tokio::try_join!(
                    read.happenings(&filter, before, now),
                    read.stands(&filter, now),
                    read.figures(Wanted::All, &filter, now)
                )
            }),
            report!("overview: what happened", |read, filter| {
                let before = filter.from.map(|from| from - SignedDuration::from_hours(24 * days));
                read.happenings(&filter, before, now)
            }),
            report!("overview: what happened, one service", |read, filter| async {
                let filter = ReportFilter { service: Some(self.services[0].clone()), ..filter };
                read.happenings(&filter, filter.from, now).await
            }),
            report!("overview: what stands", |read, filter| read.stands(&filter, now)),
            report!("report: figures", |read, filter| read.figures(Wanted::All, &filter, now)),
            report!("report: what officers hold", |read, filter| read.totals(
                Totals::OfficerInHome,
                Wanted::Open,
                &filter.of_all_periods(),
                now
            )),
            report!("report: times in statuses", |read, filter| read.status_times(&filter)),
            report!("report: passed deadlines by day", |read, filter| read.happened_by_day(&filter, now)),
            report!("report: hours of the week", |read, filter| read.hours_of_week(&filter)),
            report!("report: response times", |read, filter| read.answered(&filter)),
            report!("report: ages", |read, filter| read.ages(&filter, now)),
            self.list(&format!("behind a number, {words}"), |run| WorklistFilter {
                figure: Some((total, period(run))),
                ..WorklistFilter::default()
            }),
        ];
        times.extend(of_groups.map(|(by, totals, wanted)| {
            report!(format!("report: {by}"), |read, filter| read.totals(totals, wanted, &filter, now))
        }));
        times
    }
}
