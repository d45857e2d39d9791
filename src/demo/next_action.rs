//! What the demo's staff do with an application.

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Application, Command, CommandBody, Proposal, Status};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use ebasvuru_workflow::message::ApplicationCommand;
use ebasvuru_workflow::seal::Field;
use uuid::Uuid;

use super::staff::user_name_prefix;
use crate::bootstrap::Resources;

/// The next command of the unit's staff, if they act in this round. `fate` is fixed for an
/// application, `luck` for an application and a round; both are in percent.
pub fn next_action(
    resources: &Resources,
    application: &Application,
    round: u64,
) -> anyhow::Result<Option<ApplicationCommand>> {
    let Some(prefix) = user_name_prefix(&application.unit) else { return Ok(None) };
    let luck = Uuid::new_v5(&application.id.0, &round.to_be_bytes()).as_u128() % 100;
    let fate = application.id.0.as_u128() % 100;
    let text = |field, text: &str| {
        resources.sealer.seal_text_like(&application.content, &application.id.to_string(), field, text)
    };
    let user = |name: &str| format!("{prefix}.{name}").parse::<UserName>();
    let (actor, body) = match &application.status {
        // Some applications are overlooked, and their deadline passes.
        Status::Unassigned if fate < 8 || luck >= 35 => return Ok(None),
        Status::Unassigned if fate.is_multiple_of(2) => {
            (user("yetkili")?, CommandBody::Assign { officer: user("sorumlu")? })
        }
        Status::Unassigned => (user("sorumlu2")?, CommandBody::Claim),
        Status::Assigned { .. } if luck >= 25 => return Ok(None),
        Status::Assigned { officer } if application.phase.is_pre_application() => {
            let required =
                resources.catalog.service(&application.service).map(|s| s.required_documents.as_slice());
            let missing =
                required.unwrap_or_default().iter().find(|d| !application.checks.contains_key(&d.code));
            let body = match missing {
                Some(_) if fate > 90 => return Ok(None),
                Some(missing) => CommandBody::CheckDocument { document: missing.code.clone(), present: true },
                None => CommandBody::CompletePreApplication,
            };
            (officer.clone(), body)
        }
        Status::Assigned { officer } if fate > 96 => {
            let target = format!("{}-acik-kapi", application.valilik).parse()?;
            let reason = text(Field::ReferralReason, "Başvuru birimimizin görev alanına girmemektedir.")?;
            (officer.clone(), CommandBody::ProposeReferral { target, reason })
        }
        Status::Assigned { officer } if application.answers.is_empty() => {
            let answer = if fate.is_multiple_of(4) {
                "Başvurunuz incelenmiş, mevzuatta aranan şartları taşımadığı anlaşıldığından uygun görülmemiştir."
            } else {
                "Başvurunuz incelenmiş ve uygun görülmüştür. Bilgilerinize sunulur."
            };
            (officer.clone(), CommandBody::AddAnswer { text: text(Field::Answer, answer)? })
        }
        Status::Assigned { officer } if fate.is_multiple_of(4) => {
            (officer.clone(), CommandBody::SubmitForRejection)
        }
        Status::Assigned { officer } => (officer.clone(), CommandBody::SubmitForApproval),
        Status::AwaitingApproval { .. } if luck >= 45 => return Ok(None),
        Status::AwaitingApproval { proposal, .. }
            if luck < 4
                && application.sent_back.is_none()
                && !matches!(proposal, Proposal::Referral { .. }) =>
        {
            let reason = text(Field::SendBackReason, "Cevapta dayanak mevzuat belirtilmelidir.")?;
            (user("yetkili")?, CommandBody::SendBack { reason })
        }
        Status::AwaitingApproval { .. } => (user("yetkili")?, CommandBody::Approve),
        Status::Closed { .. } => return Ok(None),
    };
    let command = Command {
        id: CommandId(Uuid::now_v7()),
        actor: Actor::Staff(actor),
        expected_version: Some(application.version),
        at: resources.clock.now(),
        body,
    };
    Ok(Some(ApplicationCommand { application: application.id, command }))
}
