//! The first start: a demo that lives its first weeks in fast motion through the real path,
//! or only the first Yönetici.
//!
//! Nothing here writes state: citizens publish, staff give commands, the workers decide, and
//! the clock is moved a day at a time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::bail;
use ebasvuru_ingest::generate::samples;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::command_client::BlockingCommandClient;
use ebasvuru_workflow::domain::actor::{Actor, Role};
use ebasvuru_workflow::domain::application::{Application, Command, CommandBody, Proposal, Status};
use ebasvuru_workflow::domain::calendar::istanbul;
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId, UserName};
use ebasvuru_workflow::domain::user::{UserCommand, UserProfile};
use ebasvuru_workflow::log::{Log, Outgoing, Reader, Start, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Decision, Message, StateRecord};
use ebasvuru_workflow::seal::Field;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::Value;
use uuid::Uuid;

use crate::bootstrap::Resources;
use crate::commands::load::generator;
use crate::commands::user::{self, connect, no_reply};

/// How far back the demo begins: long enough for answers, breaches and lapses.
pub const HISTORY: SignedDuration = SignedDuration::from_hours(24 * (DAYS + 1));
const DAYS: i64 = 50;
/// Submissions each time, before those to places without demo staff are thinned out.
const A_ROUND: usize = 133;
/// Of the submissions to places without demo staff, one in so many is kept.
const ELSEWHERE: usize = 100;
/// How often staff look at their lists on a day.
const ROUNDS: i64 = 3;
const A_DAY_ROUNDS: u64 = ROUNDS.unsigned_abs();
/// How long a machine that is slow may take over one round of submissions.
const RECEIPT: Duration = Duration::from_mins(1);
/// One password for all demo users; public, and said so at every first start.
const PASSWORD: &str = "demo-basvuru-2026";

/// Units with demo staff, and the user names' first part.
const UNITS: [(&str, &str); 4] = [
    ("06-sivil-toplum", "ankara"),
    ("34-silah-ruhsat", "istanbul"),
    ("34-yazi-isleri", "yazi"),
    ("35-nufus", "izmir"),
];

/// A way in, for the person who started the product.
#[derive(Clone, Debug)]
pub struct Login {
    pub role: &'static str,
    pub name: String,
    pub password: String,
    pub is_demo: bool,
}

/// Defines one Yönetici with a one-time password.
pub fn first_administrator(resources: &Resources) -> anyhow::Result<Vec<Login>> {
    let name: UserName = "yonetici".parse()?;
    let profile = UserProfile { full_name: "İlk Yönetici".into(), role: Role::Administrator, unit: None };
    let password = user::one_time_password();
    let body = user::define(&resources.sealer, &name, profile, &password, true)?;
    user::execute(resources.log.as_ref(), &resources.clock, name.clone(), None, body)?;
    let role = Role::Administrator.label_tr();
    Ok(vec![Login { role, name: name.to_string(), password, is_demo: false }])
}

/// Defines staff, then lives through the demo's days.
pub fn run(resources: &Resources) -> anyhow::Result<Vec<Login>> {
    resources.blobs.put(&samples()).map_err(anyhow::Error::msg)?;
    let logins = define_staff(resources)?;
    let mut days = Days {
        resources,
        commands: connect(resources.log.as_ref())?,
        snapshots: resources.log.reader(topic::APPLICATIONS, Start::Beginning)?,
        open: BTreeMap::new(),
    };
    for day in 0..=DAYS {
        for round in 0..ROUNDS {
            let (moment, now) = (hour_of(day, round)?, Clock::System.now());
            resources.clock.shift_by(moment.duration_since(now).min(SignedDuration::ZERO));
            days.live(u64::try_from(day)?, u64::try_from(round)?)?;
        }
        if day.rem_euclid(10) == 0 {
            println!("  day {day} of {DAYS}");
        }
    }
    Ok(logins)
}

/// When on a day people apply and staff look at their lists: in the morning, at noon, in the
/// evening, never twice at the same hour.
fn hour_of(day: i64, round: i64) -> anyhow::Result<Timestamp> {
    let today = Clock::System.now().to_zoned(istanbul());
    let date = today.date().saturating_sub((DAYS - day).days());
    let hour = [8 + day % 4, 12 + day % 5, 17 + day % 6][usize::try_from(round)?];
    Ok(date.at(i8::try_from(hour)?, 17, 0, 0).to_zoned(istanbul())?.timestamp())
}

