//! What the demo's staff do with an application when they come to it.
//!
//! Everything that differs between applications (how long they wait, how they end) follows from their ids, so
//! that each keeps to its own story.

use ebasvuru_ingest::generate::sample;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::event::EventKind;
use ebasvuru_workflow::domain::application::{Application, Command, CommandBody, Phase, Proposal, Status};
use ebasvuru_workflow::domain::catalog::Service;
use ebasvuru_workflow::domain::document::{Document, store_uri};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::domain::sealed::SealedText;
use ebasvuru_workflow::message::ApplicationCommand;
use ebasvuru_workflow::random::Random;
use ebasvuru_workflow::seal::Field;
use jiff::Timestamp;
use uuid::Uuid;

use super::replies::{Letter, ServiceReplies, replies, replies_to};
use super::staff::{Staff, Team};
use crate::bootstrap::Resources;

/// The share of applications that are overlooked, and answered late if at all.
const LATE: f64 = 0.1;
/// The share of Ön Başvurular whose citizen never comes, and of those who come twice.
const NEVER_BROUGHT: f64 = 0.08;
const BROUGHT_IN_PARTS: f64 = 0.3;
/// The share of applications that the Yetkili hands out; the others are taken.
const HANDED_OUT: f64 = 0.55;
/// The share of handed out applications with a note, of proposals sent back, of applications that move to
/// another Sorumlu, and of answers written some days before they are sent.
const WITH_NOTE: f64 = 0.15;
const SENT_BACK: f64 = 0.07;
const MOVED: f64 = 0.03;
const DRAFTED: f64 = 0.4;
/// The share of applications that go to the first Sorumlu of a unit, who can take more than the others.
const TO_FIRST: f64 = 0.34;
/// How often somebody who could go on with an application does so at a moment: there are others.
const TURN: f64 = 0.25;
/// The share of the term after which it is taken up at once, and after which it is decided with no other.
const PRESSING: f64 = 0.5;
const URGENT: f64 = 0.8;

/// What somebody does with an application in one go.
pub struct Visit {
    by: UserName,
    does: Vec<CommandBody>,
}

impl Visit {
    fn new(by: &UserName, does: impl IntoIterator<Item = CommandBody>) -> Self {
        Self { by: by.clone(), does: does.into_iter().collect() }
    }

    /// The commands, each for the version after the one before.
    pub fn commands(self, application: &Application, at: Timestamp) -> Vec<ApplicationCommand> {
        let commands = self.does.into_iter().zip(application.version..).map(|(body, version)| Command {
            id: CommandId(Uuid::now_v7()),
            actor: Actor::Staff(self.by.clone()),
            expected_version: Some(version),
            at,
            body,
        });
        commands.map(|command| ApplicationCommand { application: application.id, command }).collect()
    }
}

/// An application on somebody's desk.
pub struct Desk<'a> {
    resources: &'a Resources,
    staff: &'a Staff,
    team: &'a Team,
    app: &'a Application,
    service: &'a Service,
    replies: &'static ServiceReplies,
    now: Timestamp,
    /// How much of the term, or of the period of an Ön Başvuru, has passed.
    used: f64,
}

impl<'a> Desk<'a> {
    /// `None` for a unit without staff.
    pub fn new(
        resources: &'a Resources,
        staff: &'a Staff,
        app: &'a Application,
        now: Timestamp,
    ) -> Option<Self> {
        let team = staff.teams.get(&app.unit)?;
        let service = resources.catalog.service(&app.service)?;
        let completed = app.history.iter().find(|entry| entry.what == EventKind::PreApplicationCompleted);
        let from = completed.map_or(app.received_at, |entry| entry.at);
        let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64();
        let used = seconds(from, now) / seconds(from, app.phase.timer_at()).max(1.0);
        Some(Self { resources, staff, team, app, service, replies: replies_to(&app.service), now, used })
    }

    /// What is done now, if it is time; approvals are another matter.
    pub fn visit(&self) -> anyhow::Result<Option<Visit>> {
        if !self.is_pressing() && self.share(&self.now.to_string()) >= TURN {
            return Ok(None);
        }
        match &self.app.status {
            Status::Unassigned => Ok(self.hand_out()?),
            Status::Assigned { officer } => self.work(officer),
            Status::AwaitingApproval { .. } | Status::Closed { .. } => Ok(None),
        }
    }

