//! How much can still be added to an application: its state must fit into one record.

use crate::budget;
use crate::domain::document::Document;
use crate::domain::sealed::SealedText;

use super::command::Receive;
use super::state::Application;

impl Application {
    /// How many bytes may still be added, apart from what is kept free for closing it.
    #[must_use]
    pub fn room(&self) -> usize {
        budget::STATE.saturating_sub(self.size() + budget::CLOSING)
    }

    /// How much room is left for people, in percent, as pages show it.
    #[must_use]
    pub fn room_percent(&self) -> usize {
        let all = budget::STATE - budget::CLOSING - budget::LAST_ANSWER;
        self.room().saturating_sub(budget::LAST_ANSWER) * 100 / all
    }

    /// Its size in bytes as JSON.
    fn size(&self) -> usize {
        // Room for most of them. Serializing our own types does not fail.
        let mut json = Vec::with_capacity(8 << 10);
        sonic_rs::to_writer(&mut json, self).map_or(usize::MAX / 2, |()| json.len())
    }

    /// How many entries of the history are not kept here any more; the events have them.
    #[must_use]
    pub fn older_history(&self) -> u64 {
        self.version.saturating_sub(self.history.len() as u64)
    }
}

impl SealedText {
    /// Whether it is within the limit.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.chars as usize <= budget::TEXT_CHARS && self.sealed.0.len() <= budget::SEALED_TEXT
    }

    /// Its size as an item of an application, in bytes.
    pub(super) fn takes(&self) -> usize {
        self.sealed.0.len() + budget::ITEM
    }
}

impl Document {
    /// Whether its name and the other members are within their limits.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.name.0.len() <= budget::SEALED_NAME
            && self.media_type.len() <= budget::MEDIA_TYPE
            && self.sha256.len() <= 64
            && self.uri.len() <= 128
    }

    /// Its size as an item of an application, in bytes.
    pub(super) fn takes(&self) -> usize {
        // In JSON, a quotation mark in a media type takes one more byte.
        self.name.0.len() + 2 * self.media_type.len() + budget::ITEM
    }
}

impl Receive {
    /// Whether it is not larger than what ingest makes of the largest submission.
    #[must_use]
    pub fn fits(&self) -> bool {
        let applicant = &self.applicant;
        let names = applicant.name_index.iter().map(|index| index.len() + 4).sum::<usize>();
        let documents = self.documents.iter().map(Document::takes).sum::<usize>();
        self.documents.len() <= budget::SUBMISSION_ITEMS
            && self.documents.iter().all(Document::fits)
            && self.content.0.len() + documents + names + applicant.masked_name.len() <= budget::RECEIVED
    }
}
