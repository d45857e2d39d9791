//! Decides commands: one file for each, with its guard and its rule.
//!
//! Each file has `may`, the guard, which does not depend on the content of the command, and `decide`,
//! which calls `may` and then checks the content. Pages offer actions by the same `may`
//! ([`allowed_actions`]), so that they never offer what would be refused.
//!
//! The order of the checks: a command that was applied before changes nothing; then who the actor is
//! (active, role, unit); then whether they saw the present version (decision n); then whether it is
//! open; then the rest.
//!
//! # Time
//! The time of the decision is used, but never a time before the last event.
//! - *After the deadline*, an open application may be acted on. The breach is recorded first, by the
//!   same event that the system would record, so that it is recorded exactly once, whoever comes first.
//! - *After its lapse*, an Ön Başvuru takes only the system's own command. Everyone else is refused
//!   ([`Refusal::PreApplicationLapsed`]) and nothing is recorded, whether or not the system has closed
//!   it already. So the outcome does not depend on who comes first, and nothing ever happens to it after
//!   the time of its lapse.

mod add_answer;
mod add_note;
mod allowed;
mod approve;
mod assign;
mod attach_document;
mod attach_official_document;
mod check_document;
mod citizen_withdraw;
mod claim;
mod complete_pre_application;
mod context;
mod guard;
mod lapse;
mod propose_referral;
mod receive;
mod record;
mod record_breach;
mod send_back;
mod submit_for_approval;
mod submit_for_rejection;
mod take_back;

use super::command::{Command, CommandBody};
use super::event::Event;
use super::refusal::Refusal;
use super::state::Application;

pub use allowed::allowed_actions;
pub use context::{Context, NextNumber};
use guard::Case;
pub(super) use receive::again as received_again;

/// The events of `command` on `state` (`None`: there is no such application yet).
///
/// No events means that nothing changes: the command was applied before, or asks for what is already
/// so.
///
/// # Errors
/// A [`Refusal`]; nothing changes.
pub fn decide(
    state: Option<&Application>,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<Vec<Event>, Refusal> {
    let Some(app) = state else {
        return match &command.body {
            CommandBody::Receive(receive) => receive::decide(receive, command, ctx).map(|event| vec![event]),
            _ => Err(Refusal::NotFound),
        };
    };
    if let CommandBody::Receive(receive) = &command.body {
        receive::again(app.has_applied(command.id), &app.content_hash, receive)?;
    }
    if app.has_applied(command.id) {
        return Ok(Vec::new());
    }
    let case = &Case::of_command(app, command, ctx);
    let ruling = match &command.body {
        CommandBody::Receive(_) => return Err(Refusal::AlreadyReceived),
        CommandBody::Assign { officer } => assign::decide(case, officer),
        CommandBody::Claim => claim::decide(case),
        CommandBody::TakeBack => take_back::decide(case),
        CommandBody::CheckDocument { document, present } => check_document::decide(case, document, *present),
        CommandBody::AttachDocument { document } => attach_document::decide(case, document),
        CommandBody::CompletePreApplication => complete_pre_application::decide(case),
        CommandBody::AttachOfficialDocument { document } => attach_official_document::decide(case, document),
        CommandBody::AddAnswer { text } => add_answer::decide(case, text),
        CommandBody::AddNote { text } => add_note::decide(case, text),
        CommandBody::SubmitForApproval => submit_for_approval::decide(case),
        CommandBody::SubmitForRejection => submit_for_rejection::decide(case),
        CommandBody::ProposeReferral { target, reason } => propose_referral::decide(case, target, reason),
        CommandBody::Approve => approve::decide(case),
        CommandBody::SendBack { reason } => send_back::decide(case, reason),
        CommandBody::CitizenWithdraw { reason } => citizen_withdraw::decide(case, reason.as_ref()),
        CommandBody::Lapse => lapse::decide(case),
        CommandBody::RecordBreach => record_breach::decide(case),
    }?;
    Ok(record::events(case, command.id, ruling))
}