    /// What the Yetkili decides on a proposal.
    pub fn decision(&self, proposal: &Proposal, proposed_by: &UserName) -> anyhow::Result<Visit> {
        let is_referral = matches!(proposal, Proposal::Referral { .. });
        let supervisor = self.team.acting_supervisor(self.now, Some(proposed_by));
        let body =
            if !is_referral && !self.happened(EventKind::SentBack) && self.share("sent back") < SENT_BACK {
                let reason = self.random("sent back").pick::<String>(&replies().sent_back).clone();
                CommandBody::SendBack { reason: self.text(Field::SendBackReason, &reason)? }
            } else {
                CommandBody::Approve
            };
        Ok(Visit::new(supervisor, [body]))
    }

    /// Whether it is taken up at once.
    pub fn is_pressing(&self) -> bool {
        self.used >= PRESSING
    }

    /// Whether a proposal can wait no longer.
    pub fn is_urgent(&self) -> bool {
        self.used > URGENT
    }

    fn hand_out(&self) -> anyhow::Result<Option<Visit>> {
        let waits = match self.app.phase {
            Phase::PreApplication { .. } => 0.01 + 0.08 * self.share("waits"),
            Phase::Application { .. } if self.is_late() => 0.5,
            Phase::Application { .. } => self.closes_at() * (0.05 + 0.2 * self.share("waits")),
        };
        if self.used < waits {
            return Ok(None);
        }
        let officer = self.officer();
        if self.share("handed out") >= HANDED_OUT {
            return Ok(Some(Visit::new(officer, [CommandBody::Claim])));
        }
        let mut does = vec![CommandBody::Assign { officer: officer.clone() }];
        if self.share("note") < WITH_NOTE {
            let note = self.random("note").pick::<String>(&replies().notes).clone();
            does.push(CommandBody::AddNote { text: self.text(Field::Note, &note)? });
        }
        Ok(Some(Visit::new(self.team.acting_supervisor(self.now, None), does)))
    }

    fn work(&self, officer: &UserName) -> anyhow::Result<Option<Visit>> {
        if let Some(referral) = self.referral(officer)? {
            return Ok(Some(referral));
        }
        match self.app.phase {
            Phase::PreApplication { .. } => self.complete(officer),
            Phase::Application { .. } => self.answer(officer),
        }
    }

    /// A letter that is about something else goes to whom it concerns.
    fn referral(&self, officer: &UserName) -> anyhow::Result<Option<Visit>> {
        if self.used < 0.04 || self.replies.has_no_referrals() {
            return Ok(None);
        }
        let letter = Letter::open(&self.resources.sealer, self.app)?;
        let Some(referral) = letter.referral(self.replies) else { return Ok(None) };
        let target = format!("{:02}-{}", self.app.valilik.plate(), referral.to).parse()?;
        if target == self.app.unit || !self.staff.teams.contains_key(&target) {
            return Ok(None);
        }
        let reason = self.text(Field::ReferralReason, &referral.reason)?;
        Ok(Some(Visit::new(officer, [CommandBody::ProposeReferral { target, reason }])))
    }

    /// The citizen brings the documents, all at once or in two parts.
    fn complete(&self, officer: &UserName) -> anyhow::Result<Option<Visit>> {
        let required = self.service.required_documents.iter();
        let missing: Vec<_> = required.filter(|d| !self.app.checks.contains_key(&d.code)).collect();
        let comes = 0.08 + 0.6 * self.share("brings");
        if self.share("never") < NEVER_BROUGHT {
            return Ok(None);
        }
        let all = self.service.required_documents.len();
        let brings = if self.used >= comes {
            missing.len()
        } else if self.share("parts") < BROUGHT_IN_PARTS && self.used >= comes / 2.0 && missing.len() == all {
            all / 2
        } else {
            0
        };
        let mut does = Vec::new();
        for document in missing.iter().take(brings) {
            does.push(CommandBody::CheckDocument { document: document.code.clone(), present: true });
            does.push(CommandBody::AttachDocument { document: self.document(&file_name(&document.title))? });
        }
        if brings == missing.len() && self.used >= comes {
            does.push(CommandBody::CompletePreApplication);
        }
        Ok((!does.is_empty()).then(|| Visit::new(officer, does)))
    }

