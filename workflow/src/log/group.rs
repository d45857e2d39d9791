//! The consumer groups. The sink has one for each topic that it reads, so that none waits for
//! another's rebalance.

/// Ingest, on [`super::topic::SUBMISSIONS`].
pub const INGEST: &str = "ebasvuru.ingest";
/// The workflow workers, on [`super::topic::COMMANDS`].
pub const WORKFLOW: &str = "ebasvuru.workflow";
/// The sink, on [`super::topic::EVENTS`].
pub const ANALYTICS_EVENTS: &str = "ebasvuru.analytics.events";
/// The sink, on [`super::topic::APPLICATIONS`].
pub const ANALYTICS_APPLICATIONS: &str = "ebasvuru.analytics.applications";
/// The sink, on [`super::topic::ARCHIVE`].
pub const ANALYTICS_ARCHIVE: &str = "ebasvuru.analytics.archive";
/// The sink, on [`super::topic::AUDIT`].
pub const ANALYTICS_AUDIT: &str = "ebasvuru.analytics.audit";
