//! The limits of single texts, in characters. They are far above what a form lets people write.

use ebasvuru_workflow::budget;

use super::failure::{CheckFailure, Code};
use crate::submission::Message;

/// Names, phone, e-mail, district, subject.
const SHORT: usize = budget::SHORT_CHARS;
/// The address, each field, the reason of a withdrawal.
const MIDDLE: usize = budget::MIDDLE_CHARS;
/// The text of the form.
const LONG: usize = budget::LONG_CHARS;
/// How many fields, and how many documents.
const ITEMS: usize = budget::SUBMISSION_ITEMS;

/// The only code it gives is `too_large`.
pub(super) fn check(message: &Message<'_>) -> Result<(), CheckFailure> {
    match message {
        Message::Withdrawal(withdrawal) => {
            within("reason", withdrawal.reason.as_deref().unwrap_or_default(), MIDDLE)
        }
        Message::Submission(it) => {
            within("applicant.first_name", &it.applicant.first_name, SHORT)?;
            within("applicant.last_name", &it.applicant.last_name, SHORT)?;
            within("applicant.phone", &it.applicant.phone, SHORT)?;
            within("applicant.email", it.applicant.email.as_deref().unwrap_or_default(), SHORT)?;
            within("contact.address", &it.contact.address, MIDDLE)?;
            within("contact.district", it.contact.district.as_deref().unwrap_or_default(), SHORT)?;
            within("form.subject", &it.form.subject, SHORT)?;
            within("form.text", &it.form.text, LONG)?;
            at_most("documents", it.documents.len())?;
            for (name, text) in it.form.fields.iter().flatten() {
                within("the name of a field", name, SHORT)?;
                within("a field", text, MIDDLE)?;
            }
            at_most("form.fields", it.form.fields.as_ref().map_or(0, |fields| fields.len()))
        }
    }
}

fn within(what: &'static str, text: &str, max: usize) -> Result<(), CheckFailure> {
    // Bytes first, which is cheaper: few texts have more bytes than the limit in characters.
    if text.len() > max && text.chars().count() > max {
        return Err(CheckFailure::new(Code::TooLarge, format!("{what} has more than {max} characters")));
    }
    Ok(())
}

fn at_most(what: &'static str, count: usize) -> Result<(), CheckFailure> {
    if count > ITEMS {
        return Err(CheckFailure::new(
            Code::TooLarge,
            format!("{what} has {count} items, more than {ITEMS}"),
        ));
    }
    Ok(())
}
