//! What every handler shares.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum_extra::extract::cookie::Key;
use ebasvuru_analytics::read::ReadModel;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::{Catalog, ServiceSlug, UnitId};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::log::Log;
use ebasvuru_workflow::seal::{Field, Sealer};
use jiff::SignedDuration;

use crate::controllers::session::{Passwords, Throttle};
use crate::files::Files;
use crate::gateway::Gateway;
use crate::problem::Problem;
use crate::session::{Cookies, Lifetime};

/// Settings of the dashboard.
#[derive(Clone, Debug)]
pub struct DashboardConfig {
    /// Signs sessions: at least 64 bytes, the same on every replica.
    pub session_key: Vec<u8>,
    /// Whether cookies travel over TLS only. Off only for plain http on a loopback address.
    pub secure_cookies: bool,
    /// Whether a proxy in front names the client in the last part of `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// How long sessions last.
    pub session: Lifetime,
    /// How long a page waits for the reply to a command.
    pub patience: Duration,
}

impl Default for DashboardConfig {
    /// Everything but the key: half an hour idle, ten hours in all, five seconds of patience.
    fn default() -> Self {
        Self {
            session_key: Vec::new(),
            secure_cookies: true,
            behind_proxy: false,
            session: Lifetime {
                idle: SignedDuration::from_mins(30),
                absolute: SignedDuration::from_hours(10),
            },
            patience: Duration::from_secs(5),
        }
    }
}

/// Everything a handler needs.
pub struct AppState {
    /// Settings.
    pub config: DashboardConfig,
    /// The key of sessions.
    pub key: Key,
    /// The time.
    pub clock: Clock,
    /// The log, to see how far who is.
    pub log: Arc<dyn Log>,
    /// Commands and replies.
    pub gateway: Arc<Gateway>,
    /// Lists and reports.
    pub read: ReadModel,
    /// Opens personal data, seals what staff write.
    pub sealer: Sealer,
    /// Services, units, routes, and what these are called.
    pub catalog: Arc<Catalog>,
    /// Documents.
    pub files: Files,
    /// Checks passwords.
    pub passwords: Passwords,
    /// How often one may try.
    pub throttle: Throttle,
}

/// Shared by all handlers.
pub type App = Arc<AppState>;

impl AppState {
    /// The cookies of a request.
    #[must_use]
    pub fn cookies(&self, headers: &HeaderMap) -> Cookies {
        Cookies::read(headers, self.key.clone(), self.config.secure_cookies)
    }

    /// A unit's name; its id when the catalog has it no more.
    #[must_use]
    pub fn unit_name(&self, unit: &UnitId) -> String {
        self.catalog.unit(unit).map_or_else(|| unit.to_string(), |unit| unit.title.clone())
    }

    /// A service's name; its slug when the catalog has it no more.
    #[must_use]
    pub fn service_name(&self, slug: &ServiceSlug) -> String {
        self.catalog.service(slug).map_or_else(|| slug.to_string(), |service| service.title.clone())
    }

    /// The argon2id hash of a user's password, opened. `None` (logged) when it cannot be.
    #[must_use]
    pub fn password_hash(&self, user: &User) -> Option<String> {
        match self.sealer.open_user(&user.name, Field::Password, &user.password) {
            Ok(hash) => String::from_utf8(hash).ok(),
            Err(error) => {
                tracing::error!(
                    error.code = error.code(),
                    error.message = %error,
                    user.name = %user.name,
                    "the password hash of {} cannot be opened",
                    user.name
                );
                None
            }
        }
    }

    /// A new password as commands carry it: hashed and sealed.
    pub async fn sealed_password(&self, name: &UserName, password: &str) -> Result<Sealed, Problem> {
        let hash = self.passwords.hash(password.to_owned()).await;
        let hash = hash.ok_or_else(|| Problem::Internal("a password could not be hashed".into()))?;
        let sealed = self.sealer.seal_user(name, Field::Password, hash.as_bytes());
        sealed.map_err(|error| Problem::Internal(error.to_string()))
    }
}
