//! `ebasvuru.settings`: the partition count that the workers' state was made with.

use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::log::topic;

/// The partition count that decides in which partition the state of an application is. The last one is
/// valid.
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
