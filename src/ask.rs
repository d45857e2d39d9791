//! Commands given from the command line, and their replies.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::bail;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::log::{Log, Outgoing, Producer, Reader, Record, Start, topic};
use ebasvuru_workflow::message::{Message, Reply, type_of};

/// How long a reply may take before we say that the workflow worker is not running.
const PATIENCE: Duration = Duration::from_secs(20);

/// Gives commands and waits for what became of them.
pub struct Asker {
    producer: Box<dyn Producer>,
    replies: Box<dyn Reader>,
}

impl Asker {
    /// Begins to listen for replies, from now on.
    pub fn new(log: &dyn Log) -> anyhow::Result<Self> {
        Ok(Self { replies: log.reader(topic::REPLIES, Start::End)?, producer: log.producer()? })
    }

    /// Gives all commands at once and returns each one's reply.
    pub fn ask(&mut self, commands: Vec<(CommandId, Outgoing)>) -> anyhow::Result<HashMap<CommandId, Reply>> {
        let mut waiting: HashSet<CommandId> = commands.iter().map(|(id, _)| *id).collect();
        let mut replies = HashMap::with_capacity(waiting.len());
        self.producer.send(commands.into_iter().map(|(_, record)| record).collect())?;
        let mut since = Instant::now();
        while !waiting.is_empty() {
            let records = self.replies.poll(1000, Duration::from_millis(100))?;
            for reply in records.iter().filter_map(reply) {
                if waiting.remove(&reply.command_id) {
                    replies.insert(reply.command_id, reply);
                    since = Instant::now();
                }
            }
            if since.elapsed() > PATIENCE {
                bail!(
                    "NO_REPLY: no reply within {} s: is a workflow worker running on this log? The command stays \
                     in {} and will be carried out when one runs.",
                    PATIENCE.as_secs(),
                    topic::COMMANDS
                );
            }
        }
        Ok(replies)
    }
}

/// The reply that a record is; the topic also holds commands that nobody could read, and may
/// hold replies of a newer release to somebody else.
fn reply(record: &Record) -> Option<Reply> {
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
    use ebasvuru_workflow::domain::ids::UserName;
    use ebasvuru_workflow::log::embedded::EmbeddedLog;
    use ebasvuru_workflow::message::{Decision, ReplyTo};
    use uuid::Uuid;

    use super::*;

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

    #[test]
    fn what_is_no_reply_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
        log.ensure_topics(&crate::topics::specs(1)).unwrap();
        let mut asker = Asker::new(&log).unwrap();
        let ours = CommandId(Uuid::new_v4());
        let name: UserName = "ayse".parse().unwrap();
        let reply: Reply = Reply {
            command_id: ours,
            to: ReplyTo::User(name),
            decision: Decision::Accepted { version: 1 },
            application: None,
            user: None,
        };
        let strange = [
            outgoing("ebasvuru.malformed-command.v1", b"{\"not\": \"a command"),
            outgoing(<Reply>::TYPE, b"{\"command_id\": 7}"),
            outgoing("", b""),
        ];
        log.producer().unwrap().send(strange.into_iter().chain([reply.to_record()]).collect()).unwrap();
        let command = outgoing("ebasvuru.user-command.v1", b"{}");
        let replies = asker.ask(vec![(ours, Outgoing { topic: topic::COMMANDS, ..command })]).unwrap();
        assert_eq!(replies[&ours], reply);
    }
}
