//! The actions of the detail page: each with its form if it is allowed now, with the reason
//! if it is not.

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{
    Action, Application, Proposal, Refusal, Status, allowed_actions,
};
use ebasvuru_workflow::domain::catalog::Unit;
use ebasvuru_workflow::domain::user::User;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::action::ADDRESSES;
use crate::app::AppState;
use crate::choice::{Choice, sorted};
use crate::form::Submitted;
use crate::i18n::{say, tr};
use crate::labels;

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
    /// Whether it is what the application waits for.
    pub next: bool,
    /// What the form asks for.
    pub kind: &'static str,
    /// The label of the text, if it asks for one.
    pub text_label: &'static str,
    /// How many lines to write in.
    pub rows: u8,
    /// How much may still be written or added.
    pub left: String,
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
        verdicts.iter().find(|(action, _)| *action == wanted).map_or(Err(Refusal::NotAllowed), |v| v.1)
    };
    let mut offers: Vec<Offer> = ADDRESSES
        .into_iter()
        .filter_map(|action| {
            let meant = match action {
                Action::AddAnswer => cevap_ekle(user, application),
                other => other,
            };
            let (allowed, reason) = match verdict(meant) {
                Ok(()) => (true, ""),
                // Not of this role at all: nothing to show.
                Err(Refusal::NotAllowed | Refusal::OtherUnit | Refusal::NotActive) => return None,
                Err(why) => (false, tr(why.text_tr())),
            };
            let before = refused.filter(|(refused, ..)| *refused == action);
            let typed = before.map(|(_, _, typed)| typed.clone()).unwrap_or_default();
            let (kind, text_label, choice_label) = asks(meant);
            Some(Offer {
                slug: action.slug(),
                label: tr(match action {
                    Action::CheckDocument => "Başvuru Belgeleri",
                    other => other.label_tr(),
                }),
                allowed,
                reason,
                next: false,
                kind,
                text_label: tr(text_label),
                rows: if meant == Action::AddAnswer { 12 } else { 5 },
                left: if allowed { left(application, meant) } else { String::new() },
                choice_label: tr(choice_label),
                choices: if allowed { choices(app, application, meant, &typed.choice) } else { Vec::new() },
                typed: typed.text,
                error: before.map(|(_, sentence, _)| sentence.clone()).unwrap_or_default(),
                command: Uuid::now_v7().to_string(),
            })
        })
        .collect();
    let service = app.catalog.service(&application.service);
    let required = service.map_or(0, |service| service.required_documents.len());
    if let Some(slug) = next(application, required, &offers) {
        offers.iter_mut().filter(|offer| offer.slug == slug).for_each(|offer| offer.next = true);
    }
    offers
}

/// What the application waits for, among what may be done: the furthest step on its way.
fn next(application: &Application, required: usize, offers: &[Offer]) -> Option<&'static str> {
    let free = application.status.holder().is_none();
    let answered = !application.answers.is_empty();
    let order = [
        Some(Action::Approve),
        Some(Action::CompletePreApplication),
        // What was sent back wants other words first.
        (!free && application.sent_back.is_some()).then_some(Action::AddAnswer),
        Some(Action::SubmitForApproval),
        (application.checks.len() < required).then_some(Action::CheckDocument),
        application.phase.is_pre_application().then_some(Action::AttachDocument),
        (!free && !answered).then_some(Action::AddAnswer),
        Some(Action::Claim),
        Some(Action::Assign),
    ];
    let slugs = order.into_iter().flatten().map(Action::slug);
    slugs.into_iter().find(|slug| offers.iter().any(|offer| offer.allowed && offer.slug == *slug))
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
    let text = match &application.status {
        Status::AwaitingApproval { proposal, .. } => match proposal {
            Proposal::Answer => say!("Başvuru olumlu sonuçlanacak, cevap vatandaşa gönderilecek."),
            Proposal::Rejection => say!("Başvuru olumsuz sonuçlanacak, cevap vatandaşa gönderilecek."),
            Proposal::Referral { target, .. } => say!(
                "Başvuru şu birime havale edilecek ve birimin listesinden çıkacak: {unit}.",
                unit = app.unit_name(target)
            ),
        },
        _ => say!("Başvuru Durumu “Başvuru” olacak ve cevap süresi başlayacak."),
    };
    Confirmation {
        slug: action.slug(),
        label: tr(action.label_tr()),
        text,
        command: Uuid::now_v7().to_string(),
    }
}

/// "Cevap Ekle" of a Sorumlu reaches the citizen; of a Yetkili, or of a Sorumlu who acts for
/// one on what another holds, it is a note (decision b).
pub fn cevap_ekle(user: &User, application: &Application) -> Action {
    let holds = application.status.holder().is_none_or(|holder| *holder == user.name);
    if user.profile.role == Role::Officer && holds { Action::AddAnswer } else { Action::AddNote }
}

/// How much a form still takes: of this text, of these items, of the application as a whole.
fn left(application: &Application, action: Action) -> String {
    let text = || say!("En fazla {n} karakter.", n = labels::thousands(budget::TEXT_CHARS as u64));
    let answers = |n: usize, most: usize| say!("Yazılan cevap: {n}, en çok {most}.", n = n, most = most);
    let documents = |n: usize, most: usize| say!("Eklenen belge: {n}, en çok {most}.", n = n, most = most);
    let notes = || application.notes_of(&application.unit).count();
    let parts = match action {
        Action::AddAnswer => vec![text(), answers(application.answers.len(), budget::ANSWERS)],
        Action::AddNote => vec![text(), answers(notes(), budget::NOTES)],
        Action::SendBack | Action::ProposeReferral => vec![text()],
        Action::AttachDocument => vec![documents(application.documents.len(), budget::DOCUMENTS)],
        Action::AttachOfficialDocument => {
            vec![documents(application.official_documents.len(), budget::OFFICIAL_DOCUMENTS)]
        }
        _ => return String::new(),
    };
    let room = say!("Başvuruda kalan yer: %{n}.", n = application.room_percent());
    parts.into_iter().chain([room]).collect::<Vec<_>>().join(" ")
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
        | Action::TakeBack
        | Action::CompletePreApplication
        | Action::SubmitForApproval
        | Action::SubmitForRejection
        | Action::Approve => ("button", "", ""),
    }
}

fn choices(app: &AppState, application: &Application, action: Action, chosen: &str) -> Vec<Choice> {
    match action {
        Action::Assign => app.gateway.directory(|users| {
            let officers = users.officers_of(&application.unit);
            sorted(officers.map(|o| Choice::new(&o.name, &o.profile.full_name, chosen)))
        }),
        Action::ProposeReferral => {
            let others = app.catalog.units().filter(|unit| unit.id != application.unit);
            // Units of the same valilik first: that is where most belong.
            let (near, far): (Vec<_>, Vec<_>) = others.partition(|unit| unit.valilik == application.valilik);
            let choice = |unit: &Unit| Choice::new(&unit.id, &unit.title, chosen);
            let [near, far] = [near, far].map(|units| sorted(units.into_iter().map(choice)));
            near.into_iter().chain(far).collect()
        }
        _ => Vec::new(),
    }
}
