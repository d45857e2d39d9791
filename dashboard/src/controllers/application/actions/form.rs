//! The forms of the detail page: each action with its form if it is allowed now, with the reason
//! if it is not.

use ebasvuru_workflow::domain::application::{Action, Application, Refusal, Status, allowed_actions};
use ebasvuru_workflow::domain::user::User;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::fields::Fields;
use super::table::{self, TABLE};
use super::{approve, check_document, complete_pre_application};
use crate::view::i18n::{say, tr};
use crate::web::app::App;
use crate::web::form::SubmittedForm;

/// The actions of an Ön Başvuru alone.
const OF_PRE_APPLICATION: [Action; 2] = [Action::CheckDocument, Action::CompletePreApplication];

/// The values of a refused form, to be shown in it again. A file cannot be.
#[derive(Clone, Debug, Default)]
pub struct FormValues {
    text: String,
    choice: String,
}

impl FormValues {
    /// The values of a submitted form.
    pub fn of(form: &SubmittedForm) -> Self {
        let choice = [form.text("sorumlu"), form.text("birim")].into_iter().find(|c| !c.is_empty());
        Self { text: form.text("metin"), choice: choice.unwrap_or_default() }
    }
}

/// A form that was refused.
#[derive(Clone, Debug)]
pub struct RefusedForm {
    /// Its action.
    pub action: Action,
    /// Why it was refused: a sentence.
    pub error: String,
    /// What it held.
    pub values: FormValues,
}

/// An action of the detail page.
#[derive(Debug, Serialize)]
pub struct ActionForm {
    /// Its name in the address.
    pub slug: &'static str,
    /// The label of the button.
    pub label: &'static str,
    /// Whether it is allowed now.
    pub allowed: bool,
    /// Why it is not.
    pub reason: &'static str,
    /// Whether the page has a form for it, which shows its own error.
    pub has_form: bool,
    /// Whether the application waits for it.
    pub next: bool,
    /// What the form asks for, if the action is allowed.
    #[serde(flatten)]
    pub fields: Fields,
    /// How much may still be written or added.
    pub left: String,
    /// The text of a refused form.
    pub typed: String,
    /// Why the form was refused.
    pub error: String,
    /// The id of the form's command.
    pub command: String,
}

/// The actions of the detail page: those of the user's role, and those that they may do by shared
/// authority.
pub fn actions(
    app: &App,
    user: &User,
    application: &Application,
    refused: Option<&RefusedForm>,
    now: Timestamp,
) -> Vec<ActionForm> {
    let decisions =
        app.users.read(|users| allowed_actions(application, &user.name, users, &app.catalog, now));
    let decision = |wanted: Action| {
        decisions.iter().find(|(action, _)| *action == wanted).map_or(Err(Refusal::NotAllowed), |d| d.1)
    };
    let mut forms: Vec<ActionForm> = TABLE
        .iter()
        .filter_map(|row| {
            let action = row.action;
            let meant = table::meant(action, user, application);
            let (allowed, reason) = match decision(meant) {
                Ok(()) => (true, ""),
                // Not an action of this role, or the end of all actions: not shown.
                Err(
                    Refusal::NotAllowed
                    | Refusal::OtherUnit
                    | Refusal::NotActive
                    | Refusal::Closed
                    | Refusal::PreApplicationLapsed,
                ) => return None,
                // An Ön Başvuru never comes again: nor do its actions.
                Err(_) if !application.phase.is_pre_application() && OF_PRE_APPLICATION.contains(&action) => {
                    return None;
                }
                Err(why) => (false, tr(why.text_tr())),
            };
            let refused = refused.filter(|refused| refused.action == action);
            let values = refused.map(|refused| refused.values.clone()).unwrap_or_default();
            // Without permission there is no form.
            let fields = if allowed {
                table::fields(app, application, meant, &values.choice)
            } else {
                Fields::default()
            };
            Some(ActionForm {
                slug: action.slug(),
                label: tr(match action {
                    Action::CheckDocument => check_document::LABEL,
                    other => other.label_tr(),
                }),
                allowed,
                reason,
                has_form: allowed && !["button", "checklist"].contains(&fields.kind),
                next: false,
                left: left(application, &fields.limits),
                fields,
                typed: values.text,
                error: refused.map(|refused| refused.error.clone()).unwrap_or_default(),
                command: Uuid::now_v7().to_string(),
            })
        })
        .collect();
    let service = app.catalog.service(&application.service);
    let required = service.map_or(0, |service| service.required_documents.len());
    if let Some(slug) = next(application, required, &forms) {
        forms.iter_mut().filter(|form| form.slug == slug).for_each(|form| form.next = true);
    }
    forms
}

