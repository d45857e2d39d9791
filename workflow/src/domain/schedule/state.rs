//! The state of a scheduled report.

use std::collections::VecDeque;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::period::ReportPeriod;
use super::recipient::Recipient;
use super::timing::Timing;
use crate::budget;
use crate::domain::actor::Actor;
use crate::domain::ids::{CommandId, ScheduleId, SenderId};

/// How long a sending may take. Without an outcome by then, its sender has died, and nobody knows
/// whether the mail went out.
pub const SENDING_LASTS: SignedDuration = SignedDuration::from_mins(20);
/// The most missed occurrences that are counted.
const COUNTED: usize = 1000;

/// A report that is sent at its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The key: the id of the command that defined it.
    pub id: ScheduleId,
    /// The number of events so far.
    pub version: u64,
    /// The version in which a person last changed it. Forms name this one: a sending in between does
    /// not make them outdated.
    pub edited_version: u64,
    /// Who changed it last.
    pub edited_by: Actor,
    /// What is sent, when, to whom.
    pub terms: ScheduleTerms,
    /// Whether it sends by itself.
    pub active: bool,
    /// Occurrences after this time are still to be sent.
    pub due_since: Timestamp,
    /// The last sending.
    pub sending: Option<Sending>,
    /// The last commands, newest last, so that a command given twice changes nothing.
    pub recent_commands: VecDeque<CommandId>,
}

/// What is sent, when, to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleTerms {
    /// What people call it; the subject of the mail.
    pub name: String,
    /// The page of the report.
    pub report: ReportAddress,
    /// The days it is about.
    pub period: ReportPeriod,
    /// When.
    pub timing: Timing,
    /// To whom.
    pub recipients: Vec<Recipient>,
}

/// The address of a report's page with its filters, without host and period. The dashboard reads it;
/// here it is only bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReportAddress(String);

/// The text is no such address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the address of a page")]
pub struct BadReportAddress;

impl ReportAddress {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReportAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ReportAddress {
    type Error = BadReportAddress;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        let fits = s.len() <= budget::REPORT_ADDRESS
            && s.starts_with('/')
            && !s.starts_with("//")
            && s.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(s)) } else { Err(BadReportAddress) }
    }
}

impl From<ReportAddress> for String {
    fn from(address: ReportAddress) -> Self {
        address.0
    }
}

/// One sending. Whoever's [`SenderId`] it carries sends the mail, and nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// The command that started it.
    pub id: CommandId,
    /// Which process sends it.
    pub sender: SenderId,
    /// Who asked for it; the clock, or a member of staff ("Şimdi Gönder").
    pub actor: Actor,
    /// The time that it was due, or asked for. Its period is counted from this day.
    pub due_at: Timestamp,
    /// How many occurrences before it were missed and are not sent any more.
    pub missed: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended.
    pub outcome: Option<SendingOutcome>,
}

/// How a sending ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendingOutcome {
    /// When.
    pub at: Timestamp,
    /// How many recipients' mail the mail server took.
    pub delivered: usize,
    /// Who got none, and why.
    pub undelivered: Vec<Undelivered>,
}

/// A recipient whose mail the mail server did not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undelivered {
    /// Who.
    pub to: Recipient,
    /// Why, in the mail server's words or ours.
    pub reason: String,
}

/// An occurrence that is to be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Its time.
    pub at: Timestamp,
    /// How many occurrences before it were missed.
    pub missed: u32,
}

impl Schedule {
    /// The occurrence that is to be sent at `now`: the last one, however many were missed.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Due> {
        let at = self.terms.timing.last(now).filter(|at| self.active && *at > self.due_since)?;
        let next = |after: &Timestamp| self.terms.timing.next(*after);
        let all =
            std::iter::successors(next(&self.due_since), next).take_while(|occurrence| *occurrence < at);
        Some(Due { at, missed: u32::try_from(all.take(COUNTED).count()).unwrap_or(u32::MAX) })
    }

    /// When it sends next by itself.
    #[must_use]
    pub fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        let next = || self.due(now).map(|due| due.at).or_else(|| self.terms.timing.next(now));
        self.active.then(next).flatten()
    }

    /// Whether a sending is on its way.
    #[must_use]
    pub fn is_sending(&self, now: Timestamp) -> bool {
        self.sending.as_ref().is_some_and(|sending| !sending.is_over(now))
    }
}

impl Sending {
    /// Whether nobody sends it any more.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.outcome.is_some() || now.duration_since(self.started_at) >= SENDING_LASTS
    }
}
