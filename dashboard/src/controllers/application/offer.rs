//! The actions of the detail page: each with its form if it is allowed now, with the reason
//! if it is not.

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{
    Action, Application, Proposal, Rejection, Stage, allowed_actions,
};
use ebasvuru_workflow::domain::user::User;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::action::ADDRESSES;
use crate::app::AppState;
use crate::form::Submitted;
use crate::i18n::tr;

/// What was typed into a form that was refused, to be shown in it again. A file cannot be.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    text: String,
    choice: String,
}

impl Typed {
    /// What a form held.
    pub fn of(form: &Submitted) -> Self {
        let choice = [form.text("sorumlu"), form.text("birim")].into_iter().find(|c| !c.is_empty());
        Self { text: form.text("metin"), choice: choice.unwrap_or_default() }
    }
}

/// A form, or why there is none.
#[derive(Debug, Serialize)]
pub struct Offer {
    /// The name in the address.
    pub slug: &'static str,
    /// The button.
    pub label: &'static str,
    /// Whether it may be done now.
    pub allowed: bool,
    /// Why it may not.
    pub reason: &'static str,
    /// What the form asks for.
    pub kind: &'static str,
    /// The label of the text, if it asks for one.
    pub text_label: &'static str,
    /// The label of the choice, if it asks for one.
    pub choice_label: &'static str,
    /// What may be chosen.
    pub choices: Vec<Choice>,
    /// What was typed before.
    pub typed: String,
    /// Why that was refused.
    pub error: String,
    /// The id of the command that the form gives.
    pub command: String,
}

/// One thing to choose.
#[derive(Debug, Serialize)]
pub struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// What is offered to `user`: every action of their role, or that they may do by shared
/// authority.
pub fn actions(
    app: &AppState,
    user: &User,
    application: &Application,
    refused: Option<&(Action, String, Typed)>,
    now: Timestamp,
) -> Vec<Offer> {
    let verdicts =
        app.gateway.directory(|users| allowed_actions(application, &user.name, users, &app.catalog, now));
    let verdict = |wanted: Action| {
        verdicts.iter().find(|(action, _)| *action == wanted).map_or(Err(Rejection::NotAllowed), |v| v.1)
    };
    ADDRESSES
        .into_iter()
        .filter_map(|action| {
            let meant = match action {
                Action::AddAnswer => cevap_ekle(user, application),
                other => other,
            };
            let (allowed, reason) = match verdict(meant) {
                Ok(()) => (true, ""),
                // Not of this role at all: nothing to show.
                Err(Rejection::NotAllowed | Rejection::OtherUnit | Rejection::NotActive) => return None,
                Err(why) => (false, why.text_tr()),
            };
            let before = refused.filter(|(refused, ..)| *refused == action);
            let typed = before.map(|(_, _, typed)| typed.clone()).unwrap_or_default();
            let (kind, text_label, choice_label) = asks(meant);
            Some(Offer {
                slug: action.slug(),
                label: action.label_tr(),
                allowed,
                reason,
                kind,
                text_label,
                choice_label,
                choices: if allowed { choices(app, application, meant, &typed.choice) } else { Vec::new() },
                typed: typed.text,
                error: before.map(|(_, sentence, _)| sentence.clone()).unwrap_or_default(),
                command: Uuid::now_v7().to_string(),
            })
        })
        .collect()
}

/// The question before what cannot be undone.
#[derive(Debug, Serialize)]
pub struct Confirmation {
    slug: &'static str,
    label: &'static str,
    /// What will happen.
    text: String,
    command: String,
}

/// What is asked before an action that cannot be undone.
pub fn confirmation(app: &AppState, application: &Application, action: Action) -> Confirmation {
    let text = match &application.stage {
        Stage::AwaitingApproval { proposal, .. } => match proposal {
            Proposal::Answer => tr("Başvuru olumlu sonuçlanacak, cevap vatandaşa gönderilecek.").to_owned(),
            Proposal::Rejection => {
                tr("Başvuru olumsuz sonuçlanacak, cevap vatandaşa gönderilecek.").to_owned()
            }
            Proposal::Referral { target, .. } => {
                let text = tr("Başvuru şu birime havale edilecek ve birimin listesinden çıkacak: {birim}.");
                text.replace("{birim}", &app.unit_name(target))
            }
        },
        _ => tr("Başvuru Durumu “Başvuru” olacak ve cevap süresi başlayacak.").to_owned(),
    };
    Confirmation { slug: action.slug(), label: action.label_tr(), text, command: Uuid::now_v7().to_string() }
}

/// "Cevap Ekle" of a Sorumlu reaches the citizen; of a Yetkili, or of a Sorumlu who acts for
/// one on what another holds, it is a note (decision b).
pub fn cevap_ekle(user: &User, application: &Application) -> Action {
    let holds = application.stage.holder().is_none_or(|holder| *holder == user.name);
    if user.profile.role == Role::Officer && holds { Action::AddAnswer } else { Action::AddNote }
}

const fn asks(action: Action) -> (&'static str, &'static str, &'static str) {
    match action {
        Action::Assign => ("choice", "", "Sorumlu"),
        Action::CheckDocument => ("checklist", "", ""),
        Action::AttachDocument | Action::AttachOfficialDocument => ("file", "", ""),
        Action::AddAnswer => ("text", "Vatandaşa gönderilecek cevap", ""),
        Action::AddNote => ("text", "Sorumluya cevap (vatandaş görmez)", ""),
        Action::SendBack => ("text", "Geri Gönderme Sebebi", ""),
        Action::ProposeReferral => ("text_choice", "Havale sebebi", "İlgili birim"),
        Action::Claim
        | Action::Withdraw
        | Action::CompletePreApplication
        | Action::SubmitForApproval
        | Action::SubmitForRejection
        | Action::Approve => ("button", "", ""),
    }
}

fn choices(app: &AppState, application: &Application, action: Action, chosen: &str) -> Vec<Choice> {
    let choice =
        |value: &str, label: String| Choice { value: value.to_owned(), label, chosen: value == chosen };
    match action {
        Action::Assign => app.gateway.directory(|users| {
            let officers = users.officers_of(&application.unit);
            officers.map(|o| choice(o.name.as_str(), o.profile.full_name.clone())).collect()
        }),
        Action::ProposeReferral => {
            let others = app.catalog.units().filter(|unit| unit.id != application.unit);
            // Units of the same valilik first: that is where most belong.
            let (near, far): (Vec<_>, Vec<_>) = others.partition(|unit| unit.valilik == application.valilik);
            near.into_iter().chain(far).map(|unit| choice(unit.id.as_str(), unit.title.clone())).collect()
        }
        _ => Vec::new(),
    }
}
