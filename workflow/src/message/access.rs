//! `ebasvuru.audit`: who opened which personal data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::contract::Message;
use crate::domain::ids::{ApplicationId, ApplicationNo, UserName};
use crate::log::topic;

/// A person opened personal data. The record is durable before the data is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Its own id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub user: UserName,
    /// Of which application.
    pub application: ApplicationId,
    /// Its number.
    pub no: ApplicationNo,
    /// What was opened.
    pub what: Opened,
}

/// The personal data that a person opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opened {
    /// The application's page: who applied, what they wrote, what was answered.
    Detail,
    /// The list of the same person's other applications.
    Others,
    /// A document.
    Document,
}

impl Message for Access {
    const TYPE: &'static str = "ebasvuru.access.v1";
    const TOPIC: &'static str = topic::AUDIT;
    fn key(&self) -> String {
        self.application.to_string()
    }
}
