//! Drafts of applications: one for each session, kept until it is sent, whatever errors occur and
//! however often the citizen goes back.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ebasvuru_workflow::domain::catalog::{ServiceSlug, Valilik};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::web::form::SubmittedForm;

/// The maximum number of drafts; beyond it, the oldest is dropped.
const MAX_DRAFTS: usize = 200;

/// A file in the document store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UploadedFile {
    /// `application` or `supporting`, as in the contract.
    pub kind: &'static str,
    pub name: String,
    pub media_type: &'static str,
    pub size: usize,
    pub sha256: String,
}

/// What has been typed and uploaded.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Becomes the id of the submission, so that sending it twice is one application.
    pub id: Uuid,
    pub service: ServiceSlug,
    pub valilik: Valilik,
    pub typed: BTreeMap<String, String>,
    pub files: Vec<UploadedFile>,
    /// The time of the first confirmation: pressing the button twice sends the same message twice,
    /// which is one application.
    pub confirmed_at: Option<Timestamp>,
}

/// The name of a service's own field in forms and drafts.
pub fn field_id(name: &str) -> String {
    format!("alan_{name}")
}

/// All drafts by session, the oldest first.
#[derive(Debug, Default)]
pub struct Drafts(Mutex<Vec<(String, Draft)>>);

impl Drafts {
    /// The draft of a session.
    pub fn get(&self, session: &str) -> Option<Draft> {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.iter().find(|(of, _)| of == session).map(|(_, draft)| draft.clone())
    }

    /// Begins a draft; what was typed for another service is kept.
    pub fn begin(&self, session: &str, service: ServiceSlug, valilik: Valilik) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, draft)) = drafts.iter_mut().find(|(of, _)| of == session) {
            (draft.service, draft.valilik) = (service, valilik);
            return;
        }
        if drafts.len() == MAX_DRAFTS {
            drafts.remove(0);
        }
        let draft = Draft {
            id: Uuid::new_v4(),
            service,
            valilik,
            typed: BTreeMap::new(),
            files: Vec::new(),
            confirmed_at: None,
        };
        drafts.push((session.to_owned(), draft));
    }

    /// Changes the draft of a session, if there is one.
    pub fn change(&self, session: &str, change: impl FnOnce(&mut Draft)) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, draft)) = drafts.iter_mut().find(|(of, _)| of == session) {
            change(draft);
        }
    }

    /// Puts what was typed in a form into the draft of a session, if there is one.
    pub fn type_again(&self, session: &str, form: &SubmittedForm) {
        self.change(session, |draft| {
            draft.typed.extend(form.typed().map(|(name, _)| (name.to_owned(), form.text(name))));
        });
    }

    /// Gives the draft of an earlier session to a session that has none.
    pub fn pass_on(&self, earlier: &str, session: &str) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drafts.iter().all(|(of, _)| of != session)
            && let Some((of, _)) = drafts.iter_mut().find(|(of, _)| of == earlier)
        {
            session.clone_into(of);
        }
    }

    /// Removes the draft of a session.
    pub fn end(&self, session: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(of, _)| of != session);
    }
}
