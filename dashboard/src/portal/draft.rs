//! An application that is being written: one a session, kept until it is sent, whatever
//! errors come and however often the citizen goes back.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ebasvuru_workflow::domain::catalog::{ServiceSlug, Valilik};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// The most drafts kept; beyond it the one that was begun first goes.
const MOST: usize = 200;

/// A file that lies in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Uploaded {
    /// `application` or `supporting`, as the contract has it.
    pub kind: &'static str,
    pub name: String,
    pub media_type: &'static str,
    pub size: usize,
    pub sha256: String,
}

/// What has been typed and uploaded so far.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Becomes the submission's identity, so that sending twice is one application.
    pub id: Uuid,
    pub service: ServiceSlug,
    pub valilik: Valilik,
    pub typed: BTreeMap<String, String>,
    pub files: Vec<Uploaded>,
    /// When it was confirmed first: the button pressed twice sends the same message twice, and
    /// that is one application.
    pub confirmed_at: Option<Timestamp>,
}

/// All drafts, by session, in the order they were begun.
#[derive(Debug, Default)]
pub struct Drafts(Mutex<Vec<(String, Draft)>>);

impl Drafts {
    /// The draft of a session.
    pub fn get(&self, session: &str) -> Option<Draft> {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.iter().find(|(of, _)| of == session).map(|(_, draft)| draft.clone())
    }

    /// Begins one; what was typed before for another service is kept.
    pub fn begin(&self, session: &str, service: ServiceSlug, valilik: Valilik) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, draft)) = drafts.iter_mut().find(|(of, _)| of == session) {
            (draft.service, draft.valilik) = (service, valilik);
            return;
        }
        if drafts.len() == MOST {
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

    /// Ends it: it has been sent.
    pub fn end(&self, session: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(of, _)| of != session);
    }
}
