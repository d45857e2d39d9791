//! Scheduled reports: who may do what, and each occurrence is claimed once.

mod claims;
mod timing;

use jiff::civil::{Weekday, time};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;
use crate::budget;
use crate::domain::actor::Actor;
use crate::domain::application::tests::world::{World, name};
use crate::domain::ids::{CommandId, ScheduleId, SenderId};

const ADMINISTRATOR: &str = "yonetici";

fn recipient(n: usize) -> Recipient {
    format!("kisi{n}@icisleri.gov.tr").parse().unwrap()
}

fn terms() -> ScheduleTerms {
    ScheduleTerms {
        name: "Haftalık sonuçlar".into(),
        report: "/raporlama/sonuclar?valilik=6".to_owned().try_into().unwrap(),
        period: ReportPeriod::LastWeek,
        timing: Timing { cadence: Cadence::Week { on: Weekday::Monday }, time: time(8, 30, 0, 0) },
        recipients: vec![recipient(1), recipient(2)],
    }
}

/// One schedule and whoever acts on it.
struct Desk {
    world: World,
    schedule: Option<Schedule>,
    events: Vec<ScheduleEvent>,
    commands: Vec<ScheduleCommand>,
}

impl Desk {
    fn new() -> Self {
        Self { world: World::new(), schedule: None, events: Vec::new(), commands: Vec::new() }
    }

    /// With one schedule defined.
    fn defined() -> Self {
        let mut desk = Self::new();
        desk.staff(ADMINISTRATOR, ScheduleCommandBody::DefineSchedule { terms: terms() }).unwrap();
        desk
    }

    fn schedule(&self) -> &Schedule {
        self.schedule.as_ref().unwrap()
    }

    fn staff(&mut self, who: &str, body: ScheduleCommandBody) -> Result<bool, ScheduleRefusal> {
        let id = CommandId(Uuid::from_u128(self.commands.len() as u128 + 1));
        let seen = self.schedule.as_ref().map(|schedule| schedule.edited_version);
        self.give(id, Actor::Staff(name(who)), seen, body)
    }

    fn system(&mut self, id: CommandId, body: ScheduleCommandBody) -> Result<bool, ScheduleRefusal> {
        self.give(id, Actor::System, None, body)
    }

    /// Whether anything happened.
    fn give(
        &mut self,
        id: CommandId,
        actor: Actor,
        expected_version: Option<u64>,
        body: ScheduleCommandBody,
    ) -> Result<bool, ScheduleRefusal> {
        let schedule = ScheduleId(Uuid::from_u128(7));
        let command = ScheduleCommand { id, actor, expected_version, at: self.world.now, schedule, body };
        let ctx = ScheduleContext { now: self.world.now, directory: &self.world.directory, count: 0 };
        let event = decide(self.schedule.as_ref(), &command, &ctx)?;
        self.commands.push(command);
        let Some(event) = event else { return Ok(false) };
        self.schedule = evolve(self.schedule.take(), &event);
        self.events.push(event);
        Ok(true)
    }

    fn claim(&mut self, sender: u128, occurrence: Timestamp) -> Result<bool, ScheduleRefusal> {
        let id = CommandId::deterministic("test", &format!("{occurrence}/{sender}"));
        let sender = SenderId(Uuid::from_u128(sender));
        self.system(id, ScheduleCommandBody::StartSending { sender, occurrence: Some(occurrence) })
    }

