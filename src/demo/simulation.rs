//! The days of the demo, in fast motion.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::bail;
use bytes::Bytes;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::BlockingCommandClient;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::calendar::istanbul;
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::log::{Log, Outgoing, Reader, Start, topic};
use ebasvuru_workflow::message::{Message, StateRecord};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};

use super::next_action::next_action;
use super::staff::user_name_prefix;
use crate::bootstrap::Resources;
use crate::commands::load::generator;
use crate::commands::publish::submission;
use crate::operator::{connect, no_reply};
use crate::output::announce;

/// How many days there are: enough for answers, breaches and lapses.
const DAYS: i64 = 50;
/// How far back the demo begins.
pub const HISTORY: SignedDuration = SignedDuration::from_hours(24 * (DAYS + 1));
/// How often a day people apply and staff work.
const ROUNDS: i64 = 3;
const ROUNDS_PER_DAY: u64 = ROUNDS.unsigned_abs();
/// How many submissions are generated in a round, before most of those to units without demo staff
/// are left out.
const SUBMISSIONS_PER_ROUND: usize = 133;
/// Of the submissions to units without demo staff, one in this many is kept.
const UNSTAFFED_KEPT: usize = 100;
/// How long a slow machine may take to receive the submissions of a round.
const RECEIPT_TIMEOUT: Duration = Duration::from_mins(1);

/// The demo's citizens and staff at work.
pub struct Simulation<'a> {
    resources: &'a Resources,
    commands: BlockingCommandClient,
    snapshots: Box<dyn Reader>,
    open: BTreeMap<ApplicationId, Application>,
}

impl<'a> Simulation<'a> {
    pub fn new(resources: &'a Resources) -> anyhow::Result<Self> {
        Ok(Self {
            resources,
            commands: connect(resources.log.as_ref())?,
            snapshots: resources.log.reader(topic::APPLICATIONS, Start::Beginning)?,
            open: BTreeMap::new(),
        })
    }

    /// Lives through all days, up to now.
    pub fn run(&mut self) -> anyhow::Result<()> {
        for day in 0..=DAYS {
            for round in 0..ROUNDS {
                let (time, now) = (time_of(day, round)?, Clock::System.now());
                self.resources.clock.shift_by(time.duration_since(now).min(SignedDuration::ZERO));
                self.live_round(u64::try_from(day)?, u64::try_from(round)?)?;
            }
            if day.rem_euclid(10) == 0 {
                announce!("  day {day} of {DAYS}");
            }
        }
        Ok(())
    }

    fn live_round(&mut self, day: u64, round: u64) -> anyhow::Result<()> {
        self.citizens_apply(day, round)?;
        self.read_applications()?;
        let mut commands = Vec::new();
        for application in self.open.values() {
            if let Some(command) = next_action(self.resources, application, day * ROUNDS_PER_DAY + round)? {
                commands.push((command.command.id, command.to_record()));
            }
        }
        self.commands.execute_all(commands).map_err(no_reply)?;
        Ok(())
    }

    fn citizens_apply(&mut self, day: u64, round: u64) -> anyhow::Result<()> {
        let mut batch = self.submissions(day * ROUNDS_PER_DAY + round + 1)?;
        // Once a week a citizen withdraws, if there is something to withdraw.
        if day % 7 == 3 && round == 0 {
            batch.extend(self.withdrawal()?);
        }
        let log = self.resources.log.as_ref();
        let expected = events(log)? + i64::try_from(batch.len())?;
        log.producer()?.send(batch)?;
        // Every message leads to an event. Timers may add others meanwhile.
        let started = Instant::now();
        while started.elapsed() < RECEIPT_TIMEOUT {
            if events(log)? >= expected {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the demo's submissions of day {day} are not being received: see the log above")
    }

    fn submissions(&self, seed: u64) -> anyhow::Result<Vec<Outgoing>> {
        let generated = generator(&self.resources.catalog, seed, &self.resources.clock);
        let mut batch = Vec::new();
        for (i, (key, value)) in generated.take(SUBMISSIONS_PER_ROUND).enumerate() {
            let is_staffed = self.unit_of(&value)?.is_some_and(|unit| user_name_prefix(&unit).is_some());
            if is_staffed || i.is_multiple_of(UNSTAFFED_KEPT) {
                batch.push(submission(Some(key), value));
            }
        }
        Ok(batch)
    }

    /// The unit that a submission will be routed to.
    fn unit_of(&self, submission: &Bytes) -> anyhow::Result<Option<UnitId>> {
        let message: Value = serde_json::from_slice(submission)?;
        let service = message["service"].as_str().and_then(|service| service.parse().ok());
        let valilik = message["valilik"].as_u64().and_then(|plate| u8::try_from(plate).ok()?.try_into().ok());
        Ok(service
            .zip(valilik)
            .and_then(|(service, valilik)| self.resources.catalog.route(&service, valilik).cloned()))
    }

    fn withdrawal(&mut self) -> anyhow::Result<Option<Outgoing>> {
        // Staff have acted since the last round.
        self.read_applications()?;
        let open = self.open.values().find(|application| !application.status.is_closed());
        Ok(open.map(|application| {
            let message = json!({
                "schema": "edevlet.withdrawal.v1",
                "submission_id": application.submission_id,
                "withdrawn_at": self.resources.clock.now(),
                "reason": "Başvurumdan vazgeçiyorum.",
            });
            submission(Some(application.submission_id.to_string().into()), message.to_string().into())
        }))
    }

    /// Reads the current state of the applications.
    fn read_applications(&mut self) -> anyhow::Result<()> {
        let open = &mut self.open;
        let mut outcome = Ok(());
        self.snapshots.catch_up(&mut |record| {
            if record.value.is_none() {
                return;
            }
            match StateRecord::from_record(&record) {
                Ok(StateRecord::Application(application)) => {
                    open.insert(application.id, *application);
                }
                Ok(StateRecord::ClosedMarker(marker)) => {
                    open.remove(&marker.id);
                }
                Ok(_) => {}
                Err(error) => outcome = Err(error.into()),
            }
        })?;
        outcome
    }
}

/// The time of a round: in the morning, at noon and in the evening, each day at other hours.
fn time_of(day: i64, round: i64) -> anyhow::Result<Timestamp> {
    let today = Clock::System.now().to_zoned(istanbul());
    let date = today.date().saturating_sub((DAYS - day).days());
    let hour = [8 + day % 4, 12 + day % 5, 17 + day % 6][usize::try_from(round)?];
    Ok(date.at(i8::try_from(hour)?, 17, 0, 0).to_zoned(istanbul())?.timestamp())
}

/// How many events there are in all partitions.
fn events(log: &dyn Log) -> anyhow::Result<i64> {
    Ok(log.bounds(topic::EVENTS)?.iter().map(|bounds| bounds.high).sum())
}
