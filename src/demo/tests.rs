//! The demo, lived through to its end, on an ordinary day and at an unlikely hour.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use ebasvuru_ingest::{IngestProcessor, Settings};
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::event::EventKind;
use ebasvuru_workflow::domain::application::{Application, Outcome, Status, StatusName};
use ebasvuru_workflow::domain::calendar::istanbul;
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::health::Health;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::runner::Runner;
use ebasvuru_workflow::log::{BlobStore, Log, Member, Processor, Record, Start, group, topic};
use ebasvuru_workflow::message::{Message, StateRecord, SubmissionContent};
use ebasvuru_workflow::seal::Field;
use ebasvuru_workflow::worker::{WorkflowProcessor, WorkflowRetention};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config::Config;
use crate::keys::Keys;
use crate::{partitions, topics};

/// What the demo leaves behind.
struct World {
    resources: Resources,
    now: Timestamp,
    applications: Vec<Application>,
    dead_letters: Vec<String>,
    users: Vec<User>,
}

struct Nowhere;

impl BlobStore for Nowhere {
    fn put(&self, _: &[Blob]) -> Result<(), String> {
        Ok(())
    }
}

fn resources(folder: &Path, now: Timestamp) -> Resources {
    let data = ("data.dir".to_owned(), folder.display().to_string());
    let config = Config::load(None, &[data]).unwrap();
    let catalog = crate::bootstrap::catalog(&config).unwrap();
    let log = EmbeddedLog::open(&folder.join("log.sqlite")).unwrap();
    log.ensure_topics(&topics::specs(config.kafka.partitions)).unwrap();
    let ring = folder.join("keyring.toml");
    let config = Config { keys: crate::config::Keys { ring, ..config.keys }, ..config };
    let keys = Keys::open_or_create(&config, &catalog, &log).unwrap();
    for at in [now - HISTORY, now] {
        keys.extend(&log, at).unwrap();
    }
    let clock = Clock::shifted();
    clock.shift_by((now - HISTORY).duration_since(Clock::System.now()));
    let partitions = partitions::verify(&log).unwrap();
    Resources {
        log: Arc::new(log),
        clock,
        catalog,
        sealer: keys.sealer(),
        blobs: Arc::new(Nowhere),
        partitions,
    }
}

fn work<P: Processor>(
    resources: &Resources,
    group: &str,
    topic: &'static str,
    stop: &CancellationToken,
    fresh: impl FnMut() -> P,
) {
    let runner = Runner {
        log: resources.log.as_ref(),
        member: Member { group: group.to_owned(), topic, slot: format!("{group}-0") },
        clock: resources.clock.clone(),
        blobs: resources.blobs.as_ref(),
        partitions: resources.partitions,
        health: Health::new(group),
        stop: stop.clone(),
    };
    runner.run(fresh);
}

fn live(now: &str) -> World {
    let now: Timestamp = now.parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let resources = resources(folder.path(), now);
    let stop = CancellationToken::new();
    std::thread::scope(|scope| {
        let (catalog, sealer) = (&resources.catalog, &resources.sealer);
        let ingest = move || IngestProcessor::new(catalog.clone(), sealer.clone(), Settings::default());
        let retention = WorkflowRetention::default();
        let workflow = move || WorkflowProcessor::new(catalog.clone(), sealer.clone(), retention);
        let (resources, stop) = (&resources, &stop);
        scope.spawn(move || work(resources, group::INGEST, topic::SUBMISSIONS, stop, ingest));
        scope.spawn(move || work(resources, group::WORKFLOW, topic::COMMANDS, stop, workflow));
        let lived = live_until(resources, now);
        stop.cancel();
        lived.unwrap();
    });
    let read = |topic| {
        let mut records = Vec::new();
        let mut reader = resources.log.reader(topic, Start::Beginning).unwrap();
        reader.catch_up(&mut |record: Record| records.push(record)).unwrap();
        records
    };
    // The last snapshot of each, open or archived.
    let mut applications = BTreeMap::new();
    for record in read(topic::APPLICATIONS).into_iter().chain(read(topic::ARCHIVE)) {
        if record.value.is_some()
            && let Ok(StateRecord::Application(application)) = StateRecord::from_record(&record)
        {
            applications.insert(application.id, *application);
        }
    }
    let reason = |record: Record| {
        let header = record.headers.into_iter().find(|(name, _)| name == "dlq-reason");
        String::from_utf8(header.unwrap().1.to_vec()).unwrap()
    };
    let users: BTreeMap<_, _> = read(topic::USERS)
        .iter()
        .filter_map(|record| User::from_record(record).ok())
        .map(|user| (user.name.clone(), user))
        .collect();
    World {
        now,
        applications: applications.into_values().collect(),
        dead_letters: read(topic::DLQ).into_iter().map(reason).collect(),
        users: users.into_values().collect(),
        resources,
    }
}

