//! What is stored of an applicant in clear: the masks, and the blind indexes by which staff find them.

use crate::domain::application::{Applicant, Application};
use crate::domain::turkish::{Tckn, mask_name};
use crate::message::SubmissionContent;

use super::index::is_current;
use super::{Field, Sealer};

impl Sealer {
    /// The masks and indexes of a person.
    #[must_use]
    pub fn applicant(&self, tckn: &Tckn, first_name: &str, last_name: &str) -> Applicant {
        let full_name = [first_name, " ", last_name].concat();
        Applicant {
            masked_name: mask_name(&full_name),
            masked_tckn: tckn.masked(),
            tckn_index: self.tckn_index(tckn.as_str()),
            name_index: self.name_index(&full_name),
        }
    }

    /// The same for an application that a former version received, from its sealed content. `None` if its
    /// index is of this version, or if the content cannot be opened, as after its key was destroyed: then
    /// it stays as it is.
    #[must_use]
    pub fn renewed_applicant(&self, application: &Application) -> Option<Applicant> {
        if is_current(&application.applicant.name_index) {
            return None;
        }
        let context = application.id.to_string();
        let content = self.open(&context, Field::Content, &application.content).ok()?;
        let person = serde_json::from_slice::<SubmissionContent>(&content).ok()?.applicant;
        let tckn = person.tckn.parse().ok()?;
        Some(self.applicant(&tckn, &person.first_name, &person.last_name))
    }
}
