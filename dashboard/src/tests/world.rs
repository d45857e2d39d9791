//! Everything behind the router: a worker of the real `decide` and `evolve` over a map, and a read model
//! on ClickHouse's own engine.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum_extra::extract::cookie::Key;
use clickhouse::Client;
use ebasvuru_analytics::engine::testing;
use ebasvuru_analytics::freshness::Freshness;
use ebasvuru_analytics::read::ReadModel;
use ebasvuru_analytics::schema;
use ebasvuru_analytics::sink::row::ApplicationRow;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::CommandClient;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::event::EventKind;
use ebasvuru_workflow::domain::application::{self, Applicant, Application, HistoryEntry, Phase, Status};
use ebasvuru_workflow::domain::catalog::{Catalog, Valilik};
use ebasvuru_workflow::domain::document::Document;
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, CommandId, EventId, SubmissionId};
use ebasvuru_workflow::domain::schedule::{
    self, Cadence, ReportPeriod, Schedule, ScheduleEvent, ScheduleEventBody, ScheduleTerms, Timing,
};
use ebasvuru_workflow::domain::user::{self, User};
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::{Log, LogError, Outgoing, Producer, Retention, TopicSpec, topic};
use ebasvuru_workflow::message::{
    Access, AnyCommand, Contact, Decision, DocumentKind, Form, Message, Person, Reply, ReplyTo,
    SubmissionContent,
};
use ebasvuru_workflow::seal::{self, Field};
use jiff::{SignedDuration, Timestamp};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::Browser;
use crate::DashboardConfig;
use crate::audit::Audit;
use crate::auth::{Passwords, Throttle};
use crate::directory::LogUpdates;
use crate::files::{Files, Scanner};
use crate::mail::{MailConfig, Mailer};
use crate::web::app::{App, AppState};
use crate::web::routes;

pub const PASSWORD: &str = "doğru at pil zımba";
static HASH: LazyLock<String> = LazyLock::new(|| password_auth::generate_hash(PASSWORD));

/// The id of the scheduled report of [`World::schedule`].
pub const SCHEDULE: &str = "5c4ed01e-0000-4000-8000-000000000007";

pub struct World {
    pub app: AppState,
    pub store: Arc<Store>,
    mail: MailConfig,
    _ring: tempfile::TempDir,
}

/// The state of the worker and of the read model: one map of applications.
pub struct Store {
    pub applications: Mutex<HashMap<ApplicationId, Application>>,
    /// What the read model shows while it lags behind.
    pub stale: Mutex<Option<HashMap<ApplicationId, Application>>>,
    /// The version of each application in ClickHouse.
    inserted: Mutex<HashMap<ApplicationId, u64>>,
    /// Set by the migration at the first request.
    migrated: OnceCell<()>,
    client: Client,
    database: String,
    /// Whether the worker gives no replies.
    pub silent: Mutex<bool>,
    /// Whether the log takes no record of who opened what.
    pub audit_away: Mutex<bool>,
    /// Who opened what.
    accesses: Mutex<Vec<Access>>,
    updates: OnceLock<(LogUpdates, Clock, Arc<Catalog>)>,
}

impl Producer for Store {
    fn send(&self, records: Vec<Outgoing>) -> Result<Vec<(i32, i64)>, LogError> {
        for record in &records {
            if record.topic == topic::AUDIT {
                self.opened(record)?;
            } else if !*self.silent.lock().unwrap() {
                self.work(record);
            }
        }
        Ok(records.iter().map(|_| (0, 0)).collect())
    }
}

impl Store {
    fn opened(&self, record: &Outgoing) -> Result<(), LogError> {
        if *self.audit_away.lock().unwrap() {
            return Err(LogError::Unavailable("as a broker that is away".into()));
        }
        let record = record.clone().into_record(0, 0, Timestamp::UNIX_EPOCH);
        self.accesses.lock().unwrap().push(Access::from_record(&record).unwrap());
        Ok(())
    }