fn define_staff(resources: &Resources) -> anyhow::Result<Vec<Login>> {
    let mut people = vec![("yonetici".to_owned(), "Zeynep Aydın", Role::Administrator, None)];
    for (unit, city) in UNITS {
        for (name, full_name, role) in [
            ("yetkili", "Mehmet Kaya", Role::Supervisor),
            ("sorumlu", "Elif Şahin", Role::Officer),
            ("sorumlu2", "Can Öztürk", Role::Officer),
            ("koordinasyon", "İpek Doğan", Role::Coordinator),
        ] {
            people.push((format!("{city}.{name}"), full_name, role, Some(unit.parse()?)));
        }
    }
    // One hash serves all: it is the same public password.
    let mut commands = Vec::new();
    let mut logins = Vec::new();
    for (name, full_name, role, unit) in people {
        let name: UserName = name.parse()?;
        let profile = UserProfile { full_name: full_name.into(), role, unit };
        let body = user::define(&resources.sealer, &name, profile, PASSWORD, false)?;
        let id = CommandId(Uuid::now_v7());
        let command = UserCommand {
            id,
            actor: Actor::Operator,
            expected_version: None,
            at: resources.clock.now(),
            user: name.clone(),
            body,
        };
        commands.push((id, command.to_record()));
        if logins.len() < 5 {
            logins.push(Login {
                role: role.label_tr(),
                name: name.to_string(),
                password: PASSWORD.into(),
                is_demo: true,
            });
        }
    }
    let replies = connect(resources.log.as_ref())?.execute_all(commands).map_err(no_reply)?;
    for reply in replies.into_values() {
        if let Decision::Refused { code, text_tr } = reply.decision {
            bail!("a demo user was refused: {code}: {text_tr}");
        }
    }
    Ok(logins)
}

struct Days<'a> {
    resources: &'a Resources,
    commands: BlockingCommandClient,
    snapshots: Box<dyn Reader>,
    open: BTreeMap<ApplicationId, Application>,
}

impl Days<'_> {
    fn live(&mut self, day: u64, round: u64) -> anyhow::Result<()> {
        self.citizens_apply(day, round)?;
        self.look()?;
        let mut commands = Vec::new();
        for application in self.open.values() {
            if let Some(command) = next(self.resources, application, day * A_DAY_ROUNDS + round)? {
                commands.push((command.command.id, command.to_record()));
            }
        }
        self.commands.execute_all(commands).map_err(no_reply)?;
        Ok(())
    }

    fn citizens_apply(&mut self, day: u64, round: u64) -> anyhow::Result<()> {
        let staffed: Vec<&str> = UNITS.iter().map(|(unit, _)| *unit).collect();
        let log = self.resources.log.as_ref();
        let mut batch = Vec::new();
        for (i, (key, value)) in
            generator(&self.resources.catalog, day * A_DAY_ROUNDS + round + 1, &self.resources.clock)
                .take(A_ROUND)
                .enumerate()
        {
            let message: Value = serde_json::from_slice(&value)?;
            let unit =
                message["service"].as_str().and_then(|service| service.parse().ok()).and_then(|service| {
                    let valilik = message["valilik"].as_u64().and_then(|plate| u8::try_from(plate).ok())?;
                    self.resources.catalog.route(&service, valilik.try_into().ok()?).cloned()
                });
            let here = unit.is_some_and(|unit| staffed.contains(&unit.as_str()));
            if here || i.is_multiple_of(ELSEWHERE) {
                batch.push(submission(key, value));
            }
        }
        // One citizen in a while thinks better of it, while there is something to withdraw.
        if day % 7 == 3 && round == 0 {
            // Staff have decided since.
            self.look()?;
            if let Some(application) = self.open.values().find(|application| !application.status.is_closed())
            {
                let withdrawal = serde_json::json!({
                    "schema": "edevlet.withdrawal.v1",
                    "submission_id": application.submission_id,
                    "withdrawn_at": self.resources.clock.now(),
                    "reason": "Başvurumdan vazgeçiyorum.",
                });
                batch.push(submission(
                    application.submission_id.to_string().into(),
                    withdrawal.to_string().into(),
                ));
            }
        }
        let received = events(log)? + i64::try_from(batch.len())?;
        log.producer()?.send(batch)?;
        // Everything sent leads to an event (or more, when a clock strikes meanwhile).
        let started = Instant::now();
        while started.elapsed() < RECEIPT {
            if events(log)? >= received {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the demo's submissions of day {day} are not being received: see the log above")
    }

    /// Reads what has become of the applications.
    fn look(&mut self) -> anyhow::Result<()> {
        let open = &mut self.open;
        let mut failed = Ok(());
        self.snapshots.catch_up(&mut |record| {
            if record.value.is_none() {
                return;
            }
            match StateRecord::from_record(&record) {
                Ok(StateRecord::Application(application)) => {
                    open.insert(application.id, *application);
                }
                Ok(StateRecord::ClosedMarker(stub)) => {
                    open.remove(&stub.id);
                }
                Ok(_) => {}
                Err(error) => failed = Err(error.into()),
            }
        })?;
        failed
    }
}

fn events(log: &dyn Log) -> anyhow::Result<i64> {
    Ok(log.bounds(topic::EVENTS)?.iter().map(|b| b.high).sum())
}

fn submission(key: bytes::Bytes, value: bytes::Bytes) -> Outgoing {
    Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: Some(key),
        value: Some(value),
        headers: Vec::new(),
    }
}

