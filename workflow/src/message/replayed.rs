//! On `edevlet.submissions.dlq.replayed`: which dead letters were published again.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::log::topic;

/// A dead letter that was published again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Where the message first stood (see [`crate::log::dead_letter::ORIGIN`]).
    pub origin: String,
    /// How often it has been published again.
    pub attempt: u32,
    /// When it was last published again.
    pub at: Timestamp,
}

impl Message for Replayed {
    const TYPE: &'static str = "ebasvuru.replayed.v1";
    const TOPIC: &'static str = topic::REPLAYED;
    fn key(&self) -> String {
        self.origin.clone()
    }
}
