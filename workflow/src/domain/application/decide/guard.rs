//! What the guards of all commands share: who acts, on which application, and what they saw.

use jiff::Timestamp;

use crate::budget;
use crate::domain::actor::{Actor, Role};
use crate::domain::catalog::{Catalog, Service};
use crate::domain::directory::{Authority, Directory};
use crate::domain::document::Document;
use crate::domain::ids::UserName;
use crate::domain::sealed::SealedText;
use crate::domain::user::User;

use super::super::command::Command;
use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::super::state::{Application, Phase, Proposal, Status};
use super::context::Context;

/// An application, who acts on it, and what they saw.
pub(super) struct Case<'a> {
    pub app: &'a Application,
    pub actor: &'a Actor,
    pub directory: &'a Directory,
    pub catalog: &'a Catalog,
    /// The time of the decision, but not before the last event, because the clocks of replicas differ.
    pub at: Timestamp,
    seen: Seen,
}

/// The version that the actor saw.
enum Seen {
    /// The present one: a page asks what may be done with what it shows.
    Present,
    /// What the command says.
    Said(Option<u64>),
}

impl<'a> Case<'a> {
    pub fn of_command(app: &'a Application, command: &'a Command, ctx: &Context<'a>) -> Self {
        let seen = Seen::Said(command.expected_version);
        Self { seen, ..Self::of_page(app, &command.actor, ctx.directory, ctx.catalog, ctx.now) }
    }

    pub fn of_page(
        app: &'a Application,
        actor: &'a Actor,
        directory: &'a Directory,
        catalog: &'a Catalog,
        now: Timestamp,
    ) -> Self {
        Self { app, actor, directory, catalog, at: now.max(app.last_at()), seen: Seen::Present }
    }

    /// The actor is the citizen, the application open.
    pub fn citizen(&self) -> Result<(), Refusal> {
        if *self.actor == Actor::Citizen { self.seen_and_open() } else { Err(Refusal::NotAllowed) }
    }

    /// The actor is the product itself.
    pub fn system(&self) -> Result<(), Refusal> {
        if *self.actor == Actor::System { self.is_seen() } else { Err(Refusal::NotAllowed) }
    }

    /// The actor may act as Yetkili of the unit (own or lent authority), the application is open.
    pub fn supervisor(&self) -> Result<Authority, Refusal> {
        let user = self.member()?;
        let authority = self.authorities(&user.name).next().ok_or(Refusal::NotAllowed)?;
        self.seen_and_open()?;
        Ok(authority)
    }

    /// The authorities by which `name` may act as Yetkili of the unit.
    pub fn authorities(&self, name: &UserName) -> impl Iterator<Item = Authority> {
        self.directory.authorities(name, &self.app.unit, self.at)
    }

