//! What was decided: commands against events, and the events in themselves. A transaction that was
//! committed half done would show here, and nowhere else: each of its records is whole.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ebasvuru_workflow::domain::application::CommandBody;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::log::{Log, LogError, Record, RecordAddress, Start, dead_letter, group, topic};
use ebasvuru_workflow::message::AnyCommand;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::EXAMPLES;

/// What was found, over all partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Submissions that the workers have processed, as far back as the log keeps commands.
    pub submissions: u64,
    /// Those that became neither an application nor a dead letter.
    pub lost: u64,
    /// Applications that were received.
    pub received: u64,
    /// Events that do not follow the one before of their application.
    pub out_of_sequence: u64,
    /// Application numbers that were given more than once.
    pub numbers_twice: u64,
    /// Applications of some of these.
    pub examples: Vec<String>,
}

/// Of an event, what is looked at.
#[derive(Deserialize)]
struct Event {
    application: Uuid,
    seq: u64,
    facts: Facts,
}

#[derive(Deserialize)]
struct Facts {
    no: ApplicationNo,
}

impl Decided {
    /// Whether every submission became one thing, once.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.lost == 0 && self.out_of_sequence == 0 && self.numbers_twice == 0
    }

    /// Reads commands, events, and where something is missing the dead letters too.
    pub fn read(log: &dyn Log) -> Result<Self, LogError> {
        let mut found = Self::default();
        // First where the workers stand: what they made of it stands in the log already.
        let mut awaited = commands(log)?;
        found.submissions = awaited.len() as u64;
        for bounds in log.bounds(topic::EVENTS)? {
            found.partition(log, bounds.partition, bounds.low, &mut awaited)?;
        }
        if !awaited.is_empty() {
            let dead = dead_letters(log)?;
            awaited.retain(|_, source| !dead.contains(source));
        }
        found.lost = awaited.len() as u64;
        awaited.keys().for_each(|id| found.example(*id));
        Ok(found)
    }

    /// The events of one partition; what became an application is awaited no more.
    fn partition(
        &mut self,
        log: &dyn Log,
        partition: i32,
        low: i64,
        awaited: &mut HashMap<Uuid, RecordAddress>,
    ) -> Result<(), LogError> {
        let mut last: HashMap<ApplicationNo, (Uuid, u64)> = HashMap::new();
        let start = Start::At { partition, offset: low };
        log.reader(topic::EVENTS, start)?.catch_up(&mut |record: Record| {
            // Events of users have no number; what cannot be read at all the sink has said.
            let Some(event) = record.value.as_deref().and_then(|v| serde_json::from_slice::<Event>(v).ok())
            else {
                return;
            };
            awaited.remove(&event.application);
            let before = last.insert(event.facts.no, (event.application, event.seq));
            match before {
                None if event.seq == 1 => self.received += 1,
                // It began in another partition, before there were more.
                None => {}
                Some((application, _)) if application != event.application => {
                    self.numbers_twice += 1;
                    self.example(event.application);
                }
                Some((_, seq)) if event.seq == seq + 1 => {}
                _ => {
                    self.out_of_sequence += 1;
                    self.example(event.application);
                }
            }
        })
    }

    fn example(&mut self, application: Uuid) {
        if self.examples.len() < EXAMPLES {
            self.examples.push(application.to_string());
        }
    }
}

/// The submissions among the commands that the workers have processed, and the address of each message.
fn commands(log: &dyn Log) -> Result<HashMap<Uuid, RecordAddress>, LogError> {
    let committed = log.committed(group::WORKFLOW, topic::COMMANDS)?;
    // One topic name for all the addresses: there are as many as submissions.
    let input: Arc<str> = topic::SUBMISSIONS.into();
    let mut submissions = HashMap::new();
    for bounds in log.bounds(topic::COMMANDS)? {
        let Some(until) = committed.iter().find(|p| p.partition == bounds.partition).map(|p| p.offset) else {
            continue;
        };
        let start = Start::At { partition: bounds.partition, offset: bounds.low };
        log.reader(topic::COMMANDS, start)?.catch_up(&mut |record| {
            if record.offset < until
                && let Ok(AnyCommand::Application(command)) = AnyCommand::from_record(&record)
                && let CommandBody::Receive(receive) = command.command.body
            {
                let source = RecordAddress { topic: Arc::clone(&input), ..receive.source };
                submissions.insert(command.application.0, source);
            }
        })?;
    }
    Ok(submissions)
}

/// The addresses of all submissions that were dead-lettered.
fn dead_letters(log: &dyn Log) -> Result<HashSet<RecordAddress>, LogError> {
    let input: Arc<str> = topic::SUBMISSIONS.into();
    let mut addresses = HashSet::new();
    log.reader(topic::DLQ, Start::Beginning)?.catch_up(&mut |record| {
        let partition = record.header(dead_letter::PARTITION).and_then(|text| text.parse().ok());
        let offset = record.header(dead_letter::OFFSET).and_then(|text| text.parse().ok());
        addresses.extend(partition.zip(offset).map(|(partition, offset)| RecordAddress {
            topic: Arc::clone(&input),
            partition,
            offset,
        }));
    })?;
    Ok(addresses)
}
