//! The filter of a list: as a query to ClickHouse, and as a check of one row.

use std::sync::Arc;

use ebasvuru_workflow::domain::application::{Application, StatusName};
use ebasvuru_workflow::domain::calendar::{day_of, istanbul};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, UserName};
use jiff::{Timestamp, ToSpan, civil::Weekday};

use super::{Edge, Sort, WorklistRow};
use crate::read::bucket::Bucket;
use crate::read::figure::{Figure, OPEN, OVERDUE};
use crate::read::report::ReportFilter;
use crate::read::sql::{Conditions, Table, Value, by_number};

/// The deadline has not passed, and passes at `{soon:Int64}` or before.
const DEADLINE_AHEAD: &str =
    "(ifNull(toUnixTimestamp64Milli(ifNull(due_at, lapses_at)), 0) BETWEEN {now:Int64} + 1 AND {soon:Int64})";

/// What never changes about an application is looked up in any version first, without FINAL.
macro_rules! open_of {
    ($condition:literal) => {
        concat!(
            "(valilik, service, id) IN (SELECT valilik, service, id FROM open_applications WHERE ",
            $condition,
            ")"
        )
    };
}

/// Of the person with this index.
const OPEN_OF_PERSON: &str = open_of!("tckn_index = {tckn:String}");
const CLOSED_OF_PERSON: &str = "(unit, received_at, id) IN (SELECT unit, received_at, id FROM closed_people \
     WHERE person = {tckn:String})";

/// The index of the name has all hashes of one of these lists.
const OPEN_NAMED: &str = open_of!(
    "hasAll(name_index, {name_a:Array(String)}) OR hasAll(name_index, {name_b:Array(String)}) \
     OR hasAll(name_index, {name_c:Array(String)})"
);
const CLOSED_NAMED: &str = "(unit, received_at, id) IN (SELECT unit, received_at, id FROM closed_people \
     WHERE person IN arrayConcat({name_a:Array(String)}, {name_b:Array(String)}, {name_c:Array(String)}) \
     GROUP BY unit, received_at, id HAVING hasAll(groupUniqArray(person), {name_a:Array(String)}) \
     OR hasAll(groupUniqArray(person), {name_b:Array(String)}) OR hasAll(groupUniqArray(person), {name_c:Array(String)}))";

/// Which applications a list shows. A field that is `None` or empty does not limit them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorklistFilter {
    /// In one of these units now. Empty: every unit; the caller limits what a user may see.
    pub units: Vec<UnitId>,
    /// Held by this officer ("Sorumlu Üzerindeki Başvurular"); a closed one, held last.
    pub officer: Option<UserName>,
    /// In one of these statuses.
    pub statuses: Vec<StatusName>,
    /// Ön Başvuru, or Başvuru.
    pub pre_application: Option<bool>,
    /// Of this service.
    pub service: Option<ServiceSlug>,
    /// Of this governorate.
    pub valilik: Option<Valilik>,
    /// By deadline.
    pub deadline: Option<Deadline>,
    /// Those that a figure of the reports counts, received in its period.
    pub figure: Option<(&'static Figure, ReportFilter)>,
    /// In this bucket of a chart.
    pub bucket: Option<Bucket>,
    /// Found by this search.
    pub search: Option<Search>,
    /// Not this one.
    pub except: Option<ApplicationId>,
    /// The order.
    pub sort: Sort,
    /// The page at this edge; without it, the first page.
    pub edge: Option<Edge>,
}

/// Applications by their deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// It has passed, or had passed when the application was closed.
    Overdue,
    /// Open, and its last day is today.
    Today,
    /// Open, and its last day is today or one of the days up to Sunday.
    ThisWeek,
}

/// What a person typed to find an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The number.
    Number(ApplicationNo),
    /// The beginning of the number.
    NumberPrefix(String),
    /// The last part of the number.
    RunningNumber(String),
    /// The index of a T.C. Kimlik No (`Sealer::tckn_index`).
    TcknIndex(String),
    /// The indexes of the words of a name (`Sealer::name_search`): all of one list must match. An empty
    /// list matches nothing.
    NameIndex([Vec<String>; 3]),
}

