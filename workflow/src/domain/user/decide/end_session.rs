//! "Çıkış": this session is over, on every replica. Whatever else changed meanwhile, so the
//! version that the user saw is not asked.

use super::super::access::EndedSession;
use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::guard::Case;

pub(super) fn decide(case: &Case<'_>, session: &EndedSession) -> Result<UserEventBody, UserRefusal> {
    case.own()?;
    Ok(UserEventBody::SessionEnded { session: session.clone() })
}
