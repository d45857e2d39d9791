//! How long a person waits: from the click on an action until its result is shown, and from an event until
//! the overview of the Yönetici counts it. The reference of the first is one Kafka transaction on the same
//! broker, before each action.

use std::thread::sleep;
use std::time::{Duration, Instant};

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::log::{Log, Outgoing, Retention, TopicSpec};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tokio::runtime::Runtime;

use crate::broker::{COPIES, bare_producer, commit_bare, publish};
use crate::page::Form;
use crate::product::{Person, Product};
use crate::session::{Proxy, Session};
use crate::table::{Goal, Line};
use crate::times::Times;
use crate::world::World;

/// Each has four actions.
const LIFECYCLES: usize = 75;
/// The pause between two looks at the overview.
const LOOK: Duration = Duration::from_millis(10);
/// The place of a figure on the overview.
const RECEIVED: usize = 0;
const CLOSED: usize = 1;

const UNASSIGNED: &str = "/basvurular?durum=teslim-bekleyen";
const OVERVIEW: &str = "/raporlama";
/// The pause between the submissions and the work on them.
const BETWEEN: Duration = Duration::from_secs(5);

pub fn latency() -> Vec<Line> {
    let world = World::new();
    let unit = world.catalog.units().next().unwrap().id.clone();
    let person =
        |name: &str, role, unit: Option<&UnitId>| Person { name: name.into(), role, unit: unit.cloned() };
    let people = [
        person("yetkili", Role::Supervisor, Some(&unit)),
        person("sorumlu", Role::Officer, Some(&unit)),
        person("yonetici", Role::Administrator, None),
    ];
    let product = Product::start(&people);
    let runtime = Runtime::new().unwrap();
    let mut office = runtime.block_on(Office::open(&product, &people));
    for submission in world.submissions_to(&unit).take(LIFECYCLES) {
        runtime.block_on(office.receive(&product, submission));
    }
    // Nobody works on what came a second ago.
    sleep(BETWEEN);
    for _ in 0..LIFECYCLES {
        runtime.block_on(office.answer());
    }
    office.waits.lines()
}

/// The people of one unit, and the Yönetici who watches.
struct Office {
    supervisor: Session,
    officer: Session,
    administrator: Session,
    reference: BaseProducer,
    waits: Waits,
}

/// How long each wait took.
#[derive(Default)]
struct Waits {
    /// From the click on an action until its result is shown.
    actions: Vec<Duration>,
    /// The part of it until the redirect.
    forms: Vec<Duration>,
    transactions: Vec<Duration>,
    /// From the broker's acknowledgement of a submission until the overview counts it.
    received: Vec<Duration>,
    /// From the answer to "Onayla" until the overview counts the application as closed.
    closed: Vec<Duration>,
}

impl Office {
    async fn open(product: &Product, people: &[Person; 3]) -> Self {
        let copies = TopicSpec { name: COPIES, partitions: 12, retention: Retention::Forever };
        product.log.ensure_topics(&[copies]).unwrap();
        let proxy = Proxy::new(&product.dashboard);
        Self {
            supervisor: proxy.log_in(0, &people[0]).await,
            officer: proxy.log_in(1, &people[1]).await,
            administrator: proxy.log_in(2, &people[2]).await,
            reference: bare_producer(product.installation.kafka.brokers(), "reference"),
            waits: Waits::default(),
        }
    }

    /// A submission, until the overview counts it.
    async fn receive(&mut self, product: &Product, submission: Outgoing) {
        let before = self.overview(RECEIVED).await;
        publish(&product.log, [submission]);
        let acknowledged = Instant::now();
        self.watch(RECEIVED, before, acknowledged).await;
        self.waits.received.push(acknowledged.elapsed());
    }

    /// An application that nobody has begun, until it is answered and the overview counts it.
    async fn answer(&mut self) {
        let path = self.supervisor.get(UNASSIGNED).await.unwrap().rows().remove(0);
        let assign = self.supervisor.get(&path).await.unwrap().form("/teslim-et").unwrap();
        self.waits.act(&self.reference, &mut self.supervisor, &assign).await;
        let answer = self.officer.get(&path).await.unwrap().form("/cevap-ekle").unwrap();
        let answer = answer.with("metin", "Talebiniz incelenmiş ve uygun görülmüştür.");
        self.waits.act(&self.reference, &mut self.officer, &answer).await;
        let submit = self.officer.get(&path).await.unwrap().form("/onaya-gonder").unwrap();
        self.waits.act(&self.reference, &mut self.officer, &submit).await;
        let approve = self.supervisor.get(&path).await.unwrap().form("/onayla").unwrap();
        // The page that asks whether they are sure.
        let approve = self.supervisor.post(&approve).await.unwrap().form("/onayla").unwrap();
        let before = self.overview(CLOSED).await;
        let acknowledged = self.waits.act(&self.reference, &mut self.supervisor, &approve).await;
        self.watch(CLOSED, before, acknowledged).await;
        self.waits.closed.push(acknowledged.elapsed());
    }

    async fn overview(&mut self, figure: usize) -> u64 {
        self.administrator.get(OVERVIEW).await.unwrap().figure(figure)
    }

    /// Waits until a figure of the overview is greater than before.
    async fn watch(&mut self, figure: usize, before: u64, since: Instant) {
        while self.overview(figure).await == before {
            assert!(since.elapsed() < Duration::from_secs(60), "the overview does not count it");
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Waits {
    /// Measures an action, and a transaction before it. Returns when the action was acknowledged.
    async fn act(&mut self, reference: &BaseProducer, person: &mut Session, form: &Form) -> Instant {
        self.transactions.push(transaction(reference));
        let clicked = Instant::now();
        let redirect = person.post(form).await.unwrap();
        let acknowledged = Instant::now();
        let to = redirect.location.unwrap_or_else(|| panic!("{} is refused", form.action));
        person.get(&to).await.unwrap();
        self.actions.push(clicked.elapsed());
        self.forms.push(acknowledged - clicked);
        acknowledged
    }

    fn lines(&self) -> Vec<Line> {
        let (action, transaction) = (Times::of(&self.actions), Times::of(&self.transactions));
        let ratio = action.p95 / transaction.p95;
        let line = |what: &str, durations: &[Duration]| Line {
            what: what.into(),
            figure: Times::of(durations).shown(),
            reference: String::new(),
            ratio: None,
            goal: Goal::None,
        };
        let to_chart = |what, durations: &[Duration]| Line {
            goal: Goal::Of("p95 ≤ 1 s", Times::of(durations).p95 <= 1000.0),
            ..line(what, durations)
        };
        vec![
            Line {
                reference: transaction.shown(),
                ratio: Some(ratio),
                goal: Goal::Of("p95 ≤ 5 transactions, ≤ 150 ms", ratio <= 5.0 && action.p95 <= 150.0),
                ..line("an action, click to shown", &self.actions)
            },
            line("  of which until the redirect", &self.forms),
            to_chart("a submission to the overview", &self.received),
            to_chart("an approval to the overview", &self.closed),
        ]
    }
}

/// How long one record in a transaction of its own takes.
fn transaction(producer: &BaseProducer) -> Duration {
    let began = Instant::now();
    producer.begin_transaction().unwrap();
    producer.send(BaseRecord::to(COPIES).key("key").payload(&[0; 1_000])).map_err(|(e, _)| e).unwrap();
    commit_bare(producer);
    began.elapsed()
}
