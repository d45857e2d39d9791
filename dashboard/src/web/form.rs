//! A submitted form: its fields in order, and at most one file. The guard reads it once
//! ([`super::form_body`]); handlers receive it only if it may be executed.

use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use ebasvuru_workflow::domain::ids::CommandId;
use ebasvuru_workflow::domain::text;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::held_form::HELD_FORM;
use super::problem::Problem;
use super::ticket::TICKET;
use crate::files::Upload;
use crate::view::i18n::tr;

/// The passwords of all forms; they are never shown again and never kept.
pub const SECRETS: [&str; 5] = ["sifre", "sifreniz", "eski", "yeni", "tekrar"];
/// What forms carry unseen; everything else was typed or chosen.
const UNSEEN: [&str; 12] = [
    TICKET, HELD_FORM, "komut", "surum", "islem", "emin", "liste", "donus", "sonra", "belge", "var", "rapor",
];

/// Why a form has no effect.
#[derive(Debug)]
pub enum FormError {
    /// The form is wrong, or its command was refused; the sentence for the user.
    Refused(String),
    /// Something else failed.
    Problem(Problem),
}

impl FormError {
    /// A wrong form, with a Turkish sentence.
    pub fn refused(text: &str) -> Self {
        Self::Refused(tr(text).to_owned())
    }
}

impl<T: Into<Problem>> From<T> for FormError {
    fn from(problem: T) -> Self {
        Self::Problem(problem.into())
    }
}

/// A form as it was sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SubmittedForm {
    pub(super) fields: Vec<(String, String)>,
    #[serde(skip)]
    pub(super) file: Option<Upload>,
    /// Whether it had a file that was not kept, and must be chosen again.
    pub(super) file_discarded: bool,
}

impl SubmittedForm {
    /// The value of a field from its first visible character to its last, with `\n` as line ends; empty
    /// if it was not sent.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        text::trim(self.raw(name)).replace("\r\n", "\n")
    }

    /// The unchanged value of a field, for passwords; empty if it was not sent.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// Every value of a field that can be sent several times.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The file, if one was chosen.
    #[must_use]
    pub const fn file(&self) -> Option<&Upload> {
        self.file.as_ref()
    }

    /// Whether a file was sent that must be chosen again.
    #[must_use]
    pub const fn must_choose_file_again(&self) -> bool {
        self.file.is_some() || self.file_discarded
    }

    /// The id of the form's command: the same however often the same form is sent, and another if
    /// anything in it is different, so that a changed form is never taken for a repetition.
    #[must_use]
    pub fn command_id(&self) -> CommandId {
        let Ok(form) = self.raw("komut").parse::<Uuid>() else { return CommandId(Uuid::now_v7()) };
        let mut content = String::new();
        for (name, value) in
            self.fields.iter().filter(|(name, _)| name != TICKET && !SECRETS.contains(&&**name))
        {
            let _ = write!(content, "{}:{name}{}:{value}", name.len(), value.len());
        }
        content.push_str(self.file.as_ref().map_or("", |file| &file.sha256));
        CommandId(Uuid::new_v5(&form, content.as_bytes()))
    }

    /// What was typed or chosen in the form, passwords excepted: names and values.
    pub fn typed(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        fields.filter(|(name, value)| {
            !value.trim().is_empty() && !UNSEEN.contains(name) && !SECRETS.contains(name)
        })
    }

    /// The form without its passwords and its ticket.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        self.fields.retain(|(name, _)| name != TICKET && !SECRETS.contains(&&**name));
        self
    }
}

/// Handlers receive the form that the guard has read.
impl<S: Sync> FromRequestParts<S> for SubmittedForm {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.remove::<Self>().ok_or(Problem::BadRequest)
    }
}

/// The last component of a Unix or Windows path.
pub(super) fn base_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}
