//! Compares commands with events, and events with each other. A transaction of which only a part was
//! committed shows here and nowhere else, because each of its records is intact.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ebasvuru_workflow::domain::application::CommandBody;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::log::{Log, LogError, Record, RecordAddress, Start, dead_letter, group, topic};
use ebasvuru_workflow::message::AnyCommand;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::EXAMPLES;

/// The result, over all partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Commands {
    /// Submissions that the workers have processed, as far back as the log keeps commands.
    pub submissions: u64,
    /// Submissions that became neither an application nor a dead letter.
    pub lost: u64,
    /// Applications that were received.
    pub received: u64,
    /// Events that do not follow the previous one of their application.
    pub out_of_sequence: u64,
    /// Application numbers that were issued more than once.
    pub numbers_twice: u64,
    /// Some of the affected applications.
    pub examples: Vec<String>,
}

/// The parts of an event that are compared.
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

impl Commands {
    /// Whether every submission has exactly one result.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.lost == 0 && self.out_of_sequence == 0 && self.numbers_twice == 0
    }

    /// Reads commands and events, and the dead letters if something is missing.
    pub fn read(log: &dyn Log) -> Result<Self, LogError> {
        let mut found = Self::default();
        // The workers' committed offsets first: the results up to there are in the log.
        let mut missing = commands(log)?;
        found.submissions = missing.len() as u64;
        for bounds in log.bounds(topic::EVENTS)? {
            found.partition(log, bounds.partition, bounds.low, &mut missing)?;
        }
        if !missing.is_empty() {
            let dead = dead_letters(log)?;
            missing.retain(|_, source| !dead.contains(source));
        }
        found.lost = missing.len() as u64;
        missing.keys().for_each(|id| found.example(*id));
        Ok(found)
    }

    /// Reads the events of one partition, and removes from `missing` what became an application.
    fn partition(
        &mut self,
        log: &dyn Log,
        partition: i32,
        low: i64,
        missing: &mut HashMap<Uuid, RecordAddress>,
    ) -> Result<(), LogError> {
        let mut last: HashMap<ApplicationNo, (Uuid, u64)> = HashMap::new();
        let start = Start::at(partition, low);
        log.reader(topic::EVENTS, start)?.catch_up(&mut |record: Record| {
            // Events of users have no number. The sink reports records that cannot be read.
            let Some(event) = record.value.as_deref().and_then(|v| serde_json::from_slice::<Event>(v).ok())
            else {
                return;
            };
            missing.remove(&event.application);
            let previous = last.insert(event.facts.no, (event.application, event.seq));
            match previous {
                None if event.seq == 1 => self.received += 1,
                // It was received in another partition, before partitions were added.
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

/// The submissions among the commands that the workers have processed, with their addresses.
fn commands(log: &dyn Log) -> Result<HashMap<Uuid, RecordAddress>, LogError> {
    let committed = log.committed(group::WORKFLOW, topic::COMMANDS)?;
    // All addresses share one topic name: there are as many as submissions.
    let input: Arc<str> = topic::SUBMISSIONS.into();
    let mut submissions = HashMap::new();
    for bounds in log.bounds(topic::COMMANDS)? {
        let Some(until) = committed.iter().find(|p| p.partition == bounds.partition).map(|p| p.offset) else {
            continue;
        };
        let start = Start::at(bounds.partition, bounds.low);
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

/// The addresses of all dead-lettered submissions.
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