impl Search {
    /// Whether it finds this application.
    #[must_use]
    pub fn finds(&self, application: &Application) -> bool {
        let applicant = &application.applicant;
        let has_all = |words: &Vec<String>| {
            !words.is_empty() && words.iter().all(|word| applicant.name_index.contains(word))
        };
        match self {
            Self::Number(no) => application.no == *no,
            Self::NumberPrefix(prefix) => application.no.as_str().starts_with(prefix),
            Self::RunningNumber(running) => application.no.as_str().ends_with(&format!("-{running}")),
            Self::TcknIndex(index) => applicant.tckn_index == *index,
            Self::NameIndex(any_of) => any_of.iter().any(has_all),
        }
    }
}

impl WorklistFilter {
    /// The statuses of open applications.
    pub const OPEN: [StatusName; 3] =
        [StatusName::Unassigned, StatusName::Assigned, StatusName::AwaitingApproval];

    /// Whether the list contains this row. It does not consider the page, the search (a row has no index
    /// of a person), and what only the lists of reports have.
    #[must_use]
    pub fn admits(&self, row: &WorklistRow, now: Timestamp) -> bool {
        let open = row.status != StatusName::Closed;
        let ahead = |days| {
            let soon = end_of_day(now, days);
            open && row.deadline > now && row.deadline <= soon
        };
        let deadline = self.deadline.is_none_or(|deadline| match deadline {
            Deadline::Overdue => row.is_overdue(now),
            Deadline::Today => ahead(1),
            Deadline::ThisWeek => ahead(days_to_sunday(now)),
        });
        deadline
            && self.except != Some(row.id)
            && (self.units.is_empty() || self.units.contains(&row.unit))
            && (self.statuses.is_empty() || self.statuses.contains(&row.status))
            && self.officer.as_ref().is_none_or(|officer| row.officer.as_ref() == Some(officer))
            && self.service.as_ref().is_none_or(|service| row.service == *service)
            && self.valilik.is_none_or(|valilik| row.valilik == valilik)
            && self.pre_application.is_none_or(|pre| row.pre_application == pre)
    }

    /// The rows of those of these applications that the list contains, whatever its page.
    pub(super) fn listed(
        &self,
        applications: &[Arc<Application>],
        now: Timestamp,
    ) -> impl Iterator<Item = WorklistRow> {
        let found = |a: &Application| self.search.as_ref().is_none_or(|search| search.finds(a));
        let found = applications.iter().filter(move |application| found(application));
        found.map(|application| WorklistRow::of(application)).filter(move |row| self.admits(row, now))
    }

    /// Whether it limits applications by nothing but units, officer, and statuses.
    #[must_use]
    pub fn is_of_units(&self) -> bool {
        let of_units = Self {
            units: self.units.clone(),
            officer: self.officer.clone(),
            statuses: self.statuses.clone(),
            sort: self.sort,
            edge: self.edge,
            ..Self::default()
        };
        !self.units.is_empty() && *self == of_units
    }

    /// Whether it limits open applications by units and by nothing that their rows do not have: then
    /// [`Self::admits`] is all of it.
    #[must_use]
    pub fn is_of_open_in_units(&self) -> bool {
        let by_rows = self.figure.is_none() && self.bucket.is_none() && self.search.is_none();
        by_rows && !self.units.is_empty() && self.tables() == [Table::Open]
    }

