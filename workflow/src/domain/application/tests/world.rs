//! A small ministry for tests: three units, three services, twelve people.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::actor::{Actor, Role};
use crate::domain::application::*;
use crate::domain::catalog::{Catalog, UnitId};
use crate::domain::directory::Directory;
use crate::domain::ids::{CommandId, UserName};
use crate::domain::user::{Delegation, User};
use crate::testing::catalog::small;
use crate::testing::receive;

pub(crate) use crate::testing::catalog::{
    DIRECT, DOCUMENTS, OTHER_UNIT as B, PRE, REMOTE_UNIT as C, UNIT as A, WORKING,
};
pub(crate) use crate::testing::{document as file, text, user};

/// The people of the tests. The last one is not in the directory.
pub(crate) const PEOPLE: [(&str, Role, Option<&str>); 12] = [
    ("yonetici", Role::Administrator, None),
    ("yetkili.a", Role::Supervisor, Some(A)),
    ("yetkili.a2", Role::Supervisor, Some(A)),
    ("sorumlu.a1", Role::Officer, Some(A)),
    ("sorumlu.a2", Role::Officer, Some(A)),
    ("vekil.a", Role::Officer, Some(A)),
    ("koord.a", Role::Coordinator, Some(A)),
    ("yetkili.b", Role::Supervisor, Some(B)),
    ("sorumlu.b", Role::Officer, Some(B)),
    ("yetkili.c", Role::Supervisor, Some(C)),
    ("sorumlu.c", Role::Officer, Some(C)),
    ("kimse", Role::Officer, Some(A)),
];

pub(crate) struct World {
    pub now: Timestamp,
    pub catalog: Catalog,
    pub directory: Directory,
    commands: u128,
}

pub(crate) fn name(text: &str) -> UserName {
    text.parse().unwrap()
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            now: "2026-03-02T09:00:00+03:00".parse().unwrap(),
            catalog: small(),
            directory: Directory::new(),
            commands: 0,
        };
        for (name, role, unit) in &PEOPLE[..11] {
            world.put(user(name, *role, *unit));
        }
        world.lend("yetkili.a", "vekil.a", 400);
        world
    }

    pub fn put(&mut self, user: User) {
        let offset = self.directory.offset();
        self.directory.put(Arc::new(user), offset);
    }

    pub fn change(&mut self, who: &str, change: impl FnOnce(&mut User)) {
        let mut user = User::clone(self.directory.get(&name(who)).unwrap());
        change(&mut user);
        self.put(user);
    }

    pub fn lend(&mut self, from: &str, to: &str, days: i64) {
        let (starts_at, to) = (self.now, name(to));
        let ends_at = starts_at + SignedDuration::from_hours(24 * days);
        self.change(from, |user| user.delegation = Some(Delegation { to, starts_at, ends_at }));
    }

    pub fn ctx(&self) -> Context<'_> {
        Context {
            now: self.now,
            catalog: &self.catalog,
            directory: &self.directory,
            next: NextNumber { partition: 7, running: 12 },
        }
    }

    pub fn command(&mut self, actor: Actor, expected_version: Option<u64>, body: CommandBody) -> Command {
        self.commands += 1;
        Command { id: CommandId(Uuid::from_u128(self.commands)), actor, expected_version, at: self.now, body }
    }

    pub fn receive(&self, service: &str) -> Receive {
        receive(0xe_de71e7, service, self.now)
    }

    /// The events of a command by staff who saw the present version.
    pub fn ask(&mut self, app: &Application, who: &str, body: CommandBody) -> Result<Vec<Event>, Refusal> {
        let command = self.command(Actor::Staff(name(who)), Some(app.version), body);
        decide(Some(app), &command, &self.ctx())
    }

    /// The state after a command that must be accepted.
    pub fn after(&mut self, app: Application, who: &str, body: CommandBody) -> Application {
        let events = self.ask(&app, who, body).unwrap();
        events.iter().fold(Some(app), evolve).unwrap()
    }

    pub fn received(&mut self, service: &str) -> Application {
        let body = CommandBody::Receive(Box::new(self.receive(service)));
        let command = self.command(Actor::Citizen, None, body);
        decide(None, &command, &self.ctx()).unwrap().iter().fold(None, evolve).unwrap()
    }

    /// Received and taken by `sorumlu.a1`.
    pub fn claimed(&mut self, service: &str) -> Application {
        let app = self.received(service);
        self.after(app, "sorumlu.a1", CommandBody::Claim)
    }

    /// As [`World::claimed`], with an answer.
    pub fn answered(&mut self) -> Application {
        let app = self.claimed(DIRECT);
        self.after(app, "sorumlu.a1", CommandBody::AddAnswer { text: text("olur") })
    }

    pub fn unit(id: &str) -> UnitId {
        id.parse().unwrap()
    }
}
