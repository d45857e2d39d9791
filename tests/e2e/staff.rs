//! Gives commands of staff on the log, as the dashboard does.

use std::sync::Arc;
use std::time::Duration;

use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Application, Command, CommandBody};
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId};
use ebasvuru_workflow::domain::sealed::{Sealed, SealedText};
use ebasvuru_workflow::log::{Log, Reader, Start, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Decision, Message, Reply, StateRecord};
use ebasvuru_workflow::seal::{Field, KeyRing, Sealer};
use ebasvuru_workflow::testing::records;
use uuid::Uuid;

use crate::product::{Product, eventually};

/// Staff at work on a product.
pub struct Staff {
    log: Arc<dyn Log>,
    replies: Box<dyn Reader>,
    sealer: Sealer,
}

impl Staff {
    pub fn new(product: &Product) -> Self {
        let log = product.log();
        let ring = KeyRing::load(&product.data().join("keyring.toml")).unwrap();
        Self {
            replies: log.reader(topic::REPLIES, Start::End).unwrap(),
            sealer: Sealer::new(Arc::new(ring)),
            log,
        }
    }

    /// The application in its latest version; waits until it exists.
    pub fn application(&self, id: ApplicationId) -> Application {
        let key = id.to_string();
        eventually("the application's snapshot", || {
            let mut records = records(self.log.as_ref(), topic::APPLICATIONS);
            records.retain(|record| record.key.as_deref() == Some(key.as_bytes()));
            match StateRecord::from_record(records.last()?).unwrap() {
                StateRecord::Application(application) => Some(*application),
                other => panic!("no open application: {other:?}"),
            }
        })
    }

    /// The plain text of a sealed field of the application.
    pub fn open(&self, id: ApplicationId, field: Field, sealed: &Sealed) -> String {
        self.sealer.open_text(&id.to_string(), field, sealed).unwrap()
    }

    pub fn seal(&self, application: &Application, text: &str) -> SealedText {
        self.sealer
            .seal_text_like(&application.content, &application.id.to_string(), Field::Answer, text)
            .unwrap()
    }

    /// Gives a command and waits for its reply. `seen` is the version that the user saw.
    pub fn execute(&mut self, id: ApplicationId, who: &str, seen: u64, body: CommandBody) -> Reply {
        let command = Command {
            id: CommandId(Uuid::now_v7()),
            actor: Actor::Staff(who.parse().unwrap()),
            expected_version: Some(seen),
            at: Clock::System.now(),
            body,
        };
        let wanted = command.id;
        let record = ApplicationCommand { application: id, command }.to_record();
        self.log.producer().unwrap().send(vec![record]).unwrap();
        eventually("a reply", || {
            let records = self.replies.poll(1000, Duration::from_millis(100)).unwrap();
            let replies = records.iter().map(|record| <Reply>::from_record(record).unwrap());
            replies.into_iter().find(|reply| reply.command_id == wanted)
        })
    }

    /// As [`Staff::execute`], but panics if the command is refused. Returns the new version.
    pub fn execute_accepted(&mut self, id: ApplicationId, who: &str, seen: u64, body: CommandBody) -> u64 {
        let what = format!("{body:?}");
        match self.execute(id, who, seen, body).decision {
            Decision::Accepted { version } => version,
            Decision::Refused { code, text_tr } => panic!("{who}: {what}: {code}: {text_tr}"),
        }
    }
}
