//! A thousand members of staff at their daily work, beside the submissions of the whole country: how long
//! they wait, and how much memory the product takes meanwhile.

use std::env;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::random::Random;
use futures_util::{StreamExt, stream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::process::Process;
use crate::product::{Person, Product};
use crate::session::{Proxy, Session};
use crate::staff_member::{StaffMember, Tally};
use crate::table::{Goal, Line, thousands};
use crate::usage::Usage;
use crate::world::World;

/// How many people work, if `STAFF_MEMBERS` does not say.
const MEMBERS: usize = 1_000;
/// In each unit, beside one Yetkili.
const OFFICERS: usize = 3;
/// Submissions a second.
const RATE: u64 = 500;
/// So many are there before, that nobody begins with an empty list.
const BEFORE: u64 = 20_000;
/// As many log in at once: an office in the morning. Each counts as a wrong password until it is found right.
const LOGINS: usize = 16;
/// How often the memory is looked at, and how often it is printed how things go.
const SAMPLE: Duration = Duration::from_secs(1);
const REPORT: Duration = Duration::from_secs(300);
/// How long the product rests before its memory is called idle.
const REST: Duration = Duration::from_secs(10);

/// The work of `STAFF_MINUTES`, or of ten minutes.
pub fn staff() -> Vec<Line> {
    let minutes = setting("STAFF_MINUTES", 10);
    at_work(Duration::from_secs(60 * minutes as u64), |_, _| Goal::None)
}

/// The work of an hour, after which the memory must be flat.
pub fn soak() -> Vec<Line> {
    at_work(Duration::from_secs(3600), |name, growth| match name {
        // Two hold every open application and one its last sequence number, and more are submitted than a
        // thousand people answer. The fourth takes what Java is given.
        "workflow" | "dashboard" | "analytics" | "kafka" => Goal::None,
        _ => Goal::Of("≤ 1.10", growth <= 1.1),
    })
}

fn setting(name: &str, default: usize) -> usize {
    env::var(name).map_or(default, |value| value.parse().unwrap())
}

fn at_work(duration: Duration, flat: impl Fn(&str, f64) -> Goal) -> Vec<Line> {
    let people = people(&World::new());
    let mut product = Product::start(&people);
    sleep(REST);
    let mut usage = Usage::idle(product.process_ids());
    let runtime = Runtime::new().unwrap();
    product.installation.run(&mut load(&product, BEFORE, 0));
    product.settle();
    let proxy = Proxy::new(&product.dashboard);
    let sessions = runtime.block_on(log_in(&proxy, &people));

    usage.begin();
    let (submitted, began) = (product.submitted(), Instant::now());
    let submissions = Process::start(&mut load(&product, RATE * duration.as_secs(), RATE));
    let tally = Arc::new(Mutex::new(Tally::default()));
    let mut work = JoinSet::new();
    for (nth, (session, role)) in sessions.into_iter().enumerate() {
        let person =
            StaffMember { session, role, random: Random::new(nth as u64), tally: Arc::clone(&tally) };
        work.spawn_on(person.work(), runtime.handle());
    }
    let mut reported = Instant::now();
    while began.elapsed() < duration {
        sleep(SAMPLE);
        product.check();
        usage.sample();
        if reported.elapsed() >= REPORT {
            reported = Instant::now();
            let requests = tally.lock().unwrap().latest();
            eprintln!("after {:.0?}: {requests}; MiB: {}", began.elapsed(), usage.latest());
        }
    }
    usage.end();
    let rate = (product.submitted() - submitted) as f64 / began.elapsed().as_secs_f64();
    let waiting = product.waiting();
    runtime.block_on(work.shutdown());
    drop(submissions);
    product.settle();
    sleep(REST);

    let mut lines = tally.lock().unwrap().lines();
    lines.push(beside(rate, waiting));
    lines.extend(usage.lines(flat));
    lines
}

/// Submissions of the whole country.
fn load(product: &Product, count: u64, rate: u64) -> Command {
    // Others than those of another rate.
    let [count, rate] = [count, rate].map(|it| it.to_string());
    product.command(&["load", "--count", &count, "--rate", &rate, "--seed", &rate])
}

/// The people of units all over the country.
fn people(world: &World) -> Vec<Person> {
    let units: Vec<_> = world.catalog.units().collect();
    let count = setting("STAFF_MEMBERS", MEMBERS) / (OFFICERS + 1);
    let chosen = units.iter().step_by(units.len() / count).take(count);
    let of_unit = chosen.flat_map(|unit| {
        let officers = (1..=OFFICERS).map(|nth| (format!("sorumlu{nth}"), Role::Officer));
        let all = officers.chain([("yetkili".to_owned(), Role::Supervisor)]);
        all.map(|(title, role)| Person {
            name: format!("{title}.{}", unit.id),
            role,
            unit: Some(unit.id.clone()),
        })
    });
    of_unit.collect()
}

async fn log_in(proxy: &Proxy, people: &[Person]) -> Vec<(Session, Role)> {
    let sessions = stream::iter(people.iter().enumerate())
        .map(|(nth, person)| async move { (proxy.log_in(nth, person).await, person.role) });
    sessions.buffered(LOGINS).collect().await
}

/// How the submissions went beside the work.
fn beside(rate: f64, waiting: i64) -> Line {
    Line {
        what: "submissions beside; records that wait at the end".into(),
        figure: format!("{rate:.0}/s"),
        reference: thousands(waiting as f64),
        ratio: None,
        goal: Goal::Of("500/s", rate >= 0.98 * RATE as f64),
    }
}
