//! A small ministry for tests: three units, three services, twelve people.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::domain::actor::{Actor, Role};
use crate::domain::application::*;
use crate::domain::calendar::{DeadlineRule, Holiday};
use crate::domain::catalog::raw::{Raw, RawValilik};
use crate::domain::catalog::{Catalog, RequiredDocument, Service, UnitId, UnitType};
use crate::domain::directory::Directory;
use crate::domain::document::Document;
use crate::domain::ids::{CommandId, SubmissionId, UserName};
use crate::domain::sealed::{Sealed, SealedText};
use crate::domain::user::{Access, Delegation, User, UserProfile};
use crate::log::{RecordAddress, topic};

pub(crate) const A: &str = "06-sivil-toplum";
pub(crate) const B: &str = "06-nufus";
pub(crate) const C: &str = "34-sivil-toplum";
pub(crate) const DIRECT: &str = "dilekce";
pub(crate) const WORKING: &str = "bilgi-edinme";
pub(crate) const PRE: &str = "dernek-kurulus";

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

pub(crate) fn text(words: &str) -> SealedText {
    SealedText { sealed: Sealed(format!("k.{words}").into()), chars: words.trim().chars().count() as u32 }
}

pub(crate) fn file(of: &str) -> Document {
    Document {
        name: Sealed(format!("k.{of}").into()),
        media_type: "application/pdf".into(),
        size: 9,
        sha256: "ab".repeat(32),
        uri: format!("store://sha256/{}", "ab".repeat(32)),
    }
}

/// Every governorate with two kinds of units, and three services, all of the first kind.
pub(crate) fn raw_catalog() -> Raw {
    let kind = |slug: &str, title: &str| UnitType { slug: slug.parse().unwrap(), title: title.into() };
    let name = |plate| if plate == 6 { "Ankara".into() } else { format!("İl {plate}") };
    let service = |slug: &str, documents: &[&str], deadline| Service {
        slug: slug.parse().unwrap(),
        main_title: "Ana Başlık".into(),
        title: slug.into(),
        unit_type: "sivil-toplum".parse().unwrap(),
        pre_application_days: (!documents.is_empty()).then_some(30),
        required_documents: documents
            .iter()
            .map(|code| RequiredDocument { code: code.parse().unwrap(), title: (*code).into() })
            .collect(),
        deadline,
        law: "3071".into(),
        form_fields: Vec::new(),
        retention_class: "genel".into(),
    };
    Raw {
        service: vec![
            service(DIRECT, &[], DeadlineRule::CalendarDays(30)),
            service(WORKING, &[], DeadlineRule::WorkingDays(15)),
            service(PRE, &["tuzuk", "kimlik"], DeadlineRule::CalendarDays(30)),
        ],
        valilik: (1..=81).map(|plate| RawValilik { plate, name: name(plate) }).collect(),
        unit_type: vec![
            kind("sivil-toplum", "Sivil Toplum İl Müdürlüğü"),
            kind("nufus", "Nüfus İl Müdürlüğü"),
        ],
        holiday: vec![Holiday {
            date: "2026-04-23".parse().unwrap(),
            name: "Bayram".into(),
            days: 1,
            eve: false,
        }],
        ..Raw::default()
    }
}

pub(crate) fn catalog() -> Catalog {
    Catalog::build(raw_catalog()).unwrap()
}

pub(crate) fn user(name_of: &str, role: Role, unit: Option<&str>) -> User {
    User {
        name: name(name_of),
        version: 1,
        profile: UserProfile {
            full_name: name_of.into(),
            role,
            unit: unit.map(|unit| unit.parse().unwrap()),
        },
        active: true,
        password: Sealed("k.hash".into()),
        must_change_password: false,
        password_set_at: Timestamp::UNIX_EPOCH,
        sessions_since: 1,
        access: Access::default(),
        delegation: None,
        recent_commands: VecDeque::new(),
    }
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            now: "2026-03-02T09:00:00+03:00".parse().unwrap(),
            catalog: catalog(),
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
        Receive {
            submission_id: SubmissionId(Uuid::from_u128(0xe_de71e7)),
            submitted_at: self.now,
            service: service.parse().unwrap(),
            valilik: 6.try_into().unwrap(),
            unit: A.parse().unwrap(),
            applicant: Applicant {
                masked_name: "A*** Y***".into(),
                masked_tckn: "100******46".into(),
                tckn_index: "ab".into(),
                name_index: vec!["cd".into(), "ef".into()],
            },
            content: Sealed("k.content".into()),
            content_hash: "one".into(),
            documents: vec![file("dilekce")],
            source: RecordAddress::new(topic::SUBMISSIONS, 3, 42),
        }
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