    /// The tables in which such applications are.
    pub(super) fn tables(&self) -> &'static [Table] {
        let open = !self.statuses.is_empty() && !self.statuses.contains(&StatusName::Closed)
            || matches!(self.deadline, Some(Deadline::Today | Deadline::ThisWeek))
            || self.bucket.as_ref().is_some_and(Bucket::is_of_open)
            || self.figure.as_ref().is_some_and(|(figure, _)| figure.is_of_open());
        if open { &[Table::Open] } else { &Table::BOTH }
    }

    /// The conditions for ClickHouse; the query adds the edge of the page.
    pub(in crate::read) fn conditions(&self, now: Timestamp) -> Conditions {
        let mut conditions = Conditions::default();
        let texts = |ids: Vec<String>| Value::Texts(ids);
        // What a search finds is looked up by itself.
        let and_narrow = if self.search.is_some() { Conditions::and_with } else { Conditions::and_narrow };
        if !self.units.is_empty() {
            let units = texts(self.units.iter().map(ToString::to_string).collect());
            and_narrow(&mut conditions, "unit IN {units:Array(String)}", "units", units);
        }
        if !self.statuses.is_empty() {
            let statuses = self.statuses.iter().map(|status| stage_name(*status).to_owned()).collect();
            conditions.and_with("stage IN {statuses:Array(String)}", "statuses", texts(statuses));
        }
        if let Some(officer) = &self.officer {
            let officer = Value::Text(officer.to_string());
            and_narrow(&mut conditions, "officer = {officer:String}", "officer", officer);
        }
        conditions.and_text("service = {service:String}", "service", self.service.as_ref());
        if let Some(valilik) = self.valilik {
            conditions.and_with("valilik = {valilik:UInt8}", "valilik", Value::Int(valilik.plate().into()));
        }
        match self.pre_application {
            Some(true) => conditions.and("phase = 'pre_application'"),
            Some(false) => conditions.and("phase = 'application'"),
            None => {}
        }
        match self.deadline {
            Some(Deadline::Overdue) => conditions.and(OVERDUE),
            Some(Deadline::Today) => upcoming(&mut conditions, now, 1),
            Some(Deadline::ThisWeek) => upcoming(&mut conditions, now, days_to_sunday(now)),
            None => {}
        }
        if let Some((figure, filter)) = &self.figure {
            figure.conditions().iter().for_each(|condition| conditions.and(condition));
            conditions.all_of(filter.conditions());
        }
        if let Some(bucket) = &self.bucket {
            conditions.all_of(bucket.conditions());
        }
        if let Some(id) = self.except {
            conditions.and_with("id != {except:UUID}", "except", Value::Text(id.to_string()));
        }
        match &self.search {
            Some(Search::Number(no)) => {
                conditions.and_each("no = {no:String}", by_number!("no = {no:String}"));
                conditions.param("no", Value::Text(no.to_string()));
            }
            Some(Search::RunningNumber(running)) => {
                const OPEN_ENDS: &str = open_of!("endsWith(no, {running:String})");
                conditions.and_each(OPEN_ENDS, by_number!("endsWith(no, {running:String})"));
                conditions.param("running", Value::Text(format!("-{running}")));
            }
            Some(Search::NumberPrefix(prefix)) => {
                const OPEN_STARTS: &str = open_of!("startsWith(no, {prefix:String})");
                conditions.and_each(OPEN_STARTS, by_number!("startsWith(no, {prefix:String})"));
                conditions.param("prefix", Value::Text(prefix.clone()));
            }
            Some(Search::TcknIndex(index)) => {
                conditions.and_each(OPEN_OF_PERSON, CLOSED_OF_PERSON);
                conditions.param("tckn", Value::Text(index.clone()));
            }
            Some(Search::NameIndex(any_of)) => {
                let any_of: Vec<_> = any_of.iter().filter(|all| !all.is_empty()).collect();
                if any_of.is_empty() {
                    conditions.and("0");
                } else {
                    conditions.and_each(OPEN_NAMED, CLOSED_NAMED);
                }
                for (name, all) in ["name_a", "name_b", "name_c"].into_iter().zip(any_of.into_iter().cycle())
                {
                    conditions.param(name, texts(all.clone()));
                }
            }
            None => {}
        }
        conditions
    }
}

/// Open, and the last day is within this many days from today. A deadline is the first instant that
/// is too late: midnight after the last day.
fn upcoming(conditions: &mut Conditions, now: Timestamp, days: i64) {
    conditions.and(OPEN);
    conditions.and(DEADLINE_AHEAD);
    conditions.param("soon", Value::Int(end_of_day(now, days).as_millisecond()));
}

/// The midnight after this many days; today is the first.
fn end_of_day(now: Timestamp, days: i64) -> Timestamp {
    let today = day_of(now);
    today.saturating_add(days.days()).to_zoned(istanbul()).map_or(now, |end| end.timestamp())
}

/// How many days there are up to Sunday, including today.
fn days_to_sunday(now: Timestamp) -> i64 {
    1 + i64::from(day_of(now).weekday().until(Weekday::Sunday))
}

const fn stage_name(status: StatusName) -> &'static str {
    match status {
        StatusName::Unassigned => "unassigned",
        StatusName::Assigned => "assigned",
        StatusName::AwaitingApproval => "awaiting_approval",
        StatusName::Closed => "closed",
    }
}
