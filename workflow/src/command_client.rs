//! The client that gives commands to the workflow: it appends them to the log and waits for their
//! replies.
//!
//! [`CommandClient`] is for a process that reads the replies topic anyway, such as the dashboard;
//! [`BlockingCommandClient`] reads the topic itself, for the command line.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::domain::ids::CommandId;
use crate::domain::schedule::ScheduleCommand;
use crate::domain::user::UserCommand;
use crate::log::{Log, LogError, Outgoing, Producer, Reader, Record, Start, append, topic};
use crate::message::{ApplicationCommand, Message, Reply, type_of};

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command is in the log; its reply did not come in time.
    #[error("no reply to command {0} yet")]
    Pending(CommandId),
    /// The log failed; the command may not have reached it.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Sends commands and hands each reply to whoever waits for it.
pub struct CommandClient {
    producer: Arc<dyn Producer>,
    timeout: Duration,
    waiting: Mutex<HashMap<CommandId, oneshot::Sender<Reply>>>,
}

impl fmt::Debug for CommandClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandClient").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl CommandClient {
    /// A client that waits for each reply for `timeout`. Somebody must pass the replies to
    /// [`CommandClient::complete`].
    #[must_use]
    pub fn new(producer: Arc<dyn Producer>, timeout: Duration) -> Self {
        Self { producer, timeout, waiting: Mutex::default() }
    }

    /// Executes a command on an application.
    ///
    /// # Errors
    /// When there is no reply.
    pub async fn execute(&self, command: &ApplicationCommand) -> Result<Reply, CommandError> {
        self.send(command.command.id, command.to_record()).await
    }

    /// Executes a command on a user.
    ///
    /// # Errors
    /// When there is no reply.
    pub async fn execute_user(&self, command: &UserCommand) -> Result<Reply, CommandError> {
        self.send(command.id, command.to_record()).await
    }

    /// Executes a command on a scheduled report.
    ///
    /// # Errors
    /// When there is no reply.
    pub async fn execute_schedule(&self, command: &ScheduleCommand) -> Result<Reply, CommandError> {
        self.send(command.id, command.to_record()).await
    }

    async fn send(&self, id: CommandId, record: Outgoing) -> Result<Reply, CommandError> {
        let mut waiter = self.register(id);
        append(&self.producer, vec![record]).await?;
        match tokio::time::timeout(self.timeout, &mut waiter.reply).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(_)) | Err(_) => Err(CommandError::Pending(id)),
        }
    }

    /// Takes a reply read from the log and wakes whoever waits for it. Replies to commands of
    /// others are ignored.
    pub fn complete(&self, reply: Reply) {
        let waiter = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&reply.command_id);
        if let Some(waiter) = waiter {
            // The waiting request may have been cancelled.
            let _ = waiter.send(reply);
        }
    }

    fn register(&self, id: CommandId) -> Waiter<'_> {
        let (sender, reply) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        Waiter { client: self, id, reply }
    }
}

/// Waits for one reply; forgotten by the client when it is dropped, also by a cancelled request.
struct Waiter<'a> {
    client: &'a CommandClient,
    id: CommandId,
    reply: oneshot::Receiver<Reply>,
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.client.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// A [`CommandClient`] that reads the replies itself, on the calling thread.
pub struct BlockingCommandClient {
    client: CommandClient,
    replies: Box<dyn Reader>,
}

impl BlockingCommandClient {
    /// Starts to listen for replies, from now on. `timeout` is the longest pause between two.
    ///
    /// # Errors
    /// When the log gives no reader or no producer.
    pub fn connect(log: &dyn Log, timeout: Duration) -> Result<Self, LogError> {
        let replies = log.reader(topic::REPLIES, Start::End)?;
        let client = CommandClient::new(Arc::from(log.producer()?), timeout);
        Ok(Self { client, replies })
    }

