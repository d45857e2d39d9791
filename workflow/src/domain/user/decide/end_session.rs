//! "Çıkış": ends this session, on every replica. It does not matter what else has changed, so the
//! version that the user saw is not checked.

use super::super::access::EndedSession;
use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::guard::Case;

pub(super) fn decide(case: &Case<'_>, session: &EndedSession) -> Result<UserEventBody, UserRefusal> {
    case.own()?;
    Ok(UserEventBody::SessionEnded { session: session.clone() })
}