    /// The answer is written, and sent for approval at once or later.
    fn answer(&self, officer: &UserName) -> anyhow::Result<Option<Visit>> {
        let closes = self.closes_at();
        let moved = self.happened(EventKind::TakenBack) || self.share("moved") >= MOVED;
        if !moved && self.used >= closes * 0.4 && self.team.officers.len() > 1 {
            let other = self.team.officers.iter().find(|other| *other != officer);
            let assign = other.map(|other| CommandBody::Assign { officer: other.clone() });
            let does = [CommandBody::TakeBack].into_iter().chain(assign);
            return Ok(Some(Visit::new(self.team.acting_supervisor(self.now, None), does)));
        }
        let is_corrected = self.app.sent_back.is_some();
        let has_answer = !self.app.answers.is_empty() && !is_corrected;
        let is_drafted = !has_answer && !is_corrected && self.share("drafted") < DRAFTED;
        if self.used < closes * if is_drafted { 0.55 } else { 0.85 } {
            return Ok(None);
        }
        let letter = Letter::open(&self.resources.sealer, self.app)?;
        let refused = self.share("refused") < self.replies.refused && letter.may_be_refused(self.replies);
        let mut does = Vec::new();
        if !has_answer {
            let mut answer = letter.answer(self.replies, refused, &mut self.random("answer"));
            if is_corrected {
                answer.push(' ');
                answer.push_str(self.random("corrected").pick::<String>(&replies().corrected));
            }
            does.push(CommandBody::AddAnswer { text: self.text(Field::Answer, &answer)? });
        }
        if is_drafted {
            return Ok(Some(Visit::new(officer, does)));
        }
        if let Some(official) = letter.official(self.replies)
            && !refused
            && self.app.official_documents.is_empty()
        {
            does.push(CommandBody::AttachOfficialDocument { document: self.document(official)? });
        }
        does.push(if refused { CommandBody::SubmitForRejection } else { CommandBody::SubmitForApproval });
        Ok(Some(Visit::new(officer, does)))
    }

    /// At which share of the term the answer is ready.
    fn closes_at(&self) -> f64 {
        if self.is_late() {
            1.2 + 0.6 * self.share("closes")
        } else {
            (self.replies.pace * (0.5 + self.share("closes"))).min(0.85)
        }
    }

    fn is_late(&self) -> bool {
        self.share("late") < LATE
    }

    fn officer(&self) -> &'a UserName {
        let officers = &self.team.officers;
        if self.share("first") < TO_FIRST {
            return &officers[0];
        }
        self.random("officer").pick(officers)
    }

    fn happened(&self, what: EventKind) -> bool {
        self.app.history.iter().any(|entry| entry.what == what)
    }

    /// From 0 to 1, always the same for an application and a purpose.
    fn share(&self, purpose: &str) -> f64 {
        f64::from(self.random(purpose).below(1_000_000)) / 1_000_000.0
    }

    fn random(&self, purpose: &str) -> Random {
        random(self.app, purpose)
    }

    fn text(&self, field: Field, text: &str) -> anyhow::Result<SealedText> {
        let (content, context) = (&self.app.content, self.app.id.to_string());
        Ok(self.resources.sealer.seal_text_like(content, &context, field, text)?)
    }

    fn document(&self, name: &str) -> anyhow::Result<Document> {
        let file = sample(name);
        let (content, context) = (&self.app.content, self.app.id.to_string());
        Ok(Document {
            name: self.resources.sealer.seal_like(content, &context, Field::DocumentName, name.as_bytes())?,
            media_type: file.media_type.into(),
            size: file.blob.bytes.len() as u64,
            uri: store_uri(&file.blob.sha256),
            sha256: file.blob.sha256,
        })
    }
}

/// Random choices that are always the same for an application and a purpose.
pub fn random(application: &Application, purpose: &str) -> Random {
    let [a, b, c, d, e, f, g, h, ..] = Uuid::new_v5(&application.id.0, purpose.as_bytes()).into_bytes();
    Random::new(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// The name of the file in which a required document is attached.
pub fn file_name(title: &str) -> String {
    let short = title.split(" (").next().unwrap_or(title).replace('/', " ");
    let ending = if short.contains("fotoğraf") { "png" } else { "pdf" };
    format!("{short} (tarama).{ending}")
}
