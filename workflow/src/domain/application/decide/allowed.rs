//! What a person may do with an application now, and if not, why: for pages.

use jiff::Timestamp;

use crate::domain::actor::Actor;
use crate::domain::catalog::Catalog;
use crate::domain::directory::Directory;
use crate::domain::ids::UserName;

use super::super::action::Action;
use super::super::refusal::Refusal;
use super::super::state::Application;
use super::guard::Case;
use super::{
    add_answer, add_note, approve, assign, attach_document, attach_official_document, check_document, claim,
    complete_pre_application, propose_referral, send_back, submit_for_approval, submit_for_rejection,
    take_back,
};

/// Every action, and whether `user` may do it to `app` now, by the guards of [`super::decide()`]. A
/// command whose action is `Ok` here is refused there only for its own content (an empty text, an unfit
/// officer or target), or because something has changed.
#[must_use]
pub fn allowed_actions(
    app: &Application,
    user: &UserName,
    directory: &Directory,
    catalog: &Catalog,
    now: Timestamp,
) -> Vec<(Action, Result<(), Refusal>)> {
    Action::ALL.map(|action| (action, may(action, app, user, directory, catalog, now))).to_vec()
}

/// Whether `user` may do `action` now, by the guard that decides the command.
fn may(
    action: Action,
    app: &Application,
    user: &UserName,
    directory: &Directory,
    catalog: &Catalog,
    now: Timestamp,
) -> Result<(), Refusal> {
    let actor = Actor::Staff(user.clone());
    let case = &Case::of_page(app, &actor, directory, catalog, now);
    match action {
        Action::Assign => assign::may(case).map(drop),
        Action::Claim => claim::may(case).map(drop),
        Action::TakeBack => take_back::may(case).map(drop),
        Action::CheckDocument => check_document::may(case).map(drop),
        Action::AttachDocument => attach_document::may(case).map(drop),
        Action::CompletePreApplication => complete_pre_application::may(case).map(drop),
        Action::AttachOfficialDocument => attach_official_document::may(case).map(drop),
        Action::AddAnswer => add_answer::may(case).map(drop),
        Action::AddNote => add_note::may(case).map(drop),
        Action::SubmitForApproval => submit_for_approval::may(case).map(drop),
        Action::SubmitForRejection => submit_for_rejection::may(case).map(drop),
        Action::ProposeReferral => propose_referral::may(case).map(drop),
        Action::Approve => approve::may(case).map(drop),
        Action::SendBack => send_back::may(case).map(drop),
    }
}