    /// The actor is a Sorumlu of the unit, the application is open.
    pub fn officer(&self) -> Result<&'a UserName, Refusal> {
        let user = self.member()?;
        if user.profile.role != Role::Officer {
            return Err(Refusal::NotAllowed);
        }
        self.seen_and_open()?;
        Ok(&user.name)
    }

    /// The actor holds it, and may change it, because nothing awaits approval (decision e).
    pub fn holder(&self) -> Result<&'a UserName, Refusal> {
        let officer = self.officer()?;
        match &self.app.status {
            Status::Assigned { officer: holder } if holder == officer => Ok(officer),
            Status::AwaitingApproval { officer: holder, .. } if holder == officer => {
                Err(Refusal::AwaitingApproval)
            }
            _ => Err(Refusal::NotHolder),
        }
    }

    /// As [`Case::holder`], for a Başvuru: an Ön Başvuru must be completed first.
    pub fn holder_answering(&self) -> Result<&'a UserName, Refusal> {
        let holder = self.holder()?;
        if self.app.phase.is_pre_application() { Err(Refusal::PreApplicationOpen) } else { Ok(holder) }
    }

    /// As [`Case::holder`], for an Ön Başvuru.
    pub fn holder_completing(&self) -> Result<&'a UserName, Refusal> {
        let holder = self.holder()?;
        if self.app.phase.is_pre_application() { Ok(holder) } else { Err(Refusal::NotPreApplication) }
    }

    /// Nobody holds it (decision c).
    pub fn unheld(&self) -> Result<(), Refusal> {
        if self.app.status.holder().is_some() { Err(Refusal::AlreadyHeld) } else { Ok(()) }
    }

    /// Somebody holds it.
    pub fn held_by(&self) -> Result<&'a UserName, Refusal> {
        self.app.status.holder().ok_or(Refusal::NotHeld)
    }

    /// What awaits approval, and who proposed it.
    pub fn pending(&self) -> Result<(&'a Proposal, &'a UserName), Refusal> {
        match &self.app.status {
            Status::AwaitingApproval { proposal, proposed_by, .. } => Ok((proposal, proposed_by)),
            _ => Err(Refusal::NothingToApprove),
        }
    }

    /// The service of the application.
    pub fn service(&self) -> Result<&'a Service, Refusal> {
        self.catalog.service(&self.app.service).ok_or(Refusal::NotRoutable)
    }

    /// The deadline, if it has passed and the breach is not recorded yet.
    pub fn unrecorded_breach(&self) -> Option<Timestamp> {
        match self.app.phase {
            Phase::Application { due_at }
                if due_at <= self.at && self.app.breached_at.is_none() && !self.app.status.is_closed() =>
            {
                Some(due_at)
            }
            _ => None,
        }
    }

    /// It is open, and not a lapsed Ön Başvuru.
    pub fn open(&self) -> Result<(), Refusal> {
        match self.app.phase {
            _ if self.app.status.is_closed() => Err(Refusal::Closed),
            Phase::PreApplication { lapses_at } if lapses_at <= self.at => Err(Refusal::PreApplicationLapsed),
            _ => Ok(()),
        }
    }

    /// There is room for this many bytes, and still for an answer: without an answer it could not be
    /// closed.
    pub fn room_for(&self, bytes: usize) -> Result<(), Refusal> {
        self.room_for_all(bytes + budget::LAST_ANSWER)
    }

    /// There is room for this many bytes.
    pub fn room_for_all(&self, bytes: usize) -> Result<(), Refusal> {
        if bytes <= self.app.room() { Ok(()) } else { Err(Refusal::ApplicationFull) }
    }

    fn seen_and_open(&self) -> Result<(), Refusal> {
        self.is_seen()?;
        self.open()
    }

    /// The actor is an active member of the unit, with a role that acts on applications.
    fn member(&self) -> Result<&'a User, Refusal> {
        let Actor::Staff(name) = self.actor else { return Err(Refusal::NotAllowed) };
        let user = self.directory.active(name).ok_or(Refusal::NotActive)?;
        match user.profile.role {
            Role::Administrator | Role::Coordinator => Err(Refusal::NotAllowed),
            Role::Supervisor | Role::Officer if user.profile.unit.as_ref() != Some(&self.app.unit) => {
                Err(Refusal::OtherUnit)
            }
            Role::Supervisor | Role::Officer => Ok(user),
        }
    }

    /// Staff must name the version that they saw; a named version must be the present one (decision n).
    fn is_seen(&self) -> Result<(), Refusal> {
        match self.seen {
            Seen::Said(Some(version)) if version != self.app.version => Err(Refusal::VersionConflict),
            Seen::Said(None) if matches!(self.actor, Actor::Staff(_)) => Err(Refusal::VersionMissing),
            Seen::Present | Seen::Said(_) => Ok(()),
        }
    }
}

/// The result of a command.
pub(super) struct Ruling {
    /// What happens; `None` if nothing changes.
    pub body: Option<EventBody>,
    /// Whose authority was used, when not the actor's own.
    pub on_behalf_of: Option<UserName>,
    /// When, if not at the time of the decision.
    pub at: Option<Timestamp>,
}

impl Ruling {
    /// Nothing changes.
    pub const NOTHING: Self = Self { body: None, on_behalf_of: None, at: None };

    /// This happens now, by the actor's own authority.
    pub fn happens(body: EventBody) -> Self {
        Self { body: Some(body), ..Self::NOTHING }
    }

    /// This happens now, by this authority.
    pub fn by(authority: Authority, body: EventBody) -> Self {
        Self { on_behalf_of: authority.on_behalf_of(), ..Self::happens(body) }
    }

    /// This happened at that time.
    pub fn at(moment: Timestamp, body: EventBody) -> Self {
        Self { at: Some(moment), ..Self::happens(body) }
    }
}

/// The text, if it is not empty and not too long.
pub(super) fn written(text: &SealedText) -> Result<SealedText, Refusal> {
    match text.chars {
        0 => Err(Refusal::TextMissing),
        _ if !text.fits() => Err(Refusal::TextTooLong),
        _ => Ok(text.clone()),
    }
}

/// The file, if its name and media type are not too long.
pub(super) fn fitting(document: &Document) -> Result<Document, Refusal> {
    if document.fits() { Ok(document.clone()) } else { Err(Refusal::DocumentUnfit) }
}

/// There are fewer than `most` items.
pub(super) fn fewer(count: usize, most: usize) -> Result<(), Refusal> {
    if count < most { Ok(()) } else { Err(Refusal::ApplicationFull) }
}
