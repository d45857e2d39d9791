//! On `edevlet.submissions.dlq.replayed`: which dead letters were accepted when they were published
//! again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::log::dead_letter::{ATTEMPT, ORIGIN};
use crate::log::{Header, topic};

/// A dead letter that was published again and accepted. Its key is another than that of
/// [`super::Replayed`], so that compaction keeps the last of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayAccepted {
    /// Where the message first stood.
    pub origin: String,
    /// Which publication of it was accepted.
    pub attempt: u32,
    /// When it was decided.
    pub at: Timestamp,
}

impl ReplayAccepted {
    /// What to record of an accepted message with these headers; `None` if it is no replay.
    #[must_use]
    pub fn of(headers: &[Header], at: Timestamp) -> Option<Self> {
        let header = |name| {
            let (_, value) = headers.iter().find(|(header, _)| header == name)?;
            std::str::from_utf8(value).ok()
        };
        Some(Self { origin: header(ORIGIN)?.to_owned(), attempt: header(ATTEMPT)?.parse().ok()?, at })
    }
}

impl Message for ReplayAccepted {
    const TYPE: &'static str = "ebasvuru.replay_accepted.v1";
    const TOPIC: &'static str = topic::REPLAYED;
    fn key(&self) -> String {
        format!("{} accepted", self.origin)
    }
}
