//! Of how many partitions the workers' state was made, on `ebasvuru.settings`.

use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::log::topic;

/// The count of partitions by which an application finds its state. The last one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Of `ebasvuru.commands`, and so of `ebasvuru.applications`.
    pub partitions: i32,
}

impl Message for Layout {
    const TYPE: &'static str = "ebasvuru.layout.v1";
    const TOPIC: &'static str = topic::SETTINGS;
    fn key(&self) -> String {
        "layout".into()
    }
}
