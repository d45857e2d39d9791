//! A report with its filters but without a period, as schedules keep it: the address of its page.

use axum::extract::Query;
use axum::http::Uri;
use ebasvuru_workflow::domain::schedule::ReportAddress;
use jiff::civil::Date;

use super::conditions::{ALL, filters};
use super::filter::{Params, Period};
use super::kind::ReportKind;
use crate::view::i18n::tr;
use crate::web::app::App;

/// A report and its filters.
#[derive(Clone, Debug)]
pub struct ReportQuery {
    /// Which report.
    pub kind: ReportKind,
    /// Its filters.
    pub params: Params,
}

impl ReportQuery {
    /// Of a page's address; `None` for an address that is no report's. Its period is left out.
    pub fn parse(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let kind = ReportKind::ALL.into_iter().find(|kind| kind.path() == uri.path())?;
        let Query(params) = Query::<Params>::try_from_uri(&uri).ok()?;
        Some(Self { kind, params: Params { bas: String::new(), son: String::new(), ..params.of_report() } })
    }

    /// The address of its page, without a period; `None` for one that is too long to keep.
    pub fn address(&self) -> Option<ReportAddress> {
        self.params.address(self.kind.path()).try_into().ok()
    }

    /// The address of its page for a period.
    pub fn address_of(&self, period: Period) -> String {
        self.params.of(period).address(self.kind.path())
    }

    /// Whether its filters name what exists.
    ///
    /// # Errors
    /// The sentence for a filter that names nothing.
    pub fn check(&self, app: &App, today: Date) -> Result<(), String> {
        self.params.period(app, today).map(drop)
    }

    /// The title of the report, and in words the filters that are set.
    pub fn words(&self, app: &App) -> String {
        let filters = filters(app, &self.params).into_iter().filter(|(_, value)| value != tr(ALL));
        let filters = filters.map(|(label, value)| format!("{label}: {value}"));
        std::iter::once(tr(self.kind.title()).to_owned()).chain(filters).collect::<Vec<_>>().join(" · ")
    }
}