impl World {
    fn check(&self) {
        let open: Vec<_> = self.applications.iter().filter(|a| !a.status.is_closed()).collect();
        let count = |is: &dyn Fn(&Application) -> bool| self.applications.iter().filter(|a| is(a)).count();
        let closed = |wanted: Outcome| {
            count(&|a| matches!(a.status, Status::Closed { outcome, .. } if outcome == wanted))
        };
        let happened = |kind: EventKind| count(&|a| a.history.iter().any(|entry| entry.what == kind));

        assert!((1000..1800).contains(&self.applications.len()), "{}", self.applications.len());
        for (kind, least) in [
            (EventKind::PreApplicationCompleted, 150),
            (EventKind::OfficialDocumentAttached, 80),
            (EventKind::NoteAdded, 40),
            (EventKind::SentBack, 20),
            (EventKind::TakenBack, 10),
            (EventKind::Referred, 10),
            (EventKind::Breached, 10),
        ] {
            assert!(happened(kind) >= least, "{kind:?}: {}", happened(kind));
        }
        for (outcome, least) in
            [(Outcome::Positive, 500), (Outcome::Negative, 50), (Outcome::Lapsed, 3), (Outcome::Withdrawn, 8)]
        {
            assert!(closed(outcome) >= least, "{outcome:?}: {}", closed(outcome));
        }
        for service in self.resources.catalog.services() {
            let answered = count(&|a| a.service == service.slug && a.status.is_closed());
            assert!(answered > 0, "{} has no outcome", service.slug);
        }
        let answered = closed(Outcome::Positive) + closed(Outcome::Negative);
        let late = count(&|a| a.status.is_closed() && a.breached_at.is_some());
        let on_time = 1.0 - late as f64 / answered as f64;
        assert!((0.90..0.985).contains(&on_time), "{on_time}");
        let overdue = open.iter().filter(|a| a.breached_at.is_some()).count();
        assert!((3..40).contains(&overdue), "{overdue}");
        self.check_the_shown_unit(&open);
        self.check_the_portal();
        self.check_hours();
        self.check_mishaps();
    }

    fn check_the_shown_unit(&self, open: &[&Application]) {
        let unit: Vec<_> = open.iter().filter(|a| a.unit.as_str() == "06-sivil-toplum").collect();
        let pending: BTreeSet<_> = unit
            .iter()
            .filter_map(|a| match &a.status {
                Status::AwaitingApproval { proposal, .. } => Some(proposal.name()),
                _ => None,
            })
            .collect();
        assert_eq!(pending, BTreeSet::from(["answer", "rejection", "referral"]));
        let unassigned = unit.iter().filter(|a| a.status == Status::Unassigned).count();
        assert!((14..45).contains(&unassigned), "{unassigned}");
        let own: Vec<_> = unit
            .iter()
            .filter(|a| a.status.holder().is_some_and(|h| h.as_str() == "ankara.sorumlu"))
            .collect();
        assert!((15..=60).contains(&own.len()), "{}", own.len());
        let states: BTreeSet<_> = own
            .iter()
            .map(|a| {
                (a.phase.is_pre_application(), a.status.name() == StatusName::Assigned, a.answers.is_empty())
            })
            .collect();
        assert!(states.len() >= 4, "{states:?}");
    }

