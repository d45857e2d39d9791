//! A log in memory that plays the runner and the log for the processor.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::domain::actor::{Actor, Role};
use crate::domain::application::{Application, Command, CommandBody, Receive};
use crate::domain::catalog::Catalog;
use crate::domain::document::Document;
use crate::domain::ids::{ApplicationId, CommandId, UserName};
use crate::domain::sealed::{Sealed, SealedText};
use crate::domain::user::{UserCommand, UserCommandBody, UserProfile};
use crate::log::{Forward, Outgoing, Processor, Record, RecordAddress, Step, topic};
use crate::message::{AnyEvent, ApplicationCommand, Message, Notification, Reply, type_of};
use crate::seal::{APPLICATIONS, Field, Sealer};
use crate::worker::{WorkflowProcessor, WorkflowRetention};

pub use crate::testing::submission;
use crate::testing::{catalog, document, receive, sealer};

pub const PARTITIONS: i32 = 2;

pub fn start() -> Timestamp {
    "2026-11-23T09:15:00+03:00".parse().unwrap()
}

pub fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

pub fn name(text: &str) -> UserName {
    text.parse().unwrap()
}

pub fn id(n: u128) -> ApplicationId {
    ApplicationId::of(submission(n))
}

pub fn partition_of(key: &[u8]) -> i32 {
    i32::from(key.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))) % PARTITIONS
}

pub struct World {
    _keys: tempfile::TempDir,
    pub sealer: Sealer,
    catalog: Arc<Catalog>,
    pub processor: WorkflowProcessor,
    pub now: Timestamp,
    /// Everything committed, by topic.
    pub log: BTreeMap<&'static str, Vec<Record>>,
    pub forwards: Vec<Forward>,
    waiting: Vec<Record>,
    /// How many records of each side topic the processor has seen.
    observed: BTreeMap<&'static str, usize>,
    commands: u128,
}

impl World {
    /// A world with users: `yetkili` and two Sorumlular (`ali`, `veli`) of one unit, and a Sorumlu of
    /// another unit (`can`).
    pub fn new() -> Self {
        let (keys, sealer) = sealer([APPLICATIONS], start(), 25);
        let catalog = Arc::new(catalog::small());
        let processor = WorkflowProcessor::new(catalog.clone(), sealer.clone(), WorkflowRetention::default());
        let mut world = Self {
            _keys: keys,
            sealer,
            catalog,
            processor,
            now: start(),
            log: BTreeMap::new(),
            forwards: Vec::new(),
            waiting: Vec::new(),
            observed: BTreeMap::new(),
            commands: 0,
        };
        for (user, role, unit) in [
            ("yetkili", Role::Supervisor, catalog::UNIT),
            ("ali", Role::Officer, catalog::UNIT),
            ("veli", Role::Officer, catalog::UNIT),
            ("can", Role::Officer, catalog::OTHER_UNIT),
        ] {
            let password = world.sealer.seal_user(&name(user), Field::Password, b"$argon2id$secret").unwrap();
            let profile =
                UserProfile { full_name: "Ad Soyad".into(), role, unit: Some(unit.parse().unwrap()) };
            world.user(user, UserCommandBody::DefineUser { profile, password, must_change_password: false });
        }
        world.run();
        world
    }

    pub fn next_id(&mut self) -> CommandId {
        self.commands += 1;
        CommandId(uuid::Uuid::from_u128(self.commands << 64))
    }

    pub fn content(&self, n: u128) -> Sealed {
        self.sealer.seal(APPLICATIONS, start(), &id(n).to_string(), Field::Content, b"{}").unwrap()
    }

    pub fn text(&self, n: u128, text: &str) -> SealedText {
        self.sealer.seal_text_like(&self.content(n), &id(n).to_string(), Field::Answer, text).unwrap()
    }

    pub fn file(&self, n: u128, name: &str) -> Document {
        let context = id(n).to_string();
        let sealed = self.sealer.seal_like(&self.content(n), &context, Field::DocumentName, name.as_bytes());
        Document { name: sealed.unwrap(), ..document(name) }
    }