    fn work(&self, record: &Outgoing) {
        let (updates, clock, catalog) = self.updates.get().unwrap();
        let record = record.clone().into_record(0, 0, clock.now());
        let mut snapshot = None;
        let reply = match AnyCommand::from_record(&record).unwrap() {
            AnyCommand::Application(command) => {
                let mut all = self.applications.lock().unwrap();
                let state = all.get(&command.application).cloned();
                let decided = updates.users.read(|directory| {
                    let ctx = application::Context {
                        now: clock.now(),
                        catalog,
                        directory,
                        next: application::NextNumber { partition: 0, running: 1 },
                    };
                    application::decide(state.as_ref(), &command.command, &ctx)
                });
                let (decision, state) = match decided {
                    Ok(events) => {
                        let state = events.iter().fold(state, application::evolve).unwrap();
                        let version = state.version;
                        all.insert(command.application, state.clone());
                        // What stays open is in the state topic alone, and in no order with its reply.
                        let closed = state.status.is_closed();
                        snapshot = (!closed).then(|| state.clone());
                        (Decision::Accepted { version }, closed.then_some(state))
                    }
                    Err(why) => {
                        (Decision::Refused { code: why.code().into(), text_tr: why.text_tr().into() }, state)
                    }
                };
                Reply {
                    command_id: command.command.id,
                    to: ReplyTo::Application(command.application),
                    decision,
                    application: state.map(Box::new),
                    user: None,
                    schedule: None,
                }
            }
            AnyCommand::User(command) => {
                let state = updates.users.get(&command.user).map(|user| user.as_ref().clone());
                let decided = updates.users.read(|directory| {
                    let ctx = user::UserContext { now: clock.now(), catalog, directory };
                    user::decide(state.as_ref(), &command, &ctx)
                });
                let (decision, state) = match decided {
                    Ok(events) => {
                        let state = events.iter().fold(state, user::evolve).unwrap();
                        updates.users.apply(state.clone(), 100);
                        (Decision::Accepted { version: state.version }, Some(state))
                    }
                    Err(why) => {
                        (Decision::Refused { code: why.code().into(), text_tr: why.text_tr().into() }, state)
                    }
                };
                Reply {
                    command_id: command.id,
                    to: ReplyTo::User(command.user.clone()),
                    decision,
                    application: None,
                    user: state.map(Box::new),
                    schedule: None,
                }
            }
            AnyCommand::Schedule(command) => {
                let state = updates.schedules.get(command.schedule).map(|it| it.as_ref().clone());
                let count = updates.schedules.all().len();
                let decided = updates.users.read(|directory| {
                    let ctx = schedule::ScheduleContext { now: clock.now(), directory, count };
                    schedule::decide(state.as_ref(), &command, &ctx)
                });
                let (decision, state) = match decided {
                    Ok(event) => {
                        let version = event.as_ref().map_or(0, |event| event.seq);
                        let state = event.iter().fold(state, schedule::evolve);
                        (Decision::Accepted { version }, state)
                    }
                    Err(why) => {
                        (Decision::Refused { code: why.code().into(), text_tr: why.text_tr().into() }, state)
                    }
                };
                Reply {
                    command_id: command.id,
                    to: ReplyTo::Schedule(command.schedule),
                    decision,
                    application: None,
                    user: None,
                    schedule: state.map(Box::new),
                }
            }
        };
        updates.apply_reply(reply);
        if let Some(snapshot) = snapshot {
            updates.apply_application(snapshot, true);
        }
    }

    fn new() -> Self {
        let database = format!("t{}", Uuid::new_v4().simple());
        Self {
            applications: Mutex::default(),
            stale: Mutex::default(),
            inserted: Mutex::default(),
            silent: Mutex::default(),
            audit_away: Mutex::default(),
            accesses: Mutex::default(),
            updates: OnceLock::new(),
            migrated: OnceCell::new(),
            client: testing::client(&database),
            database,
        }
    }

    /// A client on the migrated database of this world.
    pub async fn clickhouse(&self) -> &Client {
        let migrate = async || {
            let server = self.client.clone().with_database("default");
            server.query(&format!("CREATE DATABASE {}", self.database)).execute().await.unwrap();
            schema::migrate(&self.client, "").await.unwrap();
        };
        self.migrated.get_or_init(migrate).await;
        &self.client
    }