/// What the staff of the unit do next, if they get round to it. The same application on the
/// same look always meets the same luck.
fn next(resources: &Resources, a: &Application, look: u64) -> anyhow::Result<Option<ApplicationCommand>> {
    let Some((_, city)) = UNITS.iter().find(|(unit, _)| *unit == a.unit.as_str()) else { return Ok(None) };
    let luck = Uuid::new_v5(&a.id.0, &look.to_be_bytes()).as_u128() % 100;
    let fate = a.id.0.as_u128() % 100;
    let text =
        |field, words: &str| resources.sealer.seal_text_like(&a.content, &a.id.to_string(), field, words);
    let person = |name: &str| format!("{city}.{name}").parse::<UserName>();
    let (actor, body) = match &a.status {
        // One in twelve is overlooked, and will be late.
        Status::Unassigned if fate < 8 || luck >= 35 => return Ok(None),
        Status::Unassigned if fate.is_multiple_of(2) => {
            (person("yetkili")?, CommandBody::Assign { officer: person("sorumlu")? })
        }
        Status::Unassigned => (person("sorumlu2")?, CommandBody::Claim),
        Status::Assigned { .. } if luck >= 25 => return Ok(None),
        Status::Assigned { officer } if a.phase.is_pre_application() => {
            let required = resources.catalog.service(&a.service).map(|s| s.required_documents.as_slice());
            let missing = required.unwrap_or_default().iter().find(|d| !a.checks.contains_key(&d.code));
            let body = match missing {
                Some(_) if fate > 90 => return Ok(None),
                Some(missing) => CommandBody::CheckDocument { document: missing.code.clone(), present: true },
                None => CommandBody::CompletePreApplication,
            };
            (officer.clone(), body)
        }
        Status::Assigned { officer } if fate > 96 => {
            let plate = a.valilik;
            let target = format!("{plate}-acik-kapi").parse()?;
            let reason = text(Field::ReferralReason, "Başvuru birimimizin görev alanına girmemektedir.")?;
            (officer.clone(), CommandBody::ProposeReferral { target, reason })
        }
        Status::Assigned { officer } if a.answers.is_empty() => {
            let words = if fate.is_multiple_of(4) {
                "Başvurunuz incelenmiş, mevzuatta aranan şartları taşımadığı anlaşıldığından uygun görülmemiştir."
            } else {
                "Başvurunuz incelenmiş ve uygun görülmüştür. Bilgilerinize sunulur."
            };
            (officer.clone(), CommandBody::AddAnswer { text: text(Field::Answer, words)? })
        }
        Status::Assigned { officer } if fate.is_multiple_of(4) => {
            (officer.clone(), CommandBody::SubmitForRejection)
        }
        Status::Assigned { officer } => (officer.clone(), CommandBody::SubmitForApproval),
        Status::AwaitingApproval { .. } if luck >= 45 => return Ok(None),
        Status::AwaitingApproval { proposal, .. }
            if luck < 4 && a.sent_back.is_none() && !matches!(proposal, Proposal::Referral { .. }) =>
        {
            let reason = text(Field::SendBackReason, "Cevapta dayanak mevzuat belirtilmelidir.")?;
            (person("yetkili")?, CommandBody::SendBack { reason })
        }
        Status::AwaitingApproval { .. } => (person("yetkili")?, CommandBody::Approve),
        Status::Closed { .. } => return Ok(None),
    };
    let command = Command {
        id: CommandId(Uuid::now_v7()),
        actor: Actor::Staff(actor),
        expected_version: Some(a.version),
        at: resources.clock.now(),
        body,
    };
    Ok(Some(ApplicationCommand { application: a.id, command }))
}
