//! The state that all handlers share.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::Key;
use ebasvuru_analytics::read::ReadModel;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::{CommandClient, CommandError};
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::catalog::{Catalog, ServiceSlug, UnitId};
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::log::Log;
use ebasvuru_workflow::message::{ApplicationCommand, Decision, Reply};
use ebasvuru_workflow::seal::Sealer;
use jiff::{SignedDuration, Timestamp};

use super::session::{Cookies, Lifetime};
use crate::audit::Audit;
use crate::auth::{Passwords, Throttle};
use crate::directory::{
    ClosedCounts, HasUntil, LatestFreshness, OpenApplications, RecentApplications, RecentOthers,
    ScheduleDirectory, UserDirectory,
};
use crate::files::Files;
use crate::mail::Mailer;

/// The settings of the dashboard.
#[derive(Clone, Debug)]
pub struct DashboardConfig {
    /// The key that signs sessions: at least 64 bytes, the same on every replica.
    pub session_key: Vec<u8>,
    /// Whether cookies are sent over TLS only. Off only for plain http on a loopback address.
    pub secure_cookies: bool,
    /// Whether a proxy in front names the client in the last value of `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// How long sessions last.
    pub session: Lifetime,
    /// How long a page waits for the reply to a command.
    pub reply_timeout: Duration,
}

impl Default for DashboardConfig {
    /// Everything but the key: half an hour idle, ten hours in all, five seconds for a reply.
    fn default() -> Self {
        Self {
            session_key: Vec::new(),
            secure_cookies: true,
            behind_proxy: false,
            session: Lifetime {
                idle: SignedDuration::from_mins(30),
                absolute: SignedDuration::from_hours(10),
            },
            reply_timeout: Duration::from_secs(5),
        }
    }
}

/// Everything that handlers need.
pub struct App {
    /// The settings.
    pub config: DashboardConfig,
    /// The key that signs cookies.
    pub key: Key,
    /// The time.
    pub clock: Clock,
    /// The log, for the report on the pipeline.
    pub log: Arc<dyn Log>,
    /// Executes commands.
    pub commands: Arc<CommandClient>,
    /// Records who opens which personal data.
    pub audit: Audit,
    /// The users.
    pub users: Arc<UserDirectory>,
    /// The scheduled reports.
    pub schedules: Arc<ScheduleDirectory>,
    /// The applications that were changed or read last.
    pub recent: Arc<RecentApplications>,
    /// The lists of a person's other applications that were read last.
    pub others: Arc<RecentOthers>,
    /// How many closed applications units have, as they were counted last.
    pub closed: Arc<ClosedCounts>,
    /// The open applications.
    pub open: Arc<OpenApplications>,
    /// Lists and reports.
    pub read: ReadModel,
    /// How current they are.
    pub freshness: Arc<LatestFreshness>,
    /// Opens personal data and seals what staff write.
    pub sealer: Sealer,
    /// Services, units, routes, and their names.
    pub catalog: Arc<Catalog>,
    /// Documents.
    pub files: Files,
    /// Sends mail; `None` if no server is configured.
    pub mailer: Option<Mailer>,
    /// Checks and hashes passwords.
    pub passwords: Passwords,
    /// Limits password attempts.
    pub throttle: Throttle,
}

/// The state as handlers extract it.
pub type AppState = Arc<App>;

impl App {
    /// The open applications, as long as the log answers. While it does not, what ClickHouse has may be newer.
    #[must_use]
    pub fn open_now(&self, now: Timestamp) -> Option<&OpenApplications> {
        self.freshness.log_answers(now).then_some(&*self.open)
    }

    /// Up to which moment ClickHouse has everything. To be asked before ClickHouse is.
    #[must_use]
    pub fn has_until(&self) -> Option<HasUntil> {
        HasUntil::of(&self.freshness, &self.clock)
    }

    /// Executes a command on the application with this number; returns the decision, and the application as it is
    /// then, if that is known here in time.
    ///
    /// # Errors
    /// When there is no reply.
    pub async fn execute(
        &self,
        command: &ApplicationCommand,
        no: &ApplicationNo,
    ) -> Result<(Decision, Option<Arc<Application>>), CommandError> {
        let Reply { decision, application, .. } = self.commands.execute(command).await?;
        let application = match (&decision, application) {
            (_, Some(application)) => Some(application.into()),
            (Decision::Accepted { version }, None) => self.recent.of_version(no, *version).await,
            (Decision::Refused { .. }, None) => None,
        };
        Ok((decision, application))
    }

    /// The cookies of a request.
    #[must_use]
    pub fn cookies(&self, headers: &HeaderMap) -> Cookies {
        Cookies::read(headers, self.key.clone(), self.config.secure_cookies)
    }

    /// A unit's name; its id if the catalog no longer has it.
    #[must_use]
    pub fn unit_name(&self, unit: &UnitId) -> String {
        self.catalog.unit(unit).map_or_else(|| unit.to_string(), |unit| unit.title.clone())
    }

    /// A service's name; its slug if the catalog no longer has it.
    #[must_use]
    pub fn service_name(&self, slug: &ServiceSlug) -> String {
        self.catalog.service(slug).map_or_else(|| slug.to_string(), |service| service.title.clone())
    }
}