    /// Executes all commands at once and returns each one's reply. Each has an id of its own.
    ///
    /// # Errors
    /// When the log fails, or when no reply has come for the timeout.
    pub fn execute_all(
        &mut self,
        commands: Vec<(CommandId, Outgoing)>,
    ) -> Result<HashMap<CommandId, Reply>, CommandError> {
        let client = &self.client;
        let mut waiters: Vec<Waiter<'_>> = commands.iter().map(|(id, _)| client.register(*id)).collect();
        let mut replies = HashMap::with_capacity(waiters.len());
        client.producer.send(commands.into_iter().map(|(_, record)| record).collect())?;
        let mut last_reply = Instant::now();
        while let Some(pending) = waiters.first().map(|waiter| waiter.id) {
            let records = self.replies.poll(1000, Duration::from_millis(100))?;
            records.iter().filter_map(decode).for_each(|reply| client.complete(reply));
            waiters.retain_mut(|waiter| match waiter.reply.try_recv() {
                Ok(reply) => {
                    replies.insert(waiter.id, reply);
                    last_reply = Instant::now();
                    false
                }
                Err(_) => true,
            });
            if last_reply.elapsed() > client.timeout {
                return Err(CommandError::Pending(pending));
            }
        }
        Ok(replies)
    }
}

/// The reply that a record holds. Records that are not replies, or that this release cannot read, are
/// skipped.
fn decode(record: &Record) -> Option<Reply> {
    if type_of(record) != <Reply>::TYPE {
        return None;
    }
    <Reply>::from_record(record)
        .inspect_err(|error| {
            tracing::warn!(
                error.message = %error,
                record.topic = topic::REPLIES,
                record.partition = record.partition,
                record.offset = record.offset,
                "a reply cannot be read and is skipped"
            );
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::UserName;
    use crate::log::embedded::EmbeddedLog;
    use crate::log::{Retention, TopicSpec};
    use crate::message::{Decision, ReplyTo};

    /// A record of the replies topic, as a worker writes it.
    fn outgoing(ce_type: &'static str, value: &[u8]) -> Outgoing {
        Outgoing {
            topic: topic::REPLIES,
            partition: None,
            key: None,
            value: Some(value.to_vec().into()),
            headers: vec![("ce_type".into(), ce_type.as_bytes().into())],
        }
    }

    fn log() -> (tempfile::TempDir, EmbeddedLog) {
        let folder = tempfile::tempdir().unwrap();
        let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
        let topics = [topic::COMMANDS, topic::REPLIES];
        let topics = topics.map(|name| TopicSpec { name, partitions: 1, retention: Retention::Forever });
        log.ensure_topics(&topics).unwrap();
        (folder, log)
    }

    #[test]
    fn records_that_are_no_reply_are_skipped() {
        let (_folder, log) = log();
        let mut client = BlockingCommandClient::connect(&log, Duration::from_secs(20)).unwrap();
        let id = CommandId(Uuid::new_v4());
        let name: UserName = "ayse".parse().unwrap();
        let reply: Reply = Reply {
            command_id: id,
            to: ReplyTo::User(name),
            decision: Decision::Accepted { version: 1 },
            application: None,
            user: None,
            schedule: None,
        };
        let strange = [
            outgoing("ebasvuru.malformed-command.v1", b"{\"not\": \"a command"),
            outgoing(<Reply>::TYPE, b"{\"command_id\": 7}"),
            outgoing("", b""),
        ];
        log.producer().unwrap().send(strange.into_iter().chain([reply.to_record()]).collect()).unwrap();
        let command = outgoing("ebasvuru.user-command.v1", b"{}");
        let replies = client.execute_all(vec![(id, Outgoing { topic: topic::COMMANDS, ..command })]).unwrap();
        assert_eq!(replies[&id], reply);
    }

    #[test]
    fn a_command_without_a_reply_is_pending() {
        let (_folder, log) = log();
        let mut client = BlockingCommandClient::connect(&log, Duration::ZERO).unwrap();
        let id = CommandId(Uuid::new_v4());
        let command = Outgoing { topic: topic::COMMANDS, ..outgoing("ebasvuru.user-command.v1", b"{}") };
        let pending = client.execute_all(vec![(id, command)]);
        assert!(matches!(pending, Err(CommandError::Pending(waited)) if waited == id), "{pending:?}");
        assert!(client.client.waiting.lock().unwrap().is_empty(), "nobody is waited for any more");
    }
}
