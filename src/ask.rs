//! Commands given from the command line, and their replies.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::bail;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::log::{Log, Outgoing, Producer, Reader, Start, topic};
use ebasvuru_workflow::message::{Message, Reply};

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
            for record in self.replies.poll(1000, Duration::from_millis(100))? {
                let reply = Reply::from_record(&record)?;
                if waiting.remove(&reply.command_id) {
                    replies.insert(reply.command_id, reply);
                    since = Instant::now();
                }
            }
            if since.elapsed() > PATIENCE {
                bail!(
                    "no reply within {} s: is a workflow worker running on this log? The command stays \
                     in {} and will be carried out when one runs.",
                    PATIENCE.as_secs(),
                    topic::COMMANDS
                );
            }
        }
        Ok(replies)
    }
}
