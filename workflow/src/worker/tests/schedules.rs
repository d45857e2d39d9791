//! Scheduled reports in the worker: through restarts and aborted transactions.

use jiff::SignedDuration;
use jiff::civil::time;
use uuid::Uuid;

use super::harness::{World, days, name};
use crate::domain::actor::{Actor, Role};
use crate::domain::ids::{CommandId, ScheduleId, SenderId};
use crate::domain::schedule::{
    Cadence, ReportPeriod, Schedule, ScheduleCommand, ScheduleCommandBody, ScheduleTerms, Timing,
};
use crate::domain::user::{UserCommandBody, UserProfile};
use crate::log::{Processor, topic};
use crate::message::{AnyEvent, Decision, Layout, Message, ScheduleRecord};
use crate::seal::Field;

const SCHEDULE: ScheduleId = ScheduleId(Uuid::from_u128(7));

fn terms() -> ScheduleTerms {
    ScheduleTerms {
        name: "Günlük".into(),
        report: "/raporlama".to_owned().try_into().unwrap(),
        period: ReportPeriod::Yesterday,
        timing: Timing { cadence: Cadence::Day, time: time(8, 0, 0, 0) },
        recipients: vec!["a@icisleri.gov.tr".parse().unwrap()],
    }
}

impl World {
    fn schedule(&mut self, actor: Actor, id: CommandId, body: ScheduleCommandBody) {
        let seen = self.processor.schedules.get(SCHEDULE).map(|schedule| schedule.edited_version);
        let command =
            ScheduleCommand { id, actor, expected_version: seen, at: self.now, schedule: SCHEDULE, body };
        self.send(command.to_record());
    }

    fn administrator(&mut self, body: ScheduleCommandBody) {
        let id = self.next_id();
        self.schedule(Actor::Staff(name("yonet")), id, body);
    }

    fn claim(&mut self, sender: u128) {
        let occurrence = self.processor.schedules.get(SCHEDULE).unwrap().terms.timing.last(self.now).unwrap();
        let id = CommandId::deterministic("test", &format!("{sender}/{occurrence}"));
        let sender = SenderId(Uuid::from_u128(sender));
        let body = ScheduleCommandBody::StartSending { sender, occurrence: Some(occurrence) };
        self.schedule(Actor::System, id, body);
    }

    /// The codes of the last replies; empty for one that was accepted.
    fn codes(&self, count: usize) -> Vec<String> {
        let replies = self.of::<crate::message::Reply>();
        let last = replies.iter().rev().take(count).rev();
        let code = |decision: &Decision| match decision {
            Decision::Accepted { .. } => String::new(),
            Decision::Refused { code, .. } => code.clone(),
        };
        last.map(|reply| code(&reply.decision)).collect()
    }
}

/// A world with a Yönetici and one schedule.
fn world() -> World {
    let mut world = World::new();
    let password = world.sealer.seal_user(&name("yonet"), Field::Password, b"$argon2id$secret").unwrap();
    let profile = UserProfile { full_name: "Ad Soyad".into(), role: Role::Administrator, unit: None };
    world.user("yonet", UserCommandBody::DefineUser { profile, password, must_change_password: false });
    world.run();
    world.administrator(ScheduleCommandBody::DefineSchedule { terms: terms() });
    world.run();
    assert_eq!(world.codes(1), [""]);
    world
}

#[test]
fn of_two_claims_in_one_batch_one_is_accepted_also_after_a_restart() {
    let mut world = world();
    world.now += days(1);
    world.claim(1);
    world.claim(2);
    world.run();
    assert_eq!(world.codes(2), ["", "not_due"]);
    world.restart();
    world.claim(3);
    world.claim(1);
    world.run();
    assert_eq!(world.codes(2), ["not_due", ""], "the first command again changes nothing");
    let sender = world.processor.schedules.get(SCHEDULE).unwrap().sending.as_ref().unwrap().sender;
    assert_eq!(sender, SenderId(Uuid::from_u128(1)));
}

#[test]
fn an_aborted_claim_leaves_nothing() {
    let mut world = world();
    world.now += days(1);
    world.claim(1);
    drop(world.process());
    world.processor.aborted();
    assert_eq!(world.processor.schedules.get(SCHEDULE).unwrap().sending, None);
    world.claim(2);
    world.run();
    assert_eq!(world.codes(2), ["", "not_due"], "both are delivered again");
}

/// The worker's own deletion is not undone by an older record that it reads late.
#[test]
fn a_deleted_schedule_stays_deleted() {
    let mut world = world();
    let older = world.log[topic::SETTINGS].last().unwrap().clone();
    world.administrator(ScheduleCommandBody::DeleteSchedule);
    let step = world.process();
    world.commit(step);
    world.processor.observe(older);
    world.administrator(ScheduleCommandBody::SetScheduleActive { active: false });
    world.run();
    assert_eq!(world.codes(2), ["", "schedule_not_found"]);
    assert_eq!(world.log[topic::SETTINGS].last().unwrap().value, None, "a tombstone is the last record");
    world.restart();
    assert!(world.processor.schedules.is_empty());
}

#[test]
fn other_settings_are_left_alone() {
    let mut world = world();
    let layout = Layout { partitions: 2 }.to_record().into_record(0, 90, world.now);
    assert!(ScheduleRecord::from_record(&layout).unwrap().is_none());
    world.processor.observe(layout);
    world.now += SignedDuration::from_mins(1);
    assert_eq!(world.tick(), 0);
    world.administrator(ScheduleCommandBody::SetScheduleActive { active: false });
    world.run();
    assert_eq!(world.codes(1), [""]);
    let kept = world.of::<Schedule>();
    assert_eq!(kept.last(), world.processor.schedules.get(SCHEDULE).map(AsRef::as_ref));
    let events = world.log[topic::EVENTS].iter().filter_map(|record| match AnyEvent::from_record(record) {
        Ok(AnyEvent::Schedule(event)) => Some(event.seq),
        _ => None,
    });
    assert_eq!(events.collect::<Vec<_>>(), [1, 2]);
}