    /// Who opened what.
    pub fn accesses(&self) -> Vec<Access> {
        self.accesses.lock().unwrap().clone()
    }

    fn shown(&self) -> HashMap<ApplicationId, Application> {
        let stale = self.stale.lock().unwrap().clone();
        stale.unwrap_or_else(|| self.applications.lock().unwrap().clone())
    }
}

/// Inserts new states into ClickHouse before each request.
async fn insert_states(State(store): State<Arc<Store>>, request: Request, next: Next) -> Response {
    let client = store.clickhouse().await;
    let mut insert = client.insert::<ApplicationRow>("open_applications").await.unwrap();
    let open = &store.updates.get().unwrap().0.open;
    for application in store.shown().values() {
        open.put(application);
        let known = store.inserted.lock().unwrap().insert(application.id, application.version);
        if known.is_none_or(|known| known < application.version) {
            let record = application.to_record().into_record(0, 0, application.last_at());
            insert.write(&ApplicationRow::of(&record).unwrap()).await.unwrap();
        }
    }
    insert.end().await.unwrap();
    next.run(request).await
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl World {
    pub fn new() -> Self {
        Self::with(Arc::new(InMemory::new()), None)
    }

    /// A world with this document store and this scanner.
    pub fn with(documents: Arc<dyn ObjectStore>, scanner: Option<Scanner>) -> Self {
        Self::of(documents, scanner, MailConfig::default())
    }

    /// A world with a mail server at this address.
    pub fn with_mail(url: &str) -> Self {
        let mail = MailConfig {
            url: url.into(),
            from: "e-Başvuru <ebasvuru@icisleri.gov.tr>".into(),
            base_url: "https://basvuru.icisleri.gov.tr".into(),
            allowed_domains: "icisleri.gov.tr".into(),
            ..MailConfig::default()
        };
        Self::of(Arc::new(InMemory::new()), None, mail)
    }

    fn of(documents: Arc<dyn ObjectStore>, scanner: Option<Scanner>, mail: MailConfig) -> Self {
        let clock = Clock::manual(at("2026-11-23T09:00:00+03:00"));
        let (ring, sealer) = ebasvuru_workflow::testing::sealer([seal::APPLICATIONS], clock.now(), 2);
        let catalog = Arc::new(ebasvuru_ingest::catalog::load(None).unwrap());
        let store = Arc::new(Store::new());
        let producer: Arc<dyn Producer> = Arc::<Store>::clone(&store);
        let updates = LogUpdates::new(Arc::new(CommandClient::new(producer, Duration::from_secs(3))));
        updates.open.complete().store(true, Ordering::Release);
        assert!(store.updates.set((updates.clone(), clock.clone(), Arc::clone(&catalog))).is_ok());
        let log = EmbeddedLog::open(&ring.path().join("log.sqlite")).unwrap();
        let topics = [
            topic::SUBMISSIONS,
            topic::COMMANDS,
            topic::EVENTS,
            topic::APPLICATIONS,
            topic::ARCHIVE,
            topic::AUDIT,
            topic::DLQ,
            topic::REPLAYED,
            topic::COMMANDS_DLQ,
        ]
        .map(|name| TopicSpec { name, partitions: 1, retention: Retention::Forever });
        log.ensure_topics(&topics).unwrap();
        let app = Arc::new(App {
            config: DashboardConfig { secure_cookies: false, ..DashboardConfig::default() },
            key: Key::from(&[7; 64]),
            log: Arc::new(log),
            commands: updates.commands,
            audit: Audit::start(Arc::<Store>::clone(&store), clock.clone()).unwrap(),
            clock,
            users: updates.users,
            schedules: updates.schedules,
            recent: updates.recent,
            others: updates.others,
            closed: updates.closed,
            open: updates.open,
            read: ReadModel::new(store.client.clone()),
            freshness: Arc::default(),
            passwords: Passwords::new(sealer.clone()),
            sealer,
            catalog,
            files: Files::new(documents, scanner, ring.path().join("uploads")),
            mailer: Mailer::new(&mail).unwrap(),
            throttle: Throttle::default(),
        });
        let now = app.clock.now();
        app.freshness.set_answered(now);
        app.freshness.set(Some(Freshness { as_of: now, asked_at: now, event_offset: 4_711 }));
        let world = Self { app, store, mail, _ring: ring };
        world.user("merkez", "Merkez Yönetici", Role::Administrator, None);
        world.user("yetkili", "Yeter Yetkili", Role::Supervisor, Some("06-sivil-toplum"));
        world.user("sorumlu", "Selim Sorumlu", Role::Officer, Some("06-sivil-toplum"));
        world.user("sorumlu2", "Suna Sorumlu", Role::Officer, Some("06-sivil-toplum"));
        world.user("koordinasyon", "Kerem Koordinasyon", Role::Coordinator, Some("06-sivil-toplum"));
        world.user("baskabirim", "Berk Başka", Role::Officer, Some("06-nufus"));
        world
    }

    pub fn router(&self) -> Router {
        routes::router(&self.app)
            .layer(middleware::from_fn_with_state(Arc::clone(&self.store), insert_states))
    }

    pub fn user(&self, name: &str, full_name: &str, role: Role, unit: Option<&str>) -> User {
        let mut user = ebasvuru_workflow::testing::user(name, role, unit);
        user.profile.full_name = full_name.into();
        user.password = self.app.sealer.seal_user(&user.name, Field::Password, HASH.as_bytes()).unwrap();
        user.password_set_at = at("2026-01-01T00:00:00Z");
        self.app.users.apply(user.clone(), 0);
        user
    }

    /// A scheduled report, every day at 08:30, under the id [`SCHEDULE`].
    pub fn schedule(&self) -> Schedule {
        let terms = ScheduleTerms {
            name: "Günlük sayılar".into(),
            report: "/raporlama/sonuclar?valilik=6".to_owned().try_into().unwrap(),
            period: ReportPeriod::Last7Days,
            timing: Timing { cadence: Cadence::Day, time: jiff::civil::time(8, 30, 0, 0) },
            recipients: ["ayse@icisleri.gov.tr", "can@icisleri.gov.tr"].map(|to| to.parse().unwrap()).into(),
        };
        let event = ScheduleEvent {
            id: EventId::of(SCHEDULE, 1),
            schedule: SCHEDULE.parse().unwrap(),
            seq: 1,
            command_id: CommandId::deterministic(SCHEDULE, "define"),
            at: self.app.clock.now(),
            actor: Actor::Staff("merkez".parse().unwrap()),
            directory_offset: 0,
            body: ScheduleEventBody::Defined { terms },
        };
        let schedule = schedule::evolve(None, &event).unwrap();
        self.app.schedules.put(schedule.clone());
        schedule
    }

    /// Another replica of the web, with the same mail server.
    pub fn replica(&self) -> AppState {
        let updates = self.store.updates.get().unwrap().0.clone();
        let app = &self.app;
        Arc::new(App {
            config: app.config.clone(),
            key: app.key.clone(),
            audit: Audit::start(Arc::<Store>::clone(&self.store), app.clock.clone()).unwrap(),
            clock: app.clock.clone(),
            log: Arc::clone(&app.log),
            commands: updates.commands,
            users: updates.users,
            schedules: updates.schedules,
            recent: updates.recent,
            others: updates.others,
            closed: updates.closed,
            open: updates.open,
            read: ReadModel::new(self.store.client.clone()),
            freshness: Arc::clone(&app.freshness),
            passwords: Passwords::new(app.sealer.clone()),
            sealer: app.sealer.clone(),
            catalog: Arc::clone(&app.catalog),
            files: Files::new(Arc::new(InMemory::new()), None, self._ring.path().join("uploads")),
            mailer: Mailer::new(&self.mail).unwrap(),
            throttle: Throttle::default(),
        })
    }

    /// Shares the authority of a Yetkili from now on.
    pub fn lend(&self, from: &str, to: &str, hours: i64) {
        let now = self.app.clock.now();
        self.change(from, |user| {
            user.delegation = Some(user::Delegation {
                to: to.parse().unwrap(),
                starts_at: now,
                ends_at: now + SignedDuration::from_hours(hours),
            });
        });
    }

    /// Changes a user without a command.
    pub fn change(&self, who: &str, change: impl FnOnce(&mut User)) {
        let mut user = User::clone(&self.app.users.get(&who.parse().unwrap()).unwrap());
        change(&mut user);
        user.version += 1;
        self.app.users.apply(user, 1);
    }

    /// A browser in which this user is logged in.
    pub async fn login(&self, name: &str) -> Browser {
        let mut browser = Browser::new(self.router());
        let page = browser.login(name, PASSWORD).await;
        assert_eq!(page.location, "/moduller", "{}", page.html());
        browser
    }

    /// The application with this number; `suffix` is appended to its texts.
    pub fn application(&self, n: u64, suffix: &str) -> Application {
        let submission_id = SubmissionId(Uuid::from_u128(n.into()));
        let id = ApplicationId::of(submission_id);
        let received_at =
            at("2026-11-20T10:00:00+03:00") + SignedDuration::from_mins(i64::try_from(n).unwrap());
        let content = SubmissionContent {
            schema: SubmissionContent::SCHEMA.into(),
            applicant: Person {
                tckn: "10000000146".into(),
                first_name: format!("Ayşe{suffix}").into(),
                last_name: "Yılmaz".into(),
                phone: "+905551112233".into(),
                email: None,
            },
            contact: Contact {
                address: format!("Atatürk Bulvarı{suffix}").into(),
                district: Some("Çankaya".into()),
            },
            form: Form {
                subject: format!("Dernek kuruluşu{suffix}").into(),
                text: format!("Derneğimizi kurmak istiyoruz.\nSaygılarımla{suffix}").into(),
                fields: BTreeMap::from([("dernek_adi".into(), format!("Ağaç Sevenler{suffix}").into())]),
            },
            document_kinds: vec![DocumentKind::Application],
        };
        let context = id.to_string();
        let seal = |field, plain: &[u8]| {
            self.app.sealer.seal(seal::APPLICATIONS, received_at, &context, field, plain).unwrap()
        };
        let application = Application {
            id,
            submission_id,
            no: ApplicationNo::new(2026, 6, n, 0),
            version: 1,
            service: "dernek-kurulus".parse().unwrap(),
            valilik: Valilik::from_plate(6).unwrap(),
            unit: "06-sivil-toplum".parse().unwrap(),
            phase: Phase::Application { due_at: at("2026-12-21T00:00:00+03:00") },
            status: Status::Unassigned,
            status_since: received_at,
            submitted_at: received_at,
            received_at,
            breached_at: None,
            applicant: Applicant {
                masked_name: "A*** Y*****".into(),
                masked_tckn: "1*******146".into(),
                tckn_index: self.app.sealer.tckn_index("10000000146"),
                name_index: self.app.sealer.name_index("Ayşe Yılmaz"),
            },
            content: seal(Field::Content, &serde_json::to_vec(&content).unwrap()),
            content_hash: "hash".into(),
            documents: vec![Document {
                name: seal(Field::DocumentName, format!("dilekçe{suffix}.pdf").as_bytes()),
                media_type: "application/pdf".into(),
                size: 1234,
                sha256: "ab".repeat(32),
                uri: format!("store://sha256/{}", "ab".repeat(32)),
            }],
            official_documents: Vec::new(),
            superseded: Vec::new(),
            checks: BTreeMap::new(),
            answers: Vec::new(),
            notes: Vec::new(),
            sent_back: None,
            earlier_send_backs: Vec::new(),
            history: vec![HistoryEntry {
                seq: 1,
                command_id: CommandId::deterministic("test", &n.to_string()),
                at: received_at,
                actor: Actor::System,
                on_behalf_of: None,
                what: EventKind::Received,
                detail: None,
            }],
        };
        self.store.applications.lock().unwrap().insert(id, application.clone());
        application
    }
}
