//! What this replica knows from the log: every user, every scheduled report, every open application, those of
//! the latest replies as a whole, and how current the read model is.
//!
//! Every replica reads all of it, so that whichever replica serves the next page
//! knows what happened on another.

mod by_name;
mod cache;
mod closed;
mod feeds;
mod freshness;
mod kept;
mod open;
mod others;
mod recent;
mod schedules;
mod updates;
mod users;

pub use closed::ClosedCounts;
pub use feeds::Feeds;
pub use freshness::LatestFreshness;
pub use kept::HasUntil;
pub use open::OpenApplications;
pub use others::RecentOthers;
pub use recent::RecentApplications;
pub use schedules::ScheduleDirectory;
pub use updates::LogUpdates;
pub use users::UserDirectory;