    pub fn submit(&mut self, n: u128, service: &str, content_hash: &str) {
        self.submit_confirmed(n, service, content_hash, self.now);
    }

    /// A submission that the citizen confirmed at `submitted_at` and that is read now.
    pub fn submit_confirmed(&mut self, n: u128, service: &str, content_hash: &str, submitted_at: Timestamp) {
        let offset = i64::try_from(self.commands).unwrap();
        let body = CommandBody::Receive(Box::new(Receive {
            content: self.content(n),
            content_hash: content_hash.into(),
            documents: Vec::new(),
            source: RecordAddress::new(topic::SUBMISSIONS, 3, offset),
            ..receive(n, service, submitted_at)
        }));
        self.command(n, Actor::Citizen, None, body);
    }

    /// Sends a command of staff who saw the present version.
    pub fn staff(&mut self, n: u128, user: &str, body: CommandBody) {
        let version = self.version(n);
        self.command(n, Actor::Staff(name(user)), Some(version), body);
    }

    pub fn command(&mut self, n: u128, actor: Actor, expected_version: Option<u64>, body: CommandBody) {
        let command = Command { id: self.next_id(), actor, expected_version, at: self.now, body };
        self.send(ApplicationCommand { application: id(n), command }.to_record());
    }

    pub fn user(&mut self, user: &str, body: UserCommandBody) {
        let known = self.processor.directory.get(&name(user)).map(|user| user.version);
        let command = UserCommand {
            id: self.next_id(),
            actor: Actor::Operator,
            expected_version: known,
            at: self.now,
            user: name(user),
            body,
        };
        self.send(command.to_record());
    }

    pub fn send(&mut self, outgoing: Outgoing) {
        let record = self.append(outgoing);
        self.waiting.push(record);
    }

    /// Adds headers to the last command that waits.
    pub fn mark_last(&mut self, headers: &[(&str, &str)]) {
        let last = self.waiting.last_mut().unwrap();
        let headers =
            headers.iter().map(|(name, value)| ((*name).to_owned().into(), (*value).to_owned().into()));
        last.headers.extend(headers);
    }

    /// The record of another command.
    pub fn next_command(&mut self) -> Outgoing {
        let command = Command {
            id: self.next_id(),
            actor: Actor::Staff(name("ali")),
            expected_version: Some(1),
            at: self.now,
            body: CommandBody::Claim,
        };
        ApplicationCommand { application: id(1), command }.to_record()
    }

    fn append(&mut self, outgoing: Outgoing) -> Record {
        let key = outgoing.key.clone().unwrap_or_default();
        let partition = outgoing.partition.unwrap_or_else(|| partition_of(&key));
        let records = self.log.entry(outgoing.topic).or_default();
        let offset = i64::try_from(records.len()).unwrap();
        let record = outgoing.into_record(partition, offset, self.now);
        records.push(record.clone());
        record
    }

    /// Gives the waiting commands to the processor; does not commit.
    pub fn process(&mut self) -> Step {
        self.process_in_chunks(usize::MAX)
    }

    /// The same in chunks of this size, as the runner gives them.
    pub fn process_in_chunks(&mut self, size: usize) -> Step {
        self.observe();
        let mut whole = Step::default();
        for chunk in self.waiting.clone().chunks(size) {
            let step = self.processor.process(chunk, self.now);
            whole.consumed += step.consumed;
            whole.outputs.extend(step.outputs);
            whole.forwards.extend(step.forwards);
            whole.halt = step.halt;
            if whole.halt.is_some() {
                break;
            }
        }
        whole
    }

    pub fn observe(&mut self) {
        for topic in self.processor.side_topics() {
            let records = self.log.get(topic).map_or(&[][..], Vec::as_slice);
            let seen = self.observed.insert(topic, records.len()).unwrap_or_default();
            records[seen..].iter().for_each(|record| self.processor.observe(record.clone()));
        }
    }

