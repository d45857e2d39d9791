use std::collections::{BTreeMap, BTreeSet};

use super::reports::counted;
use super::{filled, now};
use crate::read::{Figures, ReportFilter, Totals};
use ebasvuru_workflow::domain::application::{Application, Status};

/// Unit, service, plate code of the unit and officer, as far as a row has them.
type Key = (Option<String>, Option<String>, Option<u8>, Option<String>);

fn plate(application: &Application) -> u8 {
    application.unit.as_str()[..2].parse().unwrap()
}

fn officer(application: &Application) -> Option<String> {
    match &application.status {
        Status::Unassigned => None,
        Status::Assigned { officer } | Status::AwaitingApproval { officer, .. } => Some(officer.to_string()),
        Status::Closed { officer, .. } => officer.as_ref().map(ToString::to_string),
    }
}

/// The keys of the groups and sets that count this application.
fn keys(totals: Totals, a: &Application) -> Vec<Key> {
    let (unit, service) = (Some(a.unit.to_string()), Some(a.service.to_string()));
    let home = Some(plate(a));
    let all = (None, None, None, None);
    match totals {
        Totals::HomeAndService => vec![
            (None, service.clone(), home, None),
            (None, None, home, None),
            (None, service, None, None),
            all,
        ],
        Totals::UnitAndService => vec![
            (unit.clone(), service.clone(), None, None),
            (unit, None, None, None),
            (None, service, None, None),
            all,
        ],
        Totals::UnitInHome => vec![(unit, None, home, None), (None, None, home, None), all],
        Totals::OfficerInHome => match officer(a) {
            Some(officer) => vec![(unit, None, home, Some(officer)), (None, None, home, None), all],
            None => Vec::new(),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_and_subtotals_equal_the_count_over_their_applications() {
    let (_, read, histories) = filled(250, 77).await;
    let all: Vec<&Application> = histories.iter().map(|history| &history.application).collect();
    let homes: BTreeSet<u8> = all.iter().map(|a| plate(a)).collect();
    let home = *homes.last().unwrap();
    assert!(homes.len() > 1, "the histories are too alike: {homes:?}");
    let kind = all[0].unit.as_str()[3..].to_owned();
    let filters = [
        ReportFilter::default(),
        ReportFilter { home: Some(home.try_into().unwrap()), ..ReportFilter::default() },
        ReportFilter { unit_type: Some(kind.parse().unwrap()), ..ReportFilter::default() },
    ];
    for filter in filters {
        let fits = |a: &&&Application| {
            filter.home.is_none_or(|home| home.plate() == plate(a))
                && filter.unit_type.as_ref().is_none_or(|kind| &a.unit.as_str()[3..] == kind.as_str())
        };
        let chosen: Vec<&Application> = all.iter().filter(fits).copied().collect();
        assert!(!chosen.is_empty(), "{filter:?}");
        assert_eq!(read.figures(&filter, now()).await.unwrap(), counted(&chosen), "{filter:?}");
        for totals in
            [Totals::HomeAndService, Totals::UnitAndService, Totals::UnitInHome, Totals::OfficerInHome]
        {
            let mut expected = BTreeMap::<Key, Vec<&Application>>::new();
            for application in &chosen {
                for key in keys(totals, application) {
                    expected.entry(key).or_default().push(application);
                }
            }
            let expected: BTreeMap<Key, Figures> =
                expected.into_iter().map(|(key, group)| (key, counted(&group))).collect();
            let rows = read.totals(totals, &filter, now()).await.unwrap();
            let (text, count) = (|id: String| id, rows.len());
            let found: BTreeMap<Key, Figures> = rows
                .into_iter()
                .map(|row| {
                    let key = (
                        row.unit.map(|it| text(it.to_string())),
                        row.service.map(|it| text(it.to_string())),
                        row.valilik.map(|it| it.plate()),
                        row.officer.map(|it| text(it.to_string())),
                    );
                    (key, row.figures)
                })
                .collect();
            assert_eq!(found.len(), count, "{totals:?}: a group is there twice");
            assert_eq!(found, expected, "{totals:?} {filter:?}");
        }
    }
}