    /// Whoever looks at the portal finds that its citizens applied for something else each time.
    fn check_the_portal(&self) {
        let citizens = ebasvuru_dashboard::citizens();
        let mut applied = BTreeMap::<String, Vec<_>>::new();
        for application in &self.applications {
            let context = application.id.to_string();
            let content = self.resources.sealer.open(&context, Field::Content, &application.content).unwrap();
            let content: SubmissionContent = serde_json::from_slice(&content).unwrap();
            let tckn = content.applicant.tckn.to_string();
            if citizens.iter().any(|citizen| citizen.tckn == tckn) {
                applied.entry(tckn).or_default().push(&application.service);
            }
        }
        assert_eq!(applied.values().map(Vec::len).sum::<usize>(), 9);
        assert!(
            applied.values().all(|services| services.iter().collect::<BTreeSet<_>>().len() == services.len())
        );
    }

    /// Staff act in working hours; only the system does at night.
    fn check_hours(&self) {
        let calendar = self.resources.catalog.calendar();
        for entry in self.applications.iter().flat_map(|a| &a.history) {
            let at = entry.at.to_zoned(istanbul());
            if matches!(entry.actor, Actor::Staff(_)) {
                assert!(
                    calendar.is_working_day(at.date()) && (8..18).contains(&at.hour()),
                    "{at}: {:?}",
                    entry.what
                );
            }
            assert!(entry.at <= self.now + jiff::SignedDuration::from_mins(5), "{at}");
        }
        let names: BTreeSet<_> = self.users.iter().map(|user| &user.profile.full_name).collect();
        assert_eq!(names.len(), self.users.len(), "everybody has a name of their own");
        let lends = |user: &&User| user.delegation.as_ref().is_some_and(|it| it.is_active(self.now));
        let lenders: Vec<_> = self.users.iter().filter(lends).map(|user| user.name.as_str()).collect();
        assert_eq!(lenders, ["ankara.nufus.yetkili"]);
        assert!(self.users.iter().filter(|user| !user.active).count() >= 3);
        let by_delegate =
            self.applications.iter().flat_map(|a| &a.history).filter(|e| e.on_behalf_of.is_some());
        let by_delegate: BTreeSet<_> = by_delegate.map(|entry| entry.on_behalf_of.clone()).collect();
        assert_eq!(by_delegate.len(), 2, "actions of a delegation that runs and of one that has ended");
    }

    fn check_mishaps(&self) {
        let codes: BTreeSet<_> = self.dead_letters.iter().map(String::as_str).collect();
        assert!(codes.len() >= 5 && codes.contains("duplicate_conflict"), "{codes:?}");
        assert!(self.dead_letters.len() <= 15, "{:?}", self.dead_letters);
    }
}

#[test]
fn on_a_working_day_every_state_is_there_and_every_login_has_work() {
    live("2026-11-25T10:30:00+03:00").check();
}

#[test]
fn at_night_in_january_it_looks_the_same() {
    live("2027-01-03T02:00:00+03:00").check();
}

#[test]
fn there_are_replies_to_every_service_and_none_has_a_gap() {
    let catalog = crate::bootstrap::catalog(&Config::load(None, &[]).unwrap()).unwrap();
    let mut slugs = replies::slugs();
    slugs.sort_unstable();
    let mut expected: Vec<_> = catalog.services().map(|service| service.slug.as_str()).chain(["*"]).collect();
    expected.sort_unstable();
    assert_eq!(slugs, expected);
    for service in catalog.services() {
        let fields: Vec<_> = service.form_fields.iter().map(|field| field.name.as_str()).collect();
        let known = |word: &str| fields.contains(&word) || ["tarih", "konu", "plaka"].contains(&word);
        let replies = replies::replies_to(&service.slug);
        assert!(replies.texts().count() >= 2, "{}", service.slug);
        for text in replies.texts() {
            let words = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap());
            for word in words {
                assert!(known(word), "{}: {word} in: {text}", service.slug);
            }
        }
        assert!(replies.encloses_what_it_says(), "{}", service.slug);
        for target in replies.targets() {
            assert!(catalog.unit_type(&target.parse().unwrap()).is_some(), "{target}");
        }
    }
}