/// The allowed action that the application waits for: the furthest step on its way.
fn next(application: &Application, required: usize, forms: &[ActionForm]) -> Option<&'static str> {
    let unassigned = application.status.holder().is_none();
    let answered = !application.answers.is_empty();
    let order = [
        Some(Action::Approve),
        Some(Action::CompletePreApplication),
        // What was sent back needs another answer first.
        (!unassigned && application.sent_back.is_some()).then_some(Action::AddAnswer),
        Some(Action::SubmitForApproval),
        (application.checks.len() < required).then_some(Action::CheckDocument),
        application.phase.is_pre_application().then_some(Action::AttachDocument),
        (!unassigned && !answered).then_some(Action::AddAnswer),
        Some(Action::Claim),
        Some(Action::Assign),
    ];
    let mut slugs = order.into_iter().flatten().map(Action::slug);
    slugs.find(|slug| forms.iter().any(|form| form.allowed && form.slug == *slug))
}

/// Whether a form shows why it was refused.
pub fn shows_error(actions: &[ActionForm]) -> bool {
    actions.iter().any(|action| action.has_form && !action.error.is_empty())
}

/// What became of what a refused form held.
#[derive(Debug, Serialize)]
pub struct Kept {
    /// What the page says about it; empty if the form held nothing.
    sentence: String,
    /// The text, if no form of the page has it any more.
    text: String,
}

/// What became of what the refused form held: its form has it, or it can be copied.
pub fn kept(refused: &RefusedForm, actions: &[ActionForm]) -> Kept {
    let slug = refused.action.slug();
    let form = actions.iter().find(|action| action.slug == slug && action.has_form);
    let text = &refused.values.text;
    match form {
        Some(form) if form.fields.kind == "file" => {
            Kept { sentence: tr("Dosyayı yeniden seçmeniz gerekir.").to_owned(), text: String::new() }
        }
        Some(_) if text.is_empty() => Kept { sentence: String::new(), text: String::new() },
        Some(_) => {
            let sentence = tr("Yazdığınız metin formda durmaktadır; yeniden gönderebilirsiniz.");
            Kept { sentence: sentence.to_owned(), text: String::new() }
        }
        None if text.is_empty() => Kept { sentence: String::new(), text: String::new() },
        None => Kept {
            sentence: say!(
                "“{action}” artık yapılamaz. Yazdığınız metin aşağıdadır; kopyalayabilirsiniz.",
                action = tr(refused.action.label_tr())
            ),
            text: text.clone(),
        },
    }
}

/// The question before an action that cannot be undone.
#[derive(Debug, Serialize)]
pub struct Confirmation {
    slug: &'static str,
    /// The label of the button, which says what is confirmed.
    button: &'static str,
    /// What will happen.
    text: String,
    command: String,
}

/// The question before this action.
pub fn confirmation(app: &App, application: &Application, action: Action) -> Confirmation {
    let (button, text) = match &application.status {
        Status::AwaitingApproval { proposal, .. } => {
            (approve::button(proposal), approve::consequence(app, proposal))
        }
        _ => (complete_pre_application::BUTTON, complete_pre_application::consequence()),
    };
    Confirmation { slug: action.slug(), button: tr(button), text, command: Uuid::now_v7().to_string() }
}

/// The space of an application below which its forms say how much is left, in percent.
const SCARCE: usize = 20;

/// The limits, with the space that the application as a whole has left, if little; empty without limits.
fn left(application: &Application, limits: &[String]) -> String {
    if limits.is_empty() {
        return String::new();
    }
    let left = application.room_percent();
    let space = (left < SCARCE).then(|| say!("Başvuruda kalan yer: %{n}.", n = left));
    limits.iter().cloned().chain(space).collect::<Vec<_>>().join(" ")
}
