use std::collections::BTreeSet;

use ebasvuru_workflow::domain::application::{Status, StatusName};
use ebasvuru_workflow::domain::ids::ApplicationId;

use super::{filled, now};
use crate::read::{Access, Cursor, Deadline, Edge, ReadModel, Search, Sort, WorklistFilter, WorklistRow};
use crate::sink::tests::{database, number};
use crate::testing::{Life, UNITS};

async fn all(read: &ReadModel, filter: &WorklistFilter, limit: u16) -> Vec<ApplicationId> {
    let mut filter = filter.clone();
    let mut ids = Vec::new();
    loop {
        let page = read.worklist(&filter, limit, now()).await.unwrap();
        ids.extend(page.rows.iter().map(|row| row.id));
        let Some(next) = page.next else { return back(read, filter, limit, page.previous, ids).await };
        filter.edge = Some(Edge::After(next.to_string().parse().unwrap()));
    }
}

/// From the last page back to the first, every page is the one it was on the way there.
async fn back(
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
        assert!(page.next.is_some(), "there is a page to go forth to");
        previous = page.previous;
    }
    assert!(pages.next().is_none(), "the first page is reached");
    ids
}

fn those(lives: &[Life], fits: impl Fn(&Life) -> bool) -> BTreeSet<ApplicationId> {
    lives.iter().filter(|life| fits(life)).map(|life| life.application.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_visits_every_row_once_in_every_order_and_filters_are_exact() {
    let (_, read, lives) = filled(400, 77).await;
    let everything = those(&lives, |_| true);
    for sort in [Sort::Newest, Sort::Oldest, Sort::Deadline] {
        let filter = WorklistFilter { sort, ..WorklistFilter::default() };
        for limit in [9, 400, 500] {
            let ids = all(&read, &filter, limit).await;
            assert_eq!(ids.len(), 400, "{sort:?} {limit}");
            let place = |id: &ApplicationId| {
                let life = lives.iter().find(|life| life.application.id == *id).unwrap();
                WorklistRow::of(&life.application, now()).cursor(sort)
            };
            let ordered = ids.windows(2).all(|two| sort.compare(place(&two[0]), place(&two[1])).is_lt());
            assert!(ordered, "{sort:?}: the list and its rows agree on the order");
            assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), everything);
        }
    }
    let is = async |filter: WorklistFilter, fits: &dyn Fn(&Life) -> bool| {
        let ids: BTreeSet<_> = all(&read, &filter, 11).await.into_iter().collect();
        let expected = those(&lives, fits);
        assert!(!expected.is_empty(), "nothing to find by {filter:?}");
        assert_eq!(ids, expected, "{filter:?}");
        if filter.search.is_none() {
            let row = |life: &Life| WorklistRow::of(&life.application, now());
            assert_eq!(ids, those(&lives, |life| filter.admits(&row(life), now())), "{filter:?}");
        }
    };
    // What pages lay over the list is what the list will say.
    for row in read.worklist(&WorklistFilter::default(), 400, now()).await.unwrap().rows {
        let life = lives.iter().find(|life| life.application.id == row.id).unwrap();
        assert_eq!(row, WorklistRow::of(&life.application, now()));
    }
    let none = WorklistFilter::default;
    for unit in UNITS {
        let filter = WorklistFilter { units: vec![unit.parse().unwrap()], ..none() };
        is(filter, &|life| life.application.unit.as_str() == unit).await;
    }
    let statuses = vec![StatusName::Assigned, StatusName::AwaitingApproval];
    let held = WorklistFilter { statuses, officer: Some("ali".parse().unwrap()), ..none() };
    is(held, &|life| life.application.status.holder().is_some_and(|officer| officer.as_str() == "ali")).await;
    let overdue = WorklistFilter { deadline: Some(Deadline::Overdue), ..none() };
    is(overdue, &|life| {
        let app = &life.application;
        let until = if let Status::Closed { at, .. } = app.status { at } else { now() };
        app.breached_at.is_some() || app.phase.due_at().is_some_and(|due| due <= until)
    })
    .await;
    // now() is a Friday noon: Sunday ends 60 hours minus three of time zone later.
    let week = WorklistFilter { deadline: Some(Deadline::ThisWeek), ..none() };
    is(week, &|life| {
        let strikes = life.application.phase.timer_at();
        !life.application.status.is_closed()
            && strikes > now()
            && strikes <= now() + crate::testing::hours(57)
    })
    .await;
    let service = WorklistFilter { service: Some("dernek-kurulus".parse().unwrap()), ..none() };
    is(service, &|life| life.application.service.as_str() == "dernek-kurulus").await;
    let tckn = WorklistFilter { search: Some(Search::TcknIndex("t3".into())), ..none() };
    is(tckn, &|life| life.application.applicant.tckn_index == "t3").await;
    let name = Search::NameIndex(vec!["yilmaz".into(), "n2".into()]);
    is(WorklistFilter { search: Some(name), ..none() }, &|life| {
        life.application.applicant.name_index.contains(&"n2".to_owned())
    })
    .await;
    let number = Search::NumberPrefix("2026-34-".into());
    is(WorklistFilter { search: Some(number), ..none() }, &|life| life.application.valilik.plate() == 34)
        .await;
    let quoted = Search::NumberPrefix("' OR 1=1 --".into());
    assert!(all(&read, &WorklistFilter { search: Some(quoted), ..none() }, 10).await.is_empty());
    assert!("x.y".parse::<Cursor>().is_err());

    let tabs = read.tabs(&none(), &"ali".parse().unwrap(), now()).await.unwrap();
    let count = |fits: &dyn Fn(&Life) -> bool| those(&lives, fits).len() as u64;
    assert_eq!(tabs.open, count(&|life| !life.application.status.is_closed()));
    assert_eq!(tabs.open + tabs.closed, 400);
    assert_eq!(tabs.unassigned + tabs.assigned + tabs.awaiting_approval, tabs.open);
    let ali = |life: &Life| life.application.status.holder().is_some_and(|officer| officer.as_str() == "ali");
    assert_eq!(tabs.mine, count(&ali));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_application_is_found_with_all_that_belongs_to_it() {
    let (client, read, lives) = filled(40, 5).await;
    for life in lives.iter().step_by(5) {
        let app = &life.application;
        let by_no = read.application(&app.no).await.unwrap().unwrap();
        assert_eq!((&by_no.application, by_no.version), (app, app.version));
        assert_eq!(read.application_by_id(app.id).await.unwrap(), Some(by_no));
        let history = read.history(app.id).await.unwrap();
        let happened: Vec<_> =
            life.events.iter().map(|event| (event.seq, event.body.kind(), event.at)).collect();
        assert_eq!(history.iter().map(|row| (row.seq, row.kind, row.at)).collect::<Vec<_>>(), happened);
        let others = read.others_of(&app.applicant.tckn_index, app.id).await.unwrap();
        let expected = those(&lives, |other| {
            other.application.applicant.tckn_index == app.applicant.tckn_index
                && other.application.id != app.id
        });
        assert_eq!(others.iter().map(|other| other.id).collect::<BTreeSet<_>>(), expected);
    }
    assert_eq!(read.application(&"2026-06-9999999".parse().unwrap()).await.unwrap(), None);

    let app = &lives[0].application;
    let access = Access {
        at: now(),
        user: "ali".parse().unwrap(),
        application: app.id,
        no: app.no.clone(),
        what: "content",
        reason: "başvuru sayfası".into(),
    };
    read.log_access(&access).await.unwrap();
    read.log_access(&access).await.unwrap();
    assert_eq!(number(&client, "SELECT count() FROM access_log FINAL WHERE user = 'ali'").await, 2);
}

/// Texts that end a literal, a comment or a statement, as SQL, ClickHouse or the driver have them.
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
async fn what_people_type_is_a_value_and_never_a_statement() {
    let (client, read, lives) = filled(20, 9).await;
    let app = &lives[0].application;
    for text in HOSTILE {
        let searches = [
            Search::NumberPrefix(text.into()),
            Search::TcknIndex(text.into()),
            Search::NameIndex(vec![text.into()]),
            Search::NameIndex(vec!["n2".into(), text.into()]),
        ];
        for search in searches {
            let filter = WorklistFilter { search: Some(search), ..WorklistFilter::default() };
            let page = read.worklist(&filter, 10, now()).await;
            assert_eq!(page.map(|page| page.rows).unwrap(), [], "{filter:?}");
            let tabs = read.tabs(&filter, &"ali".parse().unwrap(), now()).await.unwrap();
            assert_eq!(tabs.open + tabs.closed, 0, "{filter:?}");
        }
        assert_eq!(read.others_of(text, app.id).await.unwrap(), [], "{text:?}");
        let access = Access {
            at: now(),
            user: "ali".parse().unwrap(),
            application: app.id,
            no: app.no.clone(),
            what: "content",
            reason: text.into(),
        };
        read.log_access(&access).await.unwrap();
    }
    let mut kept: Vec<String> = client.query("SELECT reason FROM access_log").fetch_all().await.unwrap();
    let mut said = HOSTILE.to_vec();
    kept.sort_unstable();
    said.sort_unstable();
    assert_eq!(kept, said, "kept to the letter");
    assert_eq!(number(&client, "SELECT count() FROM applications FINAL").await, 20);
}

/// With many granules and parts, so that the index on the unit does leave out most of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_referred_application_is_in_exactly_one_list_however_large_the_table() {
    let client = database().await;
    let fill = async |condition: &str, unit: &str, version: u64| {
        client
            .query(&format!(
                "INSERT INTO applications (id, no, version, service, valilik, unit, phase, due_at, stage, received_at)
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
    // Two units, each in granules of its own, and then one in a thousand referred.
    fill("1", "if(number < 20000, '06-a', '06-b')", 1).await;
    fill("number % 1000 = 1 AND number < 20000", "'06-b'", 2).await;
    fill("number = 5001", "'06-c'", 3).await;
    let lists = "SELECT count() FROM applications FINAL WHERE unit = ";
    assert_eq!(number(&client, &format!("{lists}'06-a'")).await, 20_000 - 20);
    assert_eq!(number(&client, &format!("{lists}'06-b'")).await, 20_000 + 19);
    assert_eq!(number(&client, &format!("{lists}'06-c'")).await, 1);
    let plan: Vec<String> =
        client.query(&format!("EXPLAIN indexes = 1 {lists}'06-c'")).fetch_all().await.unwrap();
    assert!(plan.iter().any(|line| line.contains("by_unit")), "{plan:#?}");
    let read = ReadModel::new(client);
    let filter = WorklistFilter { units: vec!["06-a".parse().unwrap()], ..WorklistFilter::default() };
    // All received at one moment: only the id tells them apart.
    assert_eq!(all(&read, &filter, 5_000).await.into_iter().collect::<BTreeSet<_>>().len(), 19_980);
}
