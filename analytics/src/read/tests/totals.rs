use std::collections::{BTreeMap, BTreeSet};

use super::reports::counted;
use super::{filled, now};
use crate::read::{Figures, ReadModel, ReportFilter, Totals, Wanted};
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
        Totals::Service => vec![(None, service, None, None), all],
        Totals::Valilik => vec![(None, None, Some(a.valilik.plate()), None), all],
        Totals::UnitInHome => vec![(unit, None, home, None), (None, None, home, None), all],
        Totals::OfficerInHome => match officer(a) {
            Some(officer) => vec![(unit, None, home, Some(officer)), (None, None, home, None), all],
            None => Vec::new(),
        },
    }
}

/// Compares the figures of each group, of each set and of all together with the count over their
/// applications.
pub async fn totals_agree(read: &ReadModel, filter: &ReportFilter, chosen: &[&Application]) {
    let all = Totals::ALL.map(|totals| (totals, Wanted::All));
    let parts = [
        (Totals::OfficerInHome, Wanted::Open),
        (Totals::Service, Wanted::Open),
        (Totals::HomeAndService, Wanted::Counts),
    ];
    for (totals, wanted) in all.into_iter().chain(parts) {
        let among = |a: &&&Application| wanted != Wanted::Open || !a.status.is_closed();
        // The total is there also where nothing is counted.
        let mut groups = BTreeMap::<Key, Vec<&Application>>::from([(Key::default(), Vec::new())]);
        for application in chosen.iter().filter(among) {
            for key in keys(totals, application) {
                groups.entry(key).or_default().push(application);
            }
        }
        let of_group = |(key, group): (Key, Vec<_>)| (key, wanted_of(wanted, counted(&group)));
        let expected: BTreeMap<Key, Figures> = groups.into_iter().map(of_group).collect();
        let rows = read.totals(totals, wanted, filter, now()).await.unwrap();
        let count = rows.len();
        let found: BTreeMap<Key, Figures> = rows
            .into_iter()
            .map(|row| {
                let key = (
                    row.unit.map(|it| it.to_string()),
                    row.service.map(|it| it.to_string()),
                    row.valilik.map(|it| it.plate()),
                    row.officer.map(|it| it.to_string()),
                );
                (key, row.figures)
            })
            .collect();
        assert_eq!(found.len(), count, "{totals:?}: a group is there twice");
        assert_eq!(found, expected, "{totals:?} {wanted:?} {filter:?}");
    }
}

fn wanted_of(wanted: Wanted, figures: Figures) -> Figures {
    match wanted {
        Wanted::All => figures,
        Wanted::Open | Wanted::Counts => Figures { response_median_ms: 0, response_p90_ms: 0, ..figures },
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
        let figures = read.figures(Wanted::All, &filter, now()).await.unwrap();
        assert_eq!(figures, counted(&chosen), "{filter:?}");
        totals_agree(&read, &filter, &chosen).await;
    }
}
