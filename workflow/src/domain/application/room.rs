//! How much an application can still take: its state travels as one record.

use std::io;

use crate::budget;
use crate::domain::document::Document;
use crate::domain::sealed::SealedText;

use super::command::Receive;
use super::state::Application;

impl Application {
    /// How many bytes may still be added, beside what is kept free for steps that nothing
    /// may stand in the way of.
    #[must_use]
    pub fn room(&self) -> usize {
        budget::STATE.saturating_sub(self.size() + budget::CLOSING)
    }

    /// How much of the room that people may fill is left, in percent: what screens show.
    #[must_use]
    pub fn room_percent(&self) -> usize {
        let all = budget::STATE - budget::CLOSING - budget::LAST_ANSWER;
        self.room().saturating_sub(budget::LAST_ANSWER) * 100 / all
    }

    /// How many bytes it takes as JSON, whatever it holds.
    fn size(&self) -> usize {
        let mut count = Count(0);
        // Counting never fails, and nor do our own types.
        let counted = serde_json::to_writer(&mut count, self);
        counted.map_or(usize::MAX / 2, |()| count.0)
    }

    /// How many lines of the history are not kept here any more; the events have them.
    #[must_use]
    pub fn older_history(&self) -> u64 {
        self.version.saturating_sub(self.history.len() as u64)
    }
}

impl SealedText {
    /// Whether its words are as long as they may be, at most.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.chars as usize <= budget::TEXT_CHARS && self.sealed.0.len() <= budget::SEALED_TEXT
    }

    /// What it takes as an item of an application, in bytes.
    pub(super) fn takes(&self) -> usize {
        self.sealed.0.len() + budget::ITEM
    }
}

impl Document {
    /// Whether its name and the rest are as long as they may be, at most.
    #[must_use]
    pub fn fits(&self) -> bool {
        self.name.0.len() <= budget::SEALED_NAME
            && self.media_type.len() <= budget::MEDIA_TYPE
            && self.sha256.len() <= 64
            && self.uri.len() <= 128
    }

    /// What it takes as an item of an application, in bytes.
    pub(super) fn takes(&self) -> usize {
        // JSON escapes a quotation mark of a media type by one more byte.
        self.name.0.len() + 2 * self.media_type.len() + budget::ITEM
    }
}

impl Receive {
    /// Whether it is as large as what ingest makes of the largest submission, at most.
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

/// Counts what is written, and keeps nothing.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
