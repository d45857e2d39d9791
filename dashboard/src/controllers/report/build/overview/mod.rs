//! What a Yönetici asked by a minister answers with: what happened in the period, what stands now, where,
//! and what became of those received in the period. Each in its own words: see
//! [`ebasvuru_analytics::read::overview`].

mod aging;
mod cards;
mod cohort;
mod country;
mod flow;
mod outcomes;
mod ranking;

use ebasvuru_analytics::read::Figures;
use ebasvuru_analytics::read::overview::{Happenings, Stands};

use super::ReportRequest;
use crate::controllers::report::table::Section;
use crate::web::problem::Problem;

/// What the sections are made of.
struct Overview {
    /// What happened in the period, and in the period of the same length before it.
    happenings: Happenings,
    /// What stands now.
    stands: Stands,
    /// What has become of those received in the period.
    figures: Figures,
    /// And of those received in the period before.
    figures_before: Figures,
}

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let (read, now) = (&request.app.read, request.now);
    let filter = request.params.filter(request.period);
    let before = request.params.filter(request.period.before());
    let (happenings, stands, figures, figures_before) = tokio::try_join!(
        read.happenings(&filter, before.from, now),
        read.stands(&filter, now),
        read.figures(&filter, now),
        read.figures(&before, now),
    )?;
    let overview = Overview { happenings, stands, figures, figures_before };
    let [cohort, times] = cohort::sections(request, &overview);
    Ok(vec![
        cards::section(request, &overview)?,
        flow::section(request, &overview)?,
        outcomes::section(request, &overview)?,
        aging::section(&overview)?,
        country::section(request, &overview)?,
        ranking::section(request, &overview)?,
        cohort,
        times,
    ])
}
