//! How each report is made.

mod breakdown;
mod intake;
mod outcome;
mod overdue;
mod overview;
mod pipeline;
mod process;
mod response;

use jiff::Timestamp;

use super::filter::{Params, Period};
use super::kind::Kind;
use super::table::Section;
use crate::app::App;
use crate::problem::Problem;

/// What a report is asked for.
pub struct Asked<'a> {
    /// Everything that answers.
    pub app: &'a App,
    /// The address.
    pub params: &'a Params,
    /// The period.
    pub period: Period,
    /// Now.
    pub now: Timestamp,
}

/// Makes a report.
pub async fn build(kind: Kind, asked: &Asked<'_>) -> Result<Vec<Section>, Problem> {
    match kind {
        Kind::Overview => overview::build(asked).await,
        Kind::Units | Kind::Services | Kind::Valilikler | Kind::Workload => {
            breakdown::build(kind, asked).await
        }
        Kind::Process => process::build(asked).await,
        Kind::Response => response::build(asked).await,
        Kind::Outcomes => outcome::build(asked).await,
        Kind::Overdue => overdue::build(asked).await,
        Kind::Intake => intake::build(asked).await,
        Kind::Pipeline => pipeline::build(asked).await,
    }
}
