//! The data of the benchmarks: the shipped catalog, staff in every unit, submissions, and commands as
//! ingest and the dashboard write them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_ingest::{IngestProcessor, Settings};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::application::{Action, Command, CommandBody, Receive};
use ebasvuru_workflow::domain::catalog::{Catalog, Service, UnitId};
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId, UserName};
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::log::{Outgoing, Processor, Record, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Message};
use ebasvuru_workflow::seal::{Field, Sealer};
use ebasvuru_workflow::testing;
use ebasvuru_workflow::worker::{WorkflowProcessor, WorkflowRetention};
use jiff::Timestamp;
use uuid::Uuid;

pub struct World {
    pub catalog: Arc<Catalog>,
    pub sealer: Sealer,
    pub now: Timestamp,
    _keys: tempfile::TempDir,
}

/// What commands need to know of a received application.
pub struct Received {
    pub id: ApplicationId,
    unit: UnitId,
    content: Sealed,
    pub command: Outgoing,
}

impl World {
    pub fn new() -> Self {
        let now = Clock::System.now();
        let catalog = Arc::new(ebasvuru_ingest::catalog::load(None).unwrap());
        let classes = catalog.services().map(|service| &*service.retention_class);
        let (keys, sealer) = testing::sealer(classes, now, 2);
        Self { catalog, sealer, now, _keys: keys }
    }

    pub fn ingest(&self) -> IngestProcessor {
        IngestProcessor::new(self.catalog.clone(), self.sealer.clone(), Settings::default())
    }

    pub fn workflow(&self) -> WorkflowProcessor {
        WorkflowProcessor::new(self.catalog.clone(), self.sealer.clone(), WorkflowRetention::default())
    }

    /// Submissions as e-Devlet publishes them.
    pub fn submissions(&self, seed: u64, mix: Mix) -> impl Iterator<Item = Outgoing> {
        Generator::new(&self.catalog, mix, seed, self.now).map(submission)
    }

    /// Submissions to one unit, of services without an Ön Başvuru.
    pub fn submissions_to(&self, unit: &UnitId) -> impl Iterator<Item = Outgoing> {
        let share = |service: &Service, valilik| {
            let direct = service.pre_application_days.is_none();
            u32::from(direct && self.catalog.route(&service.slug, valilik) == Some(unit))
        };
        Generator::with_shares(&self.catalog, Mix::default(), 1, self.now, share).map(submission)
    }

    /// The `Receive` commands that ingest makes, of services without an Ön Başvuru.
    pub fn received(&self, seed: u64) -> impl Iterator<Item = Received> {
        let mut ingest = self.ingest();
        self.submissions(seed, Mix::default()).filter_map(move |submission| {
            let step = ingest.process(&[read(&submission)], self.now);
            ingest.committed();
            let command = step.outputs.into_iter().next()?;
            let ApplicationCommand { application, command: it } =
                ApplicationCommand::from_record(&read(&command)).unwrap();
            let CommandBody::Receive(receive) = it.body else { return None };
            let Receive { service, unit, content, .. } = *receive;
            let direct = self.catalog.service(&service)?.pre_application_days.is_none();
            direct.then_some(Received { id: application, unit, content, command })
        })
    }

    /// The command of an action, by somebody who saw this version. Each makes one event.
    pub fn command(&self, on: &Received, seen: u64, action: Action) -> Outgoing {
        let words = || {
            let words = "Talebiniz incelenmiş ve uygun görülmüştür; belgeniz adresinize gönderilecektir. ";
            self.sealer
                .seal_text_like(&on.content, &on.id.to_string(), Field::Answer, &words.repeat(3))
                .unwrap()
        };
        let (who, body) = match action {
            Action::Assign => {
                (Role::Supervisor, CommandBody::Assign { officer: name(Role::Officer, &on.unit) })
            }
            Action::TakeBack => (Role::Supervisor, CommandBody::TakeBack),
            Action::AddNote => (Role::Supervisor, CommandBody::AddNote { text: words() }),
            Action::AddAnswer => (Role::Officer, CommandBody::AddAnswer { text: words() }),
            Action::SubmitForApproval => (Role::Officer, CommandBody::SubmitForApproval),
            Action::SendBack => (Role::Supervisor, CommandBody::SendBack { reason: words() }),
            Action::Approve => (Role::Supervisor, CommandBody::Approve),
            other => panic!("{other:?} is not measured"),
        };
        let command = Command {
            id: CommandId(Uuid::now_v7()),
            actor: Actor::Staff(name(who, &on.unit)),
            expected_version: Some(seen),
            at: self.now,
            body,
        };
        ApplicationCommand { application: on.id, command }.to_record()
    }

    /// A Yetkili and a Sorumlu in every unit of the country.
    pub fn users(&self) -> impl Iterator<Item = Outgoing> {
        let units = self.catalog.units().map(|unit| unit.id.clone());
        units.flat_map(|unit| [Role::Supervisor, Role::Officer].map(|role| user(role, &unit, self.now)))
    }
}

fn submission((key, value): (Bytes, Bytes)) -> Outgoing {
    Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: Some(key),
        value: Some(value),
        headers: Vec::new(),
    }
}

fn name(role: Role, unit: &UnitId) -> UserName {
    let title = if role == Role::Officer { "sorumlu" } else { "yetkili" };
    format!("{title}.{unit}").parse().unwrap()
}

fn user(role: Role, unit: &UnitId, at: Timestamp) -> Outgoing {
    let user = testing::user(name(role, unit).as_str(), role, Some(unit.as_str()));
    User { password_set_at: at, ..user }.to_record()
}

/// The same record of another application.
pub fn renamed(sample: &Outgoing, id: ApplicationId) -> Outgoing {
    let text = |bytes: &Option<Bytes>| String::from_utf8(bytes.as_ref().unwrap().to_vec()).unwrap();
    let (key, id) = (text(&sample.key), id.to_string());
    // In the archive the number follows the id.
    let old = key.split('/').next().unwrap();
    Outgoing {
        key: Some(key.replace(old, &id).into()),
        value: Some(text(&sample.value).replace(old, &id).into()),
        ..sample.clone()
    }
}

/// An outgoing record as its reader gets it.
pub fn read(it: &Outgoing) -> Record {
    it.clone().into_record(it.partition.unwrap_or(0), 0, Timestamp::UNIX_EPOCH)
}

/// A worker's processor in memory, with its state and outputs.
pub struct Player {
    pub processor: WorkflowProcessor,
    /// Everything that it wrote, in order.
    pub written: Vec<Outgoing>,
    now: Timestamp,
}

impl Player {
    pub fn new(world: &World) -> Self {
        let mut processor = world.workflow();
        world.users().for_each(|user| processor.observe(read(&user)));
        Self { processor, written: Vec::new(), now: world.now }
    }

    pub fn play(&mut self, commands: impl IntoIterator<Item = Outgoing>) {
        let batch: Vec<_> = commands.into_iter().map(|command| read(&command)).collect();
        let step = self.processor.process(&batch, self.now);
        assert_eq!((step.consumed, step.halt), (batch.len(), None));
        self.written.extend(step.outputs);
        self.processor.committed();
    }

    /// The last record that it wrote to a topic under each key.
    pub fn state(&self, topic: &str) -> Vec<&Outgoing> {
        let records = self.written.iter().filter(|record| record.topic == topic);
        let last: BTreeMap<_, _> = records.map(|record| (record.key.as_ref(), record)).collect();
        last.into_values().collect()
    }
}
