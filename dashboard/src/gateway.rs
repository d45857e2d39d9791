//! The dashboard's link to the log: commands out, replies and the user directory in.
//!
//! Every replica reads all replies and all users, so that whichever serves the next page
//! knows what happened on another.

mod feed;
pub mod people;
mod recent;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::directory::Directory;
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, CommandId, UserName};
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::domain::user::UserCommand;
use ebasvuru_workflow::log::{Outgoing, Producer};
use ebasvuru_workflow::message::{ApplicationCommand, Message, Reply};
use tokio::sync::oneshot;

pub use feed::Feeds;
pub use people::People;
pub use recent::Recent;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The command is in the log; its result was not known in time.
    #[error("no reply to command {0} yet")]
    Pending(CommandId),
    /// The command may not have reached the log.
    #[error("the log does not take commands: {0}")]
    Unavailable(String),
}

/// Asks the workflow, and knows what it answered lately.
#[derive(Debug)]
pub struct Gateway {
    producer: Sender,
    patience: Duration,
    waiting: Mutex<HashMap<CommandId, oneshot::Sender<Reply>>>,
    users: RwLock<Directory>,
    people: RwLock<People>,
    recent: RwLock<Recent>,
}

struct Sender(Arc<dyn Producer>);

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender")
    }
}

impl Gateway {
    /// A gateway that sends with `producer` and waits for a reply for `patience`. It hears
    /// nothing until [`Feeds`] read for it.
    #[must_use]
    pub fn new(producer: Arc<dyn Producer>, patience: Duration) -> Self {
        Self {
            producer: Sender(producer),
            patience,
            waiting: Mutex::default(),
            users: RwLock::default(),
            people: RwLock::default(),
            recent: RwLock::new(Recent::new(recent::CAPACITY)),
        }
    }

    /// A user as the directory has them now.
    #[must_use]
    pub fn user(&self, name: &UserName) -> Option<Arc<User>> {
        self.directory(|users| users.get(name).cloned())
    }

    /// The name people read; the user name of someone the directory does not have.
    #[must_use]
    pub fn full_name(&self, name: &UserName) -> String {
        self.user(name).map_or_else(|| name.to_string(), |user| user.profile.full_name.clone())
    }

    /// Asks the directory.
    pub fn directory<T>(&self, ask: impl FnOnce(&Directory) -> T) -> T {
        ask(&self.users.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks the list of people, in alphabetical order.
    pub fn people<T>(&self, ask: impl FnOnce(&People) -> T) -> T {
        ask(&self.people.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a reply of the last minutes said of an application, if one did.
    #[must_use]
    pub fn recent(&self, no: &ApplicationNo) -> Option<Arc<Application>> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner).by_no(no)
    }

    /// All that replies said lately, newest version of each.
    #[must_use]
    pub fn all_recent(&self) -> HashMap<ApplicationId, Arc<Application>> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner).all()
    }

    /// Gives a command on an application and waits for what becomes of it.
    pub async fn ask(&self, command: &ApplicationCommand) -> Result<Reply, AskError> {
        self.send(command.command.id, command.to_record()).await
    }

    /// Gives a command on a user and waits for what becomes of it.
    pub async fn ask_user(&self, command: &UserCommand) -> Result<Reply, AskError> {
        self.send(command.id, command.to_record()).await
    }

    async fn send(&self, id: CommandId, record: Outgoing) -> Result<Reply, AskError> {
        let (tell, told) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id, tell);
        let _forget = Forget { waiting: &self.waiting, id };
        let producer = Arc::clone(&self.producer.0);
        tokio::task::spawn_blocking(move || producer.send(vec![record]))
            .await
            .map_err(|e| AskError::Unavailable(e.to_string()))?
            .map_err(|e| AskError::Unavailable(e.to_string()))?;
        match tokio::time::timeout(self.patience, told).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(_)) | Err(_) => Err(AskError::Pending(id)),
        }
    }

    /// Takes a reply, whoever asked.
    pub fn heard(&self, reply: Reply) {
        if let Some(application) = &reply.application {
            let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
            recent.put(Arc::new(application.as_ref().clone()));
        }
        if let Some(user) = &reply.user {
            self.heard_of(user);
        }
        let asker = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&reply.command_id);
        if let Some(asker) = asker {
            // Whoever asked may have left; the reply then stands in `recent` alone.
            let _ = asker.send(reply);
        }
    }

    /// Takes a user from a reply, so that the next page shows the change before the
    /// directory's own record has come. A reply leaves the password out: the known one
    /// stands until then.
    fn heard_of(&self, user: &User) {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        let known = users.get(&user.name);
        if known.is_none_or(|known| known.version < user.version) {
            let password = known.map_or_else(|| user.password.clone(), |known| known.password.clone());
            let offset = users.offset() - 1;
            self.know(&mut users, User { password, ..user.clone() }, offset);
        }
    }

    /// Takes a user as the directory has them now, read at `offset` of its topic.
    pub fn learned(&self, user: User, offset: i64) {
        let mut users = self.users.write().unwrap_or_else(PoisonError::into_inner);
        self.know(&mut users, user, offset);
    }

    fn know(&self, users: &mut Directory, user: User, offset: i64) {
        let user = Arc::new(user);
        self.people.write().unwrap_or_else(PoisonError::into_inner).put(Arc::clone(&user));
        users.put(user, offset);
    }
}

/// Forgets who waits, also when the browser has gone away.
struct Forget<'a> {
    waiting: &'a Mutex<HashMap<CommandId, oneshot::Sender<Reply>>>,
    id: CommandId,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
