//! "Onayla": closes it olumlu or olumsuz, or moves it to another unit (requirement 21, decision d).
//!
//! Nobody approves their own proposal: neither by lent authority, nor after becoming Yetkili, nor by
//! authority that the proposer lent (decision f). And nobody approves who may have been the proposer: a
//! Yetkili who gave a Sorumlu a password could have proposed under that name. The directory knows who
//! set whose password, and when.
//!
//! A havale clears the holder. Phase, deadline, documents and checks stay, because they belong to the
//! service. The answer that the unit had prepared is set aside, so that only what the new unit writes
//! can be sent; the notes stay with the old unit (decisions b, g).

use crate::domain::actor::Actor;
use crate::domain::directory::Authority;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::super::state::{Outcome, Proposal};
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<(Authority, &'a Proposal, &'a UserName), Refusal> {
    case.supervisor()?;
    let (proposal, proposed_by) = case.pending()?;
    match case.actor {
        Actor::Staff(name) if name != proposed_by => {
            let authority = case
                .authorities(name)
                .find(|authority| *authority != Authority::OnBehalfOf(proposed_by.clone()))
                .ok_or(Refusal::OwnProposal)?;
            let proposed = (proposed_by, case.app.status_since);
            if case.directory.may_be_one_person(proposed, (name, case.at)) {
                return Err(Refusal::ProposerPasswordGiven);
            }
            Ok((authority, proposal, proposed_by))
        }
        _ => Err(Refusal::OwnProposal),
    }
}

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    let (authority, proposal, proposed_by) = may(case)?;
    let proposed_by = proposed_by.clone();
    let body = match proposal {
        Proposal::Answer => EventBody::Approved { outcome: Outcome::Positive, proposed_by },
        Proposal::Rejection => EventBody::Approved { outcome: Outcome::Negative, proposed_by },
        Proposal::Referral { target, .. } => {
            if case.catalog.unit(target).is_none() {
                return Err(Refusal::TargetUnfit);
            }
            EventBody::Referred { from: case.app.unit.clone(), to: target.clone(), proposed_by }
        }
    };
    Ok(Ruling::by(authority, body))
}
