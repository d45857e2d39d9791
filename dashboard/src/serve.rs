//! Starting and stopping the dashboard.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum_extra::extract::cookie::Key;
use ebasvuru_analytics::read::ReadModel;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::CommandClient;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Log, LogError, Producer};
use ebasvuru_workflow::seal::Sealer;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::audit::Audit;
use crate::auth::{Passwords, Throttle};
use crate::directory::{Feeds, LatestFreshness, LogUpdates};
use crate::files::Files;
use crate::http::{self, Limits};
use crate::mail::Mailer;
use crate::sender::Sender;
use crate::web::app::{App, AppState, DashboardConfig};
use crate::web::routes;

/// What the dashboard needs.
pub struct Deps {
    /// The log.
    pub log: Arc<dyn Log>,
    /// Lists and reports.
    pub read: ReadModel,
    /// Opens and seals personal data.
    pub sealer: Sealer,
    /// Services, units, routes, and their names.
    pub catalog: Arc<Catalog>,
    /// Documents.
    pub files: Files,
    /// Sends the scheduled reports; `None` if no server is configured.
    pub mailer: Option<Mailer>,
    /// The time.
    pub clock: Clock,
}

/// Why the dashboard does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The session key is too short to sign with.
    #[error("{code}: the session key has {0} bytes; 64 are needed", code = ErrorCode::SessionKeyShort)]
    KeyTooShort(usize),
    /// The log gives no producer.
    #[error("the web cannot use the log")]
    Log(#[from] LogError),
    /// There are no threads, no random bytes, or a file cannot be written.
    #[error("the web does not start")]
    Io(#[from] io::Error),
}

impl StartError {
    /// The code, if it has one of its own.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::KeyTooShort(_) => Some(ErrorCode::SessionKeyShort),
            Self::Log(_) | Self::Io(_) => None,
        }
    }
}

/// The dashboard, reading the log and ready to serve.
pub struct Dashboard {
    app: AppState,
    feeds: Feeds,
    /// Sends the scheduled reports, if mail is on.
    sender: Option<JoinHandle<()>>,
}

impl Dashboard {
    /// Starts to read the directory and the replies; stops when `stop` is cancelled.
    pub fn start(config: DashboardConfig, deps: Deps, stop: &CancellationToken) -> Result<Self, StartError> {
        let key = Key::try_from(config.session_key.as_slice())
            .map_err(|_| StartError::KeyTooShort(config.session_key.len()))?;
        if !deps.files.are_scanned() {
            tracing::warn!(
                error.code = ErrorCode::DocumentsNotScanned.as_str(),
                "no virus scanner is configured (scanner.clamd): documents are handed out as they came"
            );
        }
        let producer: Arc<dyn Producer> = Arc::from(deps.log.producer()?);
        let audit = Audit::start(Arc::clone(&producer), deps.clock.clone())?;
        let commands = Arc::new(CommandClient::new(producer, config.reply_timeout));
        let updates = LogUpdates::new(commands);
        let feeds = Feeds::start(&deps.log, &updates, stop)?;
        let freshness = Arc::<LatestFreshness>::default();
        let kept = updates.clone();
        freshness.watch(&deps.log, &deps.clock, stop, move || kept.forget_kept())?;
        let app = Arc::new(App {
            key,
            config,
            clock: deps.clock,
            log: deps.log,
            commands: updates.commands,
            audit,
            users: updates.users,
            schedules: updates.schedules,
            recent: updates.recent,
            others: updates.others,
            closed: updates.closed,
            open: updates.open,
            read: deps.read,
            freshness,
            passwords: Passwords::new(deps.sealer.clone()),
            sealer: deps.sealer,
            catalog: deps.catalog,
            files: deps.files,
            mailer: deps.mailer,
            throttle: Throttle::default(),
        });
        let sender = app
            .mailer
            .is_some()
            .then(|| tokio::spawn(Sender::new(Arc::clone(&app), stop.clone()).run(feeds.readiness())));
        Ok(Self { app, feeds, sender })
    }

    /// Returns a check whether the directory has been read and replies are being read.
    pub fn readiness(&self) -> impl Fn() -> bool + Send + Sync + Clone + use<> {
        self.feeds.readiness()
    }

    /// The router.
    pub fn router(&self) -> Router {
        routes::router(&self.app)
    }

    /// Serves until `stop` is cancelled, lets requests finish, and ends the threads.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let limits = Limits::web(self.app.config.behind_proxy);
        http::serve("dashboard", listener, self.router(), limits, stop.clone()).await?;
        stop.cancel();
        if let Some(sender) = self.sender {
            sender.await.map_err(io::Error::other)?;
        }
        tokio::task::spawn_blocking(|| self.feeds.join()).await.map_err(io::Error::other)
    }
}

/// The session key of a single machine, read from the file `path`; the first start creates it.
pub fn session_key_file(path: &Path) -> io::Result<Vec<u8>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            let key = Key::try_generate().ok_or_else(|| io::Error::other("no random bytes"))?;
            file.write_all(key.master())?;
            file.sync_all()?;
            Ok(key.master().to_vec())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(path),
        Err(error) => Err(error),
    }
}
