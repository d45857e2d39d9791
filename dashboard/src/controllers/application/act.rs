//! `POST /basvurular/{no}/{islem}`: one action. The form says which version its sender saw
//! and carries the command's id, so that sending it twice does it once.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{
    Action, Application, Command, CommandBody, Refusal, Visibility,
};
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::sealed::SealedText;
use ebasvuru_workflow::message::{ApplicationCommand, Decision};
use ebasvuru_workflow::seal::Field;
use uuid::Uuid;

use super::attach::attach;
use super::load;
use super::offer::{Typed, cevap_ekle};
use super::show::{Said, page};
use crate::app::{App, AppState};
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::{say, tr};
use crate::labels;
use crate::page::percent;
use crate::problem::Problem;

/// `POST /basvurular/{no}/{islem}`
pub async fn submit(
    action: Action,
    State(app): State<App>,
    viewer: Viewer,
    Path(no): Path<String>,
    form: Submitted,
) -> Result<Response, Problem> {
    let seen = load::application(&app, &viewer.user, &no).await?;
    let typed = Typed::of(&form);
    let list = form.text("liste");
    let refused = |sentence: String| Said {
        refused: Some((action, sentence, typed.clone())),
        list: list.clone(),
        ..Said::default()
    };
    let body = match body(&app, &viewer, action, &seen, &form).await? {
        Ok(body) => body,
        Err(sentence) => return page(&app, &viewer, &seen, &refused(sentence)).await,
    };
    if action.is_irreversible() && form.text("emin") != "1" {
        return page(&app, &viewer, &seen, &Said { confirm: Some(action), list, ..Said::default() }).await;
    }
    let command = ApplicationCommand {
        application: seen.id,
        command: Command {
            id: form.text("komut").parse().unwrap_or_else(|_| CommandId(Uuid::now_v7())),
            actor: Actor::Staff(viewer.user.name.clone()),
            expected_version: form.text("surum").parse().ok(),
            at: app.clock.now(),
            body,
        },
    };
    let reply = app.gateway.ask(&command).await?;
    let now_is = reply.application.as_deref().unwrap_or(&seen);
    let visible = load::sees(&app, &viewer.user, now_is) != Visibility::Hidden;
    match reply.decision {
        // A havale that was approved takes it out of sight.
        Decision::Accepted { .. } if visible => {
            let mut to = format!("/basvurular/{no}?oldu={}", action.slug());
            if !list.is_empty() {
                to.push_str(&format!("&liste={}", percent(&list)));
            }
            Ok(Redirect::to(&to).into_response())
        }
        Decision::Accepted { .. } => {
            Ok(Redirect::to(&format!("/basvurular?oldu={}", action.slug())).into_response())
        }
        Decision::Refused { .. } if !visible => Err(Problem::NotFound),
        Decision::Refused { code, text_tr } => {
            let conflict = code == Refusal::VersionConflict.code();
            page(&app, &viewer, now_is, &Said { conflict, ..refused(tr(&text_tr).to_owned()) }).await
        }
    }
}

/// The command that a form asks for, or the sentence that says what is wrong with the form.
async fn body(
    app: &AppState,
    viewer: &Viewer,
    action: Action,
    a: &Application,
    form: &Submitted,
) -> Result<Result<CommandBody, String>, Problem> {
    let attached = match action {
        Action::AttachDocument | Action::AttachOfficialDocument => attach(app, a, form).await?,
        _ => Err(String::new()),
    };
    let field = match action {
        Action::AddAnswer | Action::AddNote => match cevap_ekle(&viewer.user, a) {
            Action::AddAnswer => Some(Field::Answer),
            _ => Some(Field::Note),
        },
        Action::SendBack => Some(Field::SendBackReason),
        Action::ProposeReferral => Some(Field::ReferralReason),
        _ => None,
    };
    let written = match field {
        Some(field) => words(app, a, field, form)?,
        None => Err(String::new()),
    };
    Ok(match action {
        Action::Claim => Ok(CommandBody::Claim),
        Action::TakeBack => Ok(CommandBody::TakeBack),
        Action::CompletePreApplication => Ok(CommandBody::CompletePreApplication),
        Action::SubmitForApproval => Ok(CommandBody::SubmitForApproval),
        Action::SubmitForRejection => Ok(CommandBody::SubmitForRejection),
        Action::Approve => Ok(CommandBody::Approve),
        Action::Assign => match form.text("sorumlu").parse() {
            Ok(officer) => Ok(CommandBody::Assign { officer }),
            Err(_) => Err(tr("Bir Sorumlu seçiniz.").into()),
        },
        Action::CheckDocument => match form.text("belge").parse() {
            Ok(document) => Ok(CommandBody::CheckDocument { document, present: form.text("var") == "1" }),
            Err(_) => Err(tr(Refusal::UnknownDocument.text_tr()).into()),
        },
        Action::AttachDocument => attached.map(|document| CommandBody::AttachDocument { document }),
        Action::AttachOfficialDocument => {
            attached.map(|document| CommandBody::AttachOfficialDocument { document })
        }
        Action::AddAnswer | Action::AddNote => written.map(|text| match field {
            Some(Field::Answer) => CommandBody::AddAnswer { text },
            _ => CommandBody::AddNote { text },
        }),
        Action::SendBack => written.map(|reason| CommandBody::SendBack { reason }),
        Action::ProposeReferral => match form.text("birim").parse() {
            Ok(target) => written.map(|reason| CommandBody::ProposeReferral { target, reason }),
            Err(_) => Err(tr("Havale edilecek birimi seçiniz.").into()),
        },
    })
}

fn words(
    app: &AppState,
    a: &Application,
    field: Field,
    form: &Submitted,
) -> Result<Result<SealedText, String>, Problem> {
    let text = form.text("metin");
    if text.is_empty() {
        return Ok(Err(tr(Refusal::TextMissing.text_tr()).into()));
    }
    let over = text.chars().count().saturating_sub(budget::TEXT_CHARS);
    if over > 0 {
        return Ok(Err(say!(
            "Metin en fazla {n} karakter olabilir; {over} karakter kısaltınız.",
            n = labels::thousands(budget::TEXT_CHARS as u64),
            over = labels::thousands(over as u64)
        )));
    }
    let sealed = app.sealer.seal_text_like(&a.content, &a.id.to_string(), field, &text);
    sealed.map(Ok).map_err(|error| Problem::Internal(error.to_string()))
}