    pub fn commit(&mut self, step: Step) {
        step.outputs.iter().for_each(|output| output.fits().unwrap());
        self.waiting.drain(..step.consumed);
        step.outputs.into_iter().for_each(|output| drop(self.append(output)));
        self.forwards.extend(step.forwards);
        self.processor.committed();
    }

    /// Processes and commits the commands, then the timers until nothing more is due.
    pub fn run(&mut self) {
        self.run_in_chunks(usize::MAX);
    }

    pub fn run_in_chunks(&mut self, size: usize) {
        let step = self.process_in_chunks(size);
        assert_eq!(step.halt, None);
        self.commit(step);
        self.tick();
    }

    pub fn tick(&mut self) -> usize {
        self.observe();
        let mut steps = 0;
        while let Some(step) = self.processor.due(self.now) {
            assert_eq!(step.halt, None);
            self.commit(step);
            steps += 1;
            assert!(steps < 100, "what is due never ends");
        }
        steps
    }

    /// A new processor, restored from the log as after a crash.
    pub fn restored(&self) -> WorkflowProcessor {
        let mut processor =
            WorkflowProcessor::new(self.catalog.clone(), self.sealer.clone(), WorkflowRetention::default());
        for record in self.log.get(topic::APPLICATIONS).into_iter().flatten() {
            processor.restore(record.clone());
        }
        for topic in processor.side_topics() {
            self.log.get(topic).into_iter().flatten().for_each(|record| processor.observe(record.clone()));
        }
        processor
    }

    pub fn restart(&mut self) {
        self.processor = self.restored();
        self.observed.extend(self.log.iter().map(|(topic, records)| (*topic, records.len())));
    }

    pub fn of<M: Message>(&self) -> Vec<M> {
        let records = self.log.get(M::TOPIC).into_iter().flatten();
        records.filter(|r| type_of(r) == M::TYPE).map(|r| M::from_record(r).unwrap()).collect()
    }

    /// The events of an application since it was last received, in order. Checks their sequence.
    pub fn happened(&self, n: u128) -> Vec<String> {
        let (mut names, mut life) = (Vec::new(), None);
        for record in self.log.get(topic::EVENTS).into_iter().flatten() {
            let AnyEvent::Application(event) = AnyEvent::from_record(record).unwrap() else { continue };
            if event.application != id(n) {
                continue;
            }
            let before = life.replace(event.facts.no.clone());
            if before != life {
                names.clear();
            }
            names.push(format!("{:?}", event.body.kind()));
            assert_eq!(event.seq, names.len() as u64, "a sequence without gaps or repeats");
        }
        names
    }

    pub fn version(&self, n: u128) -> u64 {
        u64::try_from(self.happened(n).len()).unwrap()
    }

    pub fn told(&self, n: u128) -> Vec<Notification> {
        self.of::<Notification>().into_iter().filter(|told| told.submission_id == submission(n)).collect()
    }

    pub fn last_reply(&self) -> Reply {
        self.of::<Reply>().pop().unwrap()
    }

    /// The open application.
    pub fn application(&self, n: u128) -> Application {
        serde_json::from_slice(&self.state_of(n).unwrap().1.unwrap()).unwrap()
    }

    /// The last record of the state topic under an application's key.
    pub fn state_of(&self, n: u128) -> Option<(String, Option<Bytes>)> {
        let key = id(n).to_string();
        let records = self.log.get(topic::APPLICATIONS).into_iter().flatten();
        let last = records.filter(|r| r.key.as_deref() == Some(key.as_bytes())).last()?;
        Some((type_of(last).into(), last.value.clone()))
    }

    pub fn archived(&self, n: u128) -> Vec<Application> {
        let records = self.log.get(topic::ARCHIVE).into_iter().flatten();
        let all = records.map(|r| Application::from_record(r).unwrap());
        all.filter(|application| application.id == id(n)).collect()
    }
}
