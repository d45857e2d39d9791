//! A form that was sent after its session had ended, kept until its user logs in again: sealed for
//! that user, it travels in the page of the login, so that no replica stores it.

use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::seal::{Field, SealError, Sealer};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::form::SubmittedForm;

/// The field of the login form that carries it.
pub const HELD_FORM: &str = "taslak";
/// The longest sealed form, in bytes: what is read of a form, with JSON's escapes, in base64.
pub const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;
/// How long it can be opened: the time to log in again.
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldForm {
    /// The path that it was sent to.
    pub path: String,
    /// Until when it can be shown again.
    pub until: Timestamp,
    /// What was typed.
    pub form: SubmittedForm,
}

impl HeldForm {
    /// Keeps a form that was sent to `path`, without its passwords.
    #[must_use]
    pub fn new(path: &str, form: SubmittedForm, now: Timestamp) -> Self {
        let until = now.checked_add(LIFETIME).unwrap_or(now);
        Self { path: path.to_owned(), until, form: form.without_secrets() }
    }

    /// Seals it for its user; `None` if it is too long.
    pub fn seal(&self, sealer: &Sealer, owner: &UserName) -> Result<Option<String>, SealError> {
        // Strings and numbers always serialize.
        let plain = serde_json::to_vec(self).unwrap_or_default();
        let sealed = sealer.seal_user(owner, Field::HeldForm, &plain)?.0.to_string();
        Ok(Some(sealed).filter(|sealed| sealed.len() <= MAX_HELD_BYTES))
    }

    /// Opens one that was sealed for this user; `None` if there is none, or if it is another's. Past
    /// its time, only its path is left.
    #[must_use]
    pub fn open(sealer: &Sealer, user: &UserName, sealed: &str, now: Timestamp) -> Option<Self> {
        let plain = sealer.open_user(user, Field::HeldForm, &Sealed(sealed.into())).ok()?;
        let held: Self = serde_json::from_slice(&plain).ok()?;
        Some(if held.is_over(now) { Self { form: SubmittedForm::default(), ..held } } else { held })
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until <= now
    }
}
