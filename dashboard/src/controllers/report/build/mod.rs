//! The sections of each report.

mod breakdown;
mod by_home;
mod cross;
mod dead_letter;
mod intake;
mod outcome;
mod overdue;
mod overview;
mod pipeline;
mod process;
mod response;
mod workload;

pub use cross::choices as cross_values;
use jiff::Timestamp;

use super::filter::{Params, Period};
use super::kind::ReportKind;
use super::table::Section;
use crate::web::app::App;
use crate::web::problem::Problem;

/// A request for a report.
pub struct ReportRequest<'a> {
    /// The state of the web.
    pub app: &'a App,
    /// The query.
    pub params: &'a Params,
    /// The period.
    pub period: Period,
    /// The time of the request.
    pub now: Timestamp,
}

/// Builds a report.
pub async fn build(kind: ReportKind, request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    match kind {
        ReportKind::Overview => overview::build(request).await,
        ReportKind::Units | ReportKind::Services | ReportKind::Valilikler => {
            breakdown::build(kind, request).await
        }
        ReportKind::Cross => cross::build(request).await,
        ReportKind::Workload => workload::build(request).await,
        ReportKind::Process => process::build(request).await,
        ReportKind::Response => response::build(request).await,
        ReportKind::Outcomes => outcome::build(request).await,
        ReportKind::Overdue => overdue::build(request).await,
        ReportKind::Intake => intake::build(request).await,
        ReportKind::Pipeline => pipeline::build(request).await,
    }
}
