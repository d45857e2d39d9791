//! What this replica knows from the log: every user, every scheduled report, the applications of the
//! latest replies, and how current the read model is.
//!
//! Every replica reads all users and all replies, so that whichever replica serves the next page
//! knows what happened on another.

mod by_name;
mod feeds;
mod freshness;
mod recent;
mod schedules;
mod updates;
mod users;

pub use feeds::Feeds;
pub use freshness::LatestFreshness;
pub use recent::RecentApplications;
pub use schedules::ScheduleDirectory;
pub use updates::LogUpdates;
pub use users::UserDirectory;
