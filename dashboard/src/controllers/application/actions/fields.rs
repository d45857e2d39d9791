//! What the forms of actions ask for, and what they share.

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::application::{Application, Refusal};
use ebasvuru_workflow::domain::sealed::SealedText;
use ebasvuru_workflow::seal::Field;
use serde::Serialize;

use crate::view::Choice;
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};

/// What the form of an action asks for.
#[derive(Debug, Default, Serialize)]
pub struct Fields {
    /// The kind of form: `button`, `text`, `choice`, `text_choice`, `file` or `checklist`.
    pub kind: &'static str,
    /// The label of the text; empty if there is none.
    pub text_label: &'static str,
    /// The height of the text, in lines.
    pub rows: u8,
    /// What limits the text or the number of its kind, in sentences.
    #[serde(skip)]
    pub limits: Vec<String>,
    /// The label of the choice; empty if there is none.
    pub choice_label: &'static str,
    /// The choices.
    pub choices: Vec<Choice>,
}

impl Fields {
    /// Nothing but a button.
    pub fn button() -> Self {
        Self { kind: "button", ..Self::default() }
    }

    /// A text.
    pub fn text(label: &'static str) -> Self {
        Self { kind: "text", text_label: label, rows: 5, ..Self::default() }
    }

    /// A file.
    pub fn file(limit: String) -> Self {
        Self { kind: "file", limits: vec![limit], ..Self::default() }
    }
}

/// The limit of a text.
pub fn text_left() -> String {
    say!("En fazla {n} karakter.", n = labels::thousands(budget::TEXT_CHARS as u64))
}

/// The limit of answers or notes.
pub fn answers_left(n: usize, most: usize) -> String {
    say!("Yazılan cevap: {n}, en çok {most}.", n = n, most = most)
}

/// The limit of documents.
pub fn documents_left(n: usize, most: usize) -> String {
    say!("Eklenen belge: {n}, en çok {most}.", n = n, most = most)
}

/// The text of a form, sealed.
pub fn sealed_text(
    app: &App,
    application: &Application,
    field: Field,
    form: &SubmittedForm,
) -> Result<SealedText, FormError> {
    let text = form.text("metin");
    if text.is_empty() {
        return Err(FormError::refused(Refusal::TextMissing.text_tr()));
    }
    if let Some(sentence) = labels::too_long(tr("Metin"), &text, budget::TEXT_CHARS) {
        return Err(FormError::Refused(sentence));
    }
    Ok(app.sealer.seal_text_like(&application.content, &application.id.to_string(), field, &text)?)
}
