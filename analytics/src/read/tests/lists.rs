use std::collections::BTreeSet;
use std::sync::Arc;

use clickhouse::Client;
use ebasvuru_workflow::domain::application::{Application, Status, StatusName};
use ebasvuru_workflow::domain::ids::ApplicationId;
use futures_util::TryStreamExt;

use super::{filled, now};
use crate::cut::Cut;
use crate::read::sql::{Conditions, Table, bind_cut};
use crate::read::{
    Closing, Cursor, Deadline, Edge, Page, ReadModel, Search, Sort, WorklistFilter, WorklistRow,
};
use crate::sink::tests::{database, number};
use crate::testing::{History, UNITS};

async fn all(read: &ReadModel, filter: &WorklistFilter, limit: u16) -> Vec<ApplicationId> {
    let mut filter = filter.clone();
    let mut ids = Vec::new();
    loop {
        let page = read.worklist(&filter, limit, now()).await.unwrap();
        ids.extend(page.rows.iter().map(|row| row.id));
        let Some(next) = page.next else { return page_back(read, filter, limit, page.previous, ids).await };
        filter.edge = Some(Edge::After(next.to_string().parse().unwrap()));
    }
}

/// Pages back from the last page to the first, and checks that the pages are the same.
async fn page_back(
    read: &ReadModel,
    mut filter: WorklistFilter,
    limit: u16,
    mut previous: Option<Cursor>,
    ids: Vec<ApplicationId>,
) -> Vec<ApplicationId> {
    let mut pages = ids.chunks(limit.into()).rev().skip(1);
    while let Some(row) = previous {
        filter.edge = Some(Edge::Before(row));
        let page = read.worklist(&filter, limit, now()).await.unwrap();
        assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), pages.next().unwrap());
        assert!(page.next.is_some(), "there is a next page");
        previous = page.previous;
    }
    assert!(pages.next().is_none(), "the first page is reached");
    ids
}

/// The dashboard has the rows of open applications in memory.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_made_of_all_rows_is_the_page_of_clickhouse() {
    let (_, read, histories) = filled(400, 79).await;
    let all: Vec<_> = histories.iter().map(|history| WorklistRow::of(&history.application)).collect();
    let statuses = vec![StatusName::Unassigned, StatusName::Assigned, StatusName::AwaitingApproval];
    for sort in [Sort::Newest, Sort::Oldest, Sort::Deadline] {
        let units = UNITS[..2].iter().map(|unit| unit.parse().unwrap()).collect();
        let filter = WorklistFilter { units, statuses: statuses.clone(), sort, ..WorklistFilter::default() };
        assert!(filter.is_of_open_in_units());
        let page = async |edge| {
            let filter = WorklistFilter { edge, ..filter.clone() };
            let page = read.worklist(&filter, 9, now()).await.unwrap();
            let rows = all.iter().filter(|row| filter.admits(row, now())).collect();
            assert_eq!(Page::of(rows, &filter, 9), page, "{filter:?}");
            page
        };
        let (mut edge, mut pages) = (None, 1);
        while let Some(next) = page(edge).await.next {
            (edge, pages) = (Some(Edge::After(next)), pages + 1);
        }
        while let Some(previous) = page(edge).await.previous {
            (edge, pages) = (Some(Edge::Before(previous)), pages - 1);
        }
        assert_eq!(pages, 1, "as many pages back");
    }
}