    fn end(&mut self, delivered: usize) -> Result<bool, ScheduleRefusal> {
        let sending = self.schedule().sending.as_ref().unwrap().id;
        let id = CommandId::deterministic("test/end", &sending.to_string());
        let outcome = SendingOutcome { at: self.world.now, delivered, undelivered: Vec::new() };
        self.system(id, ScheduleCommandBody::EndSending { sending, outcome })
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn only_an_active_administrator_makes_and_changes_schedules() {
    let now = ScheduleCommandBody::StartSending { sender: SenderId(Uuid::nil()), occurrence: None };
    let changed = ScheduleTerms { name: "Başka".into(), ..terms() };
    let bodies = [
        ScheduleCommandBody::DefineSchedule { terms: terms() },
        ScheduleCommandBody::ChangeSchedule { terms: changed },
        ScheduleCommandBody::SetScheduleActive { active: false },
        now,
        ScheduleCommandBody::DeleteSchedule,
    ];
    for body in &bodies {
        let defines = matches!(body, ScheduleCommandBody::DefineSchedule { .. });
        let desk = || if defines { Desk::new() } else { Desk::defined() };
        for who in ["yetkili.a", "sorumlu.a1", "koord.a", "vekil.a"] {
            assert_eq!(desk().staff(who, body.clone()), Err(ScheduleRefusal::NotAllowed), "{who} {body:?}");
        }
        assert_eq!(desk().staff("kimse", body.clone()), Err(ScheduleRefusal::NotActive));
        let mut passive = desk();
        passive.world.change(ADMINISTRATOR, |user| user.active = false);
        assert_eq!(passive.staff(ADMINISTRATOR, body.clone()), Err(ScheduleRefusal::NotActive));
        for actor in [Actor::Citizen, Actor::Operator, Actor::System] {
            let given = desk().give(CommandId(Uuid::nil()), actor.clone(), Some(1), body.clone());
            assert_eq!(given, Err(ScheduleRefusal::NotAllowed), "{actor:?} {body:?}");
        }
        assert_eq!(desk().staff(ADMINISTRATOR, body.clone()), Ok(true), "{body:?}");
    }
    // Nor does anybody say in the product's place what was sent.
    let mut desk = Desk::defined();
    let sender = SenderId(Uuid::nil());
    let claim = ScheduleCommandBody::StartSending { sender, occurrence: Some(desk.world.now) };
    assert_eq!(desk.staff(ADMINISTRATOR, claim), Err(ScheduleRefusal::NotAllowed));
    let outcome = SendingOutcome { at: desk.world.now, delivered: 1, undelivered: Vec::new() };
    let end = ScheduleCommandBody::EndSending { sending: CommandId(Uuid::nil()), outcome };
    assert_eq!(desk.staff(ADMINISTRATOR, end), Err(ScheduleRefusal::NotAllowed));
}

#[test]
fn terms_that_do_not_fit_are_refused() {
    let with = |change: fn(&mut ScheduleTerms)| {
        let mut terms = terms();
        change(&mut terms);
        Desk::new().staff(ADMINISTRATOR, ScheduleCommandBody::DefineSchedule { terms })
    };
    assert_eq!(with(|terms| terms.name = "\u{200b} ".into()), Err(ScheduleRefusal::NameMissing));
    assert_eq!(with(|terms| terms.name = "a".repeat(101)), Err(ScheduleRefusal::NameTooLong));
    assert_eq!(with(|terms| terms.recipients.clear()), Err(ScheduleRefusal::RecipientsMissing));
    assert_eq!(with(|terms| terms.recipients = (0..20).map(recipient).collect()), Ok(true));
    let over = with(|terms| terms.recipients = (0..21).map(recipient).collect());
    assert_eq!(over, Err(ScheduleRefusal::TooManyRecipients));
    assert_eq!(with(|terms| terms.recipients = vec![recipient(1); 40]), Ok(true), "each is kept once");

    let desk = Desk::new();
    let command = ScheduleCommand {
        id: CommandId(Uuid::nil()),
        actor: Actor::Staff(name(ADMINISTRATOR)),
        expected_version: None,
        at: desk.world.now,
        schedule: ScheduleId(Uuid::nil()),
        body: ScheduleCommandBody::DefineSchedule { terms: terms() },
    };
    let directory = &desk.world.directory;
    let full = ScheduleContext { now: desk.world.now, directory, count: budget::SCHEDULES };
    assert_eq!(decide(None, &command, &full), Err(ScheduleRefusal::TooManySchedules));
}

#[test]
fn a_recipient_is_a_plain_address() {
    let parse = |text: &str| text.parse::<Recipient>().map(|it| it.to_string());
    assert_eq!(parse("  Ayse.Oz+rapor@ICISLERI.gov.tr "), Ok("Ayse.Oz+rapor@icisleri.gov.tr".into()));
    for bad in [
        "",
        "ayse",
        "ayse@icisleri",
        "@icisleri.gov.tr",
        "ayse@",
        "ayşe@icisleri.gov.tr",
        "ayse@içişleri.gov.tr",
        "Ayşe Öz <ayse@icisleri.gov.tr>",
        "\"ay se\"@icisleri.gov.tr",
        "ayse@[127.0.0.1]",
        "ayse@icisleri.gov.tr\r\nBcc: x@y.tr",
        "a@b.tr,c@d.tr",
    ] {
        assert!(parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn the_address_of_a_report_is_local_and_bounded() {
    let parse = |text: String| ReportAddress::try_from(text).is_ok();
    assert!(parse("/raporlama/sonuclar?valilik=6&hizmet=dernek-kurulus".into()));
    for bad in ["", "raporlama", "//kotu.example/", "/raporlama sonuclar", "/raporlama\n"] {
        assert!(!parse(bad.into()), "{bad:?}");
    }
    assert!(!parse(format!("/{}", "a".repeat(budget::REPORT_ADDRESS))));
}

/// Forms name what a person last made of it.
#[test]
fn a_sending_makes_no_form_outdated() {
    let mut desk = Desk::defined();
    let seen = desk.schedule().edited_version;
    desk.world.now += SignedDuration::from_hours(24 * 7);
    let due = desk.schedule().due(desk.world.now).unwrap();
    desk.claim(1, due.at).unwrap();
    assert_eq!(desk.schedule().edited_version, seen);
    assert_eq!(desk.staff(ADMINISTRATOR, ScheduleCommandBody::SetScheduleActive { active: false }), Ok(true));
    let stale = desk.give(
        CommandId(Uuid::from_u128(99)),
        Actor::Staff(name(ADMINISTRATOR)),
        Some(seen),
        ScheduleCommandBody::DeleteSchedule,
    );
    assert_eq!(stale, Err(ScheduleRefusal::VersionConflict));
}

#[test]
fn a_paused_schedule_catches_nothing_up() {
    let mut desk = Desk::defined();
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::SetScheduleActive { active: false }).unwrap();
    desk.world.now += SignedDuration::from_hours(24 * 30);
    assert_eq!((desk.schedule().due(desk.world.now), desk.schedule().next_at(desk.world.now)), (None, None));
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::SetScheduleActive { active: true }).unwrap();
    assert_eq!(desk.schedule().due(desk.world.now), None);
    assert_eq!(desk.schedule().next_at(desk.world.now), Some(at("2026-04-06T08:30:00+03:00")));
}

#[test]
fn what_a_mail_server_says_is_bounded() {
    let mut desk = Desk::defined();
    let sender = SenderId(Uuid::nil());
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::StartSending { sender, occurrence: None }).unwrap();
    let sending = desk.schedule().sending.as_ref().unwrap().id;
    let reason = format!("550 5.1.1\r\n{}", "x".repeat(10_000));
    let undelivered = vec![Undelivered { to: recipient(1), reason }; 500];
    let outcome = SendingOutcome { at: desk.world.now, delivered: 0, undelivered };
    desk.system(CommandId(Uuid::nil()), ScheduleCommandBody::EndSending { sending, outcome }).unwrap();
    let kept = desk.schedule().sending.clone().unwrap().outcome.unwrap().undelivered;
    assert_eq!(kept.len(), budget::RECIPIENTS);
    assert!(kept[0].reason.starts_with("550 5.1.1 xxx") && kept[0].reason.chars().count() == 300);
}

#[test]
fn what_was_deleted_stays_deleted() {
    let mut desk = Desk::defined();
    let (mut all, schedule) = (Schedules::default(), desk.schedule().clone());
    all.put(schedule.clone());
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::SetScheduleActive { active: false }).unwrap();
    all.put(desk.schedule().clone());
    all.put(schedule.clone());
    assert!(!all.get(schedule.id).unwrap().active, "an older record changes nothing");
    all.delete(schedule.id);
    all.put(schedule);
    assert!(all.is_empty());
}

#[test]
fn commands_and_events_keep_their_form() {
    let mut desk = Desk::defined();
    let changed = ScheduleTerms {
        timing: Timing {
            cadence: Cadence::Month { on: MonthDay::try_from(31).unwrap() },
            time: time(7, 0, 0, 0),
        },
        ..terms()
    };
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::ChangeSchedule { terms: changed }).unwrap();
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::SetScheduleActive { active: false }).unwrap();
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::SetScheduleActive { active: true }).unwrap();
    desk.world.now += SignedDuration::from_hours(24 * 70);
    let due = desk.schedule().due(desk.world.now).unwrap();
    desk.claim(1, due.at).unwrap();
    let sending = desk.schedule().sending.as_ref().unwrap().id;
    let undelivered = vec![Undelivered { to: recipient(2), reason: "550 no such mailbox".into() }];
    let outcome = SendingOutcome { at: desk.world.now, delivered: 1, undelivered };
    desk.system(CommandId(Uuid::max()), ScheduleCommandBody::EndSending { sending, outcome }).unwrap();
    let state = desk.schedule.clone();
    desk.staff(ADMINISTRATOR, ScheduleCommandBody::DeleteSchedule).unwrap();
    assert_eq!(desk.schedule, None);
    insta::assert_json_snapshot!("commands", desk.commands);
    insta::assert_json_snapshot!("events", desk.events);
    insta::assert_json_snapshot!("schedule", state);
}
