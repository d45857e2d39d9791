//! The days of the demo, in fast motion.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::bail;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::BlockingCommandClient;
use ebasvuru_workflow::domain::application::{Application, Status};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::log::{Log, Reader, Start, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Message, StateRecord};
use jiff::{SignedDuration, Timestamp};

use super::citizens::Citizens;
use super::desk::Desk;
use super::hours::{Moment, moments};
use super::staff::Staff;
use crate::bootstrap::Resources;
use crate::operator::{connect, no_reply};
use crate::output::announce;

/// How many days there are: enough for answers, breaches and lapses.
const DAYS: i64 = 50;
/// How far back the demo begins.
pub const HISTORY: SignedDuration = SignedDuration::from_hours(24 * (DAYS + 1));
/// How long a slow machine may take to receive the submissions of a round.
const RECEIPT_TIMEOUT: Duration = Duration::from_mins(1);
/// How many proposals of each kind wait for the Yetkili of a large unit at any time: the newest.
const IN_TRAY: usize = 2;
/// How many applications of each phase nobody has taken yet in a large unit: the newest.
const UNTAKEN: usize = 8;
/// From how many Sorumlular on a unit is large.
const LARGE: usize = 4;

/// The demo's citizens and staff at work.
pub struct Simulation<'a> {
    resources: &'a Resources,
    staff: Staff,
    citizens: Citizens<'a>,
    commands: BlockingCommandClient,
    snapshots: Box<dyn Reader>,
    open: BTreeMap<ApplicationId, Application>,
    /// When the demo ends.
    now: Timestamp,
}

impl<'a> Simulation<'a> {
    pub fn new(resources: &'a Resources, staff: Staff, now: Timestamp) -> anyhow::Result<Self> {
        Ok(Self {
            resources,
            staff,
            citizens: Citizens::new(resources, now),
            commands: connect(resources.log.as_ref())?,
            snapshots: resources.log.reader(topic::APPLICATIONS, Start::Beginning)?,
            open: BTreeMap::new(),
            now,
        })
    }

    /// Lives through all days, up to now.
    pub fn run(&mut self) -> anyhow::Result<()> {
        let moments = moments(self.resources.catalog.calendar(), DAYS, self.now);
        let mut since = self.now - HISTORY;
        for (nth, moment) in moments.iter().enumerate() {
            self.resources.clock.shift_by(moment.at.duration_since(Clock::System.now()));
            self.live(since, *moment)?;
            since = moment.at;
            if nth % 100 == 99 {
                announce!("  {} %", nth * 100 / moments.len());
            }
        }
        Ok(())
    }

    fn live(&mut self, since: Timestamp, moment: Moment) -> anyhow::Result<()> {
        self.citizens_act(since, moment.at)?;
        self.read_applications()?;
        self.staff.change(self.resources, since, moment.at)?;
        if !moment.is_staffed {
            return Ok(());
        }
        let mut commands = Vec::new();
        let untaken = self.untaken();
        for application in self.open.values() {
            if let Some(desk) = self.desk(application, moment)
                && (desk.is_pressing() || !untaken.contains(&application.id))
                && let Some(visit) = desk.visit()?
            {
                commands.extend(visit.commands(application, moment.at));
            }
        }
        if moment.is_for_approval {
            commands.extend(self.decisions(moment)?);
        }
        let commands = commands.into_iter().map(|command| (command.command.id, command.to_record()));
        self.commands.execute_all(commands.collect()).map_err(no_reply)?;
        Ok(())
    }

    fn desk<'b>(&'b self, application: &'b Application, moment: Moment) -> Option<Desk<'b>> {
        Desk::new(self.resources, &self.staff, application, moment.at)
    }

    fn is_large(&self, unit: &UnitId) -> bool {
        self.staff.teams.get(unit).is_some_and(|team| team.officers.len() >= LARGE)
    }

    /// What nobody has come to yet in the large units.
    fn untaken(&self) -> BTreeSet<ApplicationId> {
        let mut arrived = BTreeMap::<(&UnitId, bool), Vec<&Application>>::new();
        for application in self.open.values().filter(|application| application.status == Status::Unassigned) {
            if self.is_large(&application.unit) {
                let phase = application.phase.is_pre_application();
                arrived.entry((&application.unit, phase)).or_default().push(application);
            }
        }
        let newest = arrived.into_values().flat_map(|mut applications| {
            applications.sort_by_key(|application| Reverse(application.received_at));
            applications.into_iter().take(UNTAKEN)
        });
        newest.map(|application| application.id).collect()
    }

    /// What each Yetkili decides: the oldest proposals first. In a large unit the newest of each kind are left
    /// for the next time.
    fn decisions(&self, moment: Moment) -> anyhow::Result<Vec<ApplicationCommand>> {
        let mut trays = BTreeMap::<(&UnitId, &str), Vec<&Application>>::new();
        for application in self.open.values() {
            if let Status::AwaitingApproval { proposal, .. } = &application.status {
                trays.entry((&application.unit, proposal.name())).or_default().push(application);
            }
        }
        let mut commands = Vec::new();
        for ((unit, _), mut tray) in trays {
            tray.sort_by_key(|application| application.status_since);
            let left = if self.is_large(unit) { IN_TRAY } else { 0 };
            let decided = tray.len().saturating_sub(left);
            for (nth, application) in tray.into_iter().enumerate() {
                let Some(desk) = self.desk(application, moment) else { continue };
                if let Status::AwaitingApproval { proposal, proposed_by, .. } = &application.status
                    && (nth < decided || desk.is_urgent())
                {
                    let visit = desk.decision(proposal, proposed_by)?;
                    commands.extend(visit.commands(application, moment.at));
                }
            }
        }
        Ok(commands)
    }

    fn citizens_act(&mut self, since: Timestamp, until: Timestamp) -> anyhow::Result<()> {
        let mut batch = self.citizens.apply(since, until)?;
        let open = self.open.values().filter(|application| !application.status.is_closed());
        let withdrawals = open.filter_map(|application| self.citizens.withdrawal(application, since, until));
        batch.messages.extend(withdrawals);
        if batch.messages.is_empty() {
            return Ok(());
        }
        let log = self.resources.log.as_ref();
        let expected = events(log)? + batch.good;
        log.producer()?.send(batch.messages)?;
        // Every good message leads to an event. Timers may add others meanwhile.
        let started = Instant::now();
        while started.elapsed() < RECEIPT_TIMEOUT {
            if events(log)? >= expected {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("the demo's submissions until {until} are not being received: see the log above")
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

/// How many events there are in all partitions.
fn events(log: &dyn Log) -> anyhow::Result<i64> {
    Ok(log.bounds(topic::EVENTS)?.iter().map(|bounds| bounds.high).sum())
}