fn ids_of(histories: &[History], fits: impl Fn(&History) -> bool) -> BTreeSet<ApplicationId> {
    histories.iter().filter(|history| fits(history)).map(|history| history.application.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_visits_every_row_once_in_every_order_and_filters_are_exact() {
    let (_, read, histories) = filled(400, 77).await;
    let everything = ids_of(&histories, |_| true);
    for sort in [Sort::Newest, Sort::Oldest, Sort::Deadline] {
        let filter = WorklistFilter { sort, ..WorklistFilter::default() };
        for limit in [9, 400, 500] {
            let ids = all(&read, &filter, limit).await;
            assert_eq!(ids.len(), 400, "{sort:?} {limit}");
            let place = |id: &ApplicationId| {
                let history = histories.iter().find(|history| history.application.id == *id).unwrap();
                WorklistRow::of(&history.application).cursor(sort)
            };
            let ordered = ids.windows(2).all(|two| sort.compare(place(&two[0]), place(&two[1])).is_lt());
            assert!(ordered, "{sort:?}: the list and its rows agree on the order");
            assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), everything);
        }
    }
    let is = async |filter: WorklistFilter, fits: &dyn Fn(&History) -> bool| {
        let ids: BTreeSet<_> = all(&read, &filter, 11).await.into_iter().collect();
        let expected = ids_of(&histories, fits);
        assert!(!expected.is_empty(), "nothing to find by {filter:?}");
        assert_eq!(ids, expected, "{filter:?}");
        if filter.search.is_none() {
            let row = |history: &History| WorklistRow::of(&history.application);
            assert_eq!(ids, ids_of(&histories, |history| filter.admits(&row(history), now())), "{filter:?}");
        }
    };
    // The row made of a state is the row that the list has of it.
    for row in read.worklist(&WorklistFilter::default(), 400, now()).await.unwrap().rows {
        let history = histories.iter().find(|history| history.application.id == row.id).unwrap();
        assert_eq!(row, WorklistRow::of(&history.application));
    }
    let none = WorklistFilter::default;
    for unit in UNITS {
        let filter = WorklistFilter { units: vec![unit.parse().unwrap()], ..none() };
        is(filter, &|history| history.application.unit.as_str() == unit).await;
    }
    let statuses = vec![StatusName::Assigned, StatusName::AwaitingApproval];
    let held = WorklistFilter { statuses, officer: Some("ali".parse().unwrap()), ..none() };
    is(held, &|history| history.application.status.holder().is_some_and(|officer| officer.as_str() == "ali"))
        .await;
    let overdue = WorklistFilter { deadline: Some(Deadline::Overdue), ..none() };
    is(overdue, &|history| {
        let app = &history.application;
        let until = if let Status::Closed { at, .. } = app.status { at } else { now() };
        app.breached_at.is_some() || app.phase.due_at().is_some_and(|due| due <= until)
    })
    .await;
    // now() is Friday noon in UTC: Sunday ends 60 hours later, less 3 for Istanbul.
    let week = WorklistFilter { deadline: Some(Deadline::ThisWeek), ..none() };
    is(week, &|history| {
        let due = history.application.phase.timer_at();
        !history.application.status.is_closed() && due > now() && due <= now() + crate::testing::hours(57)
    })
    .await;
    let service = WorklistFilter { service: Some("dernek-kurulus".parse().unwrap()), ..none() };
    is(service, &|history| history.application.service.as_str() == "dernek-kurulus").await;
    let tckn = WorklistFilter { search: Some(Search::TcknIndex("t3".into())), ..none() };
    is(tckn, &|history| history.application.applicant.tckn_index == "t3").await;
    let words = vec!["yilmaz".to_owned(), "n2".into()];
    let name = Search::NameIndex([words.clone(), Vec::new(), vec!["nobody".into()]]);
    is(WorklistFilter { search: Some(name), ..none() }, &|history| {
        history.application.applicant.name_index.contains(&"n2".to_owned())
    })
    .await;
    let number = Search::NumberPrefix("2026-34-".into());
    is(WorklistFilter { search: Some(number), ..none() }, &|history| {
        history.application.valilik.plate() == 34
    })
    .await;
    for any_of in [[words.clone(), words.clone(), words.clone()], [vec!["nobody".into()], Vec::new(), words]]
    {
        is(WorklistFilter { search: Some(Search::NameIndex(any_of)), ..none() }, &|history| {
            history.application.applicant.name_index.contains(&"n2".to_owned())
        })
        .await;
    }
    let nothing = Search::NameIndex([const { Vec::new() }; 3]);
    assert!(all(&read, &WorklistFilter { search: Some(nothing), ..none() }, 10).await.is_empty());
    let no = &histories[7].application.no;
    let running = no.as_str().rsplit('-').next().unwrap();
    for search in [Search::Number(no.clone()), Search::RunningNumber(running.into())] {
        is(WorklistFilter { search: Some(search), ..none() }, &|history| history.application.no == *no).await;
    }
    let quoted = Search::NumberPrefix("' OR 1=1 --".into());
    assert!(all(&read, &WorklistFilter { search: Some(quoted), ..none() }, 10).await.is_empty());
    assert!("x.y".parse::<Cursor>().is_err());

    let tabs = read.tabs(&none(), &"ali".parse().unwrap(), &[], now()).await.unwrap();
    let count = |fits: &dyn Fn(&History) -> bool| ids_of(&histories, fits).len() as u64;
    assert_eq!(tabs.open, count(&|history| !history.application.status.is_closed()));
    assert_eq!(tabs.open + tabs.closed, 400);
    assert_eq!(tabs.unassigned + tabs.assigned + tabs.awaiting_approval, tabs.open);
    let ali = |history: &History| {
        history.application.status.holder().is_some_and(|officer| officer.as_str() == "ali")
    };
    assert_eq!(tabs.mine, count(&ali));

    // A reply that ClickHouse does not have yet counts, and one that it has already counts once.
    let closed = histories.iter().find(|it| it.application.status.is_closed()).unwrap();
    let open = histories.iter().find(|it| !it.application.status.is_closed()).unwrap();
    let reply = Application { status: closed.application.status.clone(), ..open.application.clone() };
    let units: Vec<_> = UNITS.iter().map(|unit| unit.parse().unwrap()).collect();
    let [reply, stored] = [reply, closed.application.clone()].map(Arc::new);
    assert_eq!(read.closed(&none(), &[stored], now()).await.unwrap(), tabs.closed);
    assert_eq!(read.closed(&none(), &[Arc::clone(&reply)], now()).await.unwrap(), tabs.closed + 1);
    let of_units = read.closed_of_units(&units, vec![Closing::of(&reply).unwrap()]).await.unwrap();
    assert_eq!(of_units.values().map(|unit| unit.count(None)).sum::<u64>(), tabs.closed + 1);
    let of_units = read.closed_of_units(&units, Vec::new()).await.unwrap();
    for unit in &units {
        for officer in ["ali", "veli"] {
            let closed = |history: &History| match &history.application.status {
                Status::Closed { officer: Some(held), .. } => {
                    history.application.unit == *unit && held.as_str() == officer
                }
                _ => false,
            };
            let officer = officer.parse().unwrap();
            assert_eq!(of_units[unit].count(Some(&officer)), count(&closed), "{unit} {officer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_found_by_its_number_with_its_events_and_the_others_of_the_person() {
    let (client, read, histories) = filled(40, 5).await;
    for history in histories.iter().step_by(5) {
        let app = &history.application;
        let by_no = read.application(&app.no).await.unwrap().unwrap();
        assert_eq!((&by_no.application, by_no.version), (app, app.version));
        let stored = client.query("SELECT seq, at FROM events FINAL WHERE application = ? ORDER BY seq");
        let stored: Vec<(u64, i64)> = stored.bind(app.id.to_string()).fetch_all().await.unwrap();
        let events: Vec<_> =
            history.events.iter().map(|event| (event.seq, event.at.as_millisecond())).collect();
        assert_eq!(stored, events);
        let search = Some(Search::TcknIndex(app.applicant.tckn_index.clone()));
        let others = WorklistFilter { search, except: Some(app.id), ..WorklistFilter::default() };
        let rows: Vec<_> = read.stream(&others, now()).await.unwrap().try_collect().await.unwrap();
        assert_eq!(read.few_others(app, 20, now()).await.unwrap().unwrap(), rows);
        let others = all(&read, &others, 2).await;
        let expected = ids_of(&histories, |other| {
            other.application.applicant.tckn_index == app.applicant.tckn_index
                && other.application.id != app.id
        });
        assert_eq!(others.into_iter().collect::<BTreeSet<_>>(), expected);
    }
    let (_, crowded, crowd) = filled(160, 6).await;
    let others = crowded.few_others(&crowd[0].application, 20, now()).await.unwrap();
    assert_eq!(others, None, "more than twenty");
    assert_eq!(read.application(&"2026-06-9999999".parse().unwrap()).await.unwrap(), None);
}

/// Texts that would end a literal, a comment or a statement in SQL, in ClickHouse or in the driver.
const HOSTILE: [&str; 16] = [
    "'",
    "\\",
    "\\'",
    "''",
    "' OR 1=1 --",
    "') OR (1=1",
    "'] OR [1",
    "x', 'n2",
    "$t$ OR $t$",
    "\u{2018} OR 1=1 \u{2019}",
    "`\"",
    "{tckn:String}",
    "?fields ? ??",
    "/* /* */",
    "%_*",
    "\t\n\0; DROP TABLE applications",
];

#[tokio::test(flavor = "multi_thread")]
async fn typed_text_is_always_a_value_and_never_part_of_a_statement() {
    let (client, read, _) = filled(20, 9).await;
    for text in HOSTILE {
        let searches = [
            Search::NumberPrefix(text.into()),
            Search::TcknIndex(text.into()),
            Search::RunningNumber(text.into()),
            Search::NameIndex([vec![text.into()], Vec::new(), Vec::new()]),
            Search::NameIndex([vec!["n2".into(), text.into()], vec![text.into()], vec![text.into()]]),
        ];
        for search in searches {
            let filter = WorklistFilter { search: Some(search), ..WorklistFilter::default() };
            let page = read.worklist(&filter, 10, now()).await;
            assert_eq!(page.map(|page| page.rows).unwrap(), [], "{filter:?}");
            let tabs = read.tabs(&filter, &"ali".parse().unwrap(), &[], now()).await.unwrap();
            assert_eq!(tabs.open + tabs.closed, 0, "{filter:?}");
        }
    }
    assert_eq!(number(&client, "SELECT count() FROM applications").await, 20);
}

/// The table has many granules and parts, so that the index on the unit skips most of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_referred_application_is_in_exactly_one_list_of_a_large_table() {
    let client = database().await;
    let fill = async |condition: &str, unit: &str, version: u64| {
        client
            .query(&format!(
                "INSERT INTO open_applications (id, no, version, service, valilik, unit, phase, due_at, stage, received_at)
                 SELECT toUUID(concat('00000000-0000-0000-0000-', leftPad(toString(number), 12, '0'))),
                     concat('2026-06-', leftPad(toString(number), 7, '0')), {version}, 'dernek-kurulus', 6,
                     {unit}, 'application', toDateTime64('2026-06-01 00:00:00', 3), 'unassigned',
                     toDateTime64('2026-01-15 00:00:00', 3)
                 FROM numbers(40000) WHERE {condition}"
            ))
            .execute()
            .await
            .unwrap();
    };
    // Two units in different granules; then one application in a thousand is referred.
    fill("1", "if(number < 20000, '06-a', '06-b')", 1).await;
    fill("number % 1000 = 1 AND number < 20000", "'06-b'", 2).await;
    fill("number = 5001", "'06-c'", 3).await;
    let lists = "SELECT count() FROM open_applications FINAL WHERE unit = ";
    assert_eq!(number(&client, &format!("{lists}'06-a'")).await, 20_000 - 20);
    assert_eq!(number(&client, &format!("{lists}'06-b'")).await, 20_000 + 19);
    assert_eq!(number(&client, &format!("{lists}'06-c'")).await, 1);
    let plan: Vec<String> =
        client.query(&format!("EXPLAIN indexes = 1 {lists}'06-c'")).fetch_all().await.unwrap();
    assert!(plan.iter().any(|line| line.contains("by_unit")), "{plan:#?}");
    let read = ReadModel::new(client);
    let filter = WorklistFilter { units: vec!["06-a".parse().unwrap()], ..WorklistFilter::default() };
    // All were received at the same time: only the id orders them.
    assert_eq!(all(&read, &filter, 5_000).await.into_iter().collect::<BTreeSet<_>>().len(), 19_980);
}

/// A granule of a part of few rows has rows of all units, and its keys intersect with those of all granules.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_a_unit_reads_few_granules_beside_a_part_of_few_rows() {
    let client = database().await;
    let fill = async |rows: &str, unit: &str, version: u64| {
        client
            .query(&format!(
                "INSERT INTO open_applications (id, no, version, service, valilik, unit, officer, stage, received_at)
                 SELECT reinterpretAsUUID(toUInt128(number)), toString(number), {version},
                     concat('s', toString(intDiv(number, 100))), 6, {unit} AS place, concat('sorumlu.', place), 'assigned',
                     toDateTime64('2026-01-15 00:00:00', 3)
                 FROM {rows}"
            ))
            .execute()
            .await
            .unwrap();
    };
    let first = "concat('06-s', toString(intDiv(number, 100)))";
    fill("numbers(40000)", first, 1).await;
    // Two of each unit have a newer version, and one of these is now in another unit.
    fill("numbers(40000) WHERE number % 50 = 0", &format!("if(number = 30050, '06-s7', {first})"), 2).await;
    let read = ReadModel::new(client.clone());
    let unit =
        |unit: &str| WorklistFilter { units: vec![unit.parse().unwrap()], ..WorklistFilter::default() };
    let officer =
        |name: &str| WorklistFilter { officer: Some(name.parse().unwrap()), ..WorklistFilter::default() };
    for (filter, rows) in [
        (unit("06-s7"), 101),
        (unit("06-s300"), 99),
        (officer("sorumlu.06-s7"), 101),
        (officer("sorumlu.06-s300"), 99),
    ] {
        assert_eq!(read.count(&filter, now()).await.unwrap(), rows, "{filter:?}");
        let granules = granules(&client, &filter.conditions(now())).await;
        assert!(granules <= 6, "{granules} granules are read: {filter:?}");
    }
}

/// How many granules of open applications ClickHouse reads for these conditions.
async fn granules(client: &Client, conditions: &Conditions) -> u64 {
    let from = Table::Open.from();
    let sql = format!("EXPLAIN indexes = 1 SELECT count() FROM {from}{}", conditions.of_current(Table::Open));
    let query = bind_cut(conditions.bind(client.query_raw(&sql)), &Cut::default());
    let plan: Vec<String> = query.fetch_all().await.unwrap();
    let read = plan.iter().find_map(|line| line.split_once("Parts: ")?.1.split_once(" | Granules: "));
    read.unwrap_or_else(|| panic!("{plan:#?}")).1.parse().unwrap()
}
