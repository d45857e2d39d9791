//! How many applications each tab of a list has, right at once: the states of recent replies count
//! instead of those that ClickHouse still has.

use ebasvuru_analytics::read::{Tabs, WorklistFilter, WorklistRow};
use ebasvuru_workflow::domain::ids::UserName;
use jiff::{SignedDuration, Timestamp};

use crate::web::app::App;
use crate::web::problem::Problem;

/// How long the states of replies are merged into lists and counts: ClickHouse has them long before.
pub const RECENT: SignedDuration = SignedDuration::from_secs(60);

/// How many rows each tab of `filter` has. The recent applications are left out of the query and
/// counted here, each in its newest state.
pub async fn counts(
    app: &App,
    filter: &WorklistFilter,
    mine: &UserName,
    now: Timestamp,
) -> Result<Tabs, Problem> {
    let recent: Vec<_> =
        app.recent.all().into_values().filter(|a| now.duration_since(a.last_at()) <= RECENT).collect();
    let (mut tabs, stored) =
        tokio::try_join!(app.read.tabs(filter, mine, &recent, now), app.read.rows_of(&recent, now))?;
    // The tabs are counted over all statuses.
    let all = WorklistFilter { statuses: Vec::new(), ..filter.clone() };
    for application in &recent {
        let replied = WorklistRow::of(application, now);
        let newer = |row: &&WorklistRow| row.id == replied.id && row.version > replied.version;
        let row = stored.iter().find(newer).unwrap_or(&replied);
        if all.admits(row, now) && all.search.as_ref().is_none_or(|search| search.finds(application)) {
            tabs.count(row, mine);
        }
    }
    Ok(tabs)
}
