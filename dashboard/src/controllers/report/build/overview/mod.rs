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

use ebasvuru_analytics::read::overview::{Happenings, Stands};
use ebasvuru_analytics::read::{Figures, Wanted};

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
}

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let (read, now) = (&request.app.read, request.now);
    let filter = request.params.filter(request.period);
    let before = request.params.filter(request.period.before()).from;
    let (happenings, stands, figures) = tokio::try_join!(
        read.happenings(&filter, before, now),
        read.stands(&filter, now),
        read.figures(Wanted::All, &filter, now),
    )?;
    let overview = Overview { happenings, stands, figures };
    let [cohort, times] = cohort::sections(request, &overview);
    let mut sections = vec![
        cards::section(request, &overview)?,
        flow::section(request, &overview)?,
        outcomes::section(request, &overview)?,
        aging::section(request, &overview)?,
        ranking::section(request, &overview)?,
    ];
    if request.params.has_map() {
        sections.push(country::section(request, &overview)?);
    }
    sections.extend([cohort, times]);
    Ok(sections)
}
