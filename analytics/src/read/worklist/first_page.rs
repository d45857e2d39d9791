//! The first pages of lists of open applications in units, which are most of what staff look at. One
//! statement reads those of all who ask at the same time.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::filter::stage_name;
use super::query::select;
use super::{Sort, WorklistFilter, WorklistRow};
use crate::read::sql::{Conditions, Table, Value};
use crate::read::{ReadError, ReadModel};

/// A first page that somebody asks for.
pub(in crate::read) struct FirstPage {
    filter: WorklistFilter,
    /// The most rows.
    limit: u32,
    now: Timestamp,
}

/// What one statement can read together.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    sort: Sort,
    /// Whether the lists are of one officer each.
    of_officers: bool,
}

impl FirstPage {
    const fn kind(&self) -> Kind {
        Kind { sort: self.filter.sort, of_officers: self.filter.officer.is_some() }
    }

    /// Its rows of all that were read.
    fn of(&self, rows: &[WorklistRow]) -> Vec<WorklistRow> {
        let sort = self.filter.sort;
        let mut rows: Vec<_> = rows.iter().filter(|row| self.filter.admits(row, self.now)).collect();
        rows.sort_by(|a, b| sort.compare(a.cursor(sort), b.cursor(sort)));
        rows.into_iter().take(self.limit as usize).cloned().collect()
    }
}

impl ReadModel {
    /// The first rows of a list of which [`WorklistFilter::is_first_of_open`] holds.
    pub(super) async fn first_rows(
        &self,
        filter: &WorklistFilter,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<WorklistRow>, ReadError> {
        let read = self.clone();
        let ask = move |pages: Vec<FirstPage>| {
            let read = read.clone();
            async move { read.first_pages(pages).await }
        };
        self.first_pages.ask(FirstPage { filter: filter.clone(), limit, now }, ask).await
    }

    async fn first_pages(&self, pages: Vec<FirstPage>) -> Result<Vec<Vec<WorklistRow>>, ReadError> {
        let mut kinds: Vec<Kind> = Vec::new();
        for page in &pages {
            if !kinds.contains(&page.kind()) {
                kinds.push(page.kind());
            }
        }
        let read = try_join_all(kinds.iter().map(|kind| self.first_of_each(*kind, &pages))).await?;
        let rows = |page: &FirstPage| {
            let read = kinds.iter().zip(&read).find(|(kind, _)| **kind == page.kind());
            read.map(|(_, rows)| page.of(rows)).unwrap_or_default()
        };
        Ok(pages.iter().map(rows).collect())
    }

    /// The first rows of each unit and status, or of each of these and officer. A page is the first ones
    /// of some of them.
    async fn first_of_each(&self, kind: Kind, pages: &[FirstPage]) -> Result<Vec<WorklistRow>, ReadError> {
        let pages = || pages.iter().filter(|page| page.kind() == kind);
        let limit = pages().map(|page| page.limit).max().unwrap_or_default();
        let now = pages().map(|page| page.now).max().unwrap_or_default();
        let units: BTreeSet<_> = pages().flat_map(|page| &page.filter.units).collect();
        let officers: BTreeSet<_> = pages().filter_map(|page| page.filter.officer.as_ref()).collect();
        let stages: BTreeSet<_> =
            pages().flat_map(|page| &page.filter.statuses).map(|status| stage_name(*status)).collect();

        let mut conditions = Conditions::default();
        let units = Value::Texts(units.into_iter().map(ToString::to_string).collect());
        conditions.and_with("unit IN {units:Array(String)}", "units", units);
        let stages = Value::Texts(stages.into_iter().map(str::to_owned).collect());
        conditions.and_with("stage IN {stages:Array(String)}", "stages", stages);
        let mut each = "unit, stage";
        if kind.of_officers {
            let officers = Value::Texts(officers.into_iter().map(ToString::to_string).collect());
            conditions.and_with("officer IN {officers:Array(String)}", "officers", officers);
            each = "unit, stage, officer";
        }
        let order = format!("{} LIMIT {limit} BY {each}", kind.sort.order_by(false));
        let sql = format!("{} SETTINGS optimize_read_in_order = 0", select(Table::Open, &conditions, &order));
        self.stored_rows(self.bound(&sql, &conditions, now, &*self.cut().await?), now).await
    }
}
