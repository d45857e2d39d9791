//! The state that all handlers of the portal share.

use std::sync::Arc;

use axum_extra::extract::cookie::Key;
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::log::{Log, Outgoing, Producer, append, topic};
use serde_json::Value;

use super::draft::Drafts;
use super::error::PortalError;
use super::records::Records;
use crate::files::Files;
use crate::web::problem::Problem;

/// What the portal needs.
pub struct PortalDeps {
    /// The log.
    pub log: Arc<dyn Log>,
    /// Services and valilikler.
    pub catalog: Arc<Catalog>,
    /// Documents.
    pub files: Files,
    /// The time.
    pub clock: Clock,
    /// The key that signs the cookie: at least 64 bytes.
    pub session_key: Vec<u8>,
    /// Whether cookies are sent over TLS only.
    pub secure_cookies: bool,
    /// Whether every connection is that of our own proxy.
    pub behind_proxy: bool,
}

/// Everything that handlers need.
pub struct PortalApp {
    pub key: Key,
    pub secure: bool,
    pub behind_proxy: bool,
    pub clock: Clock,
    pub catalog: Arc<Catalog>,
    pub files: Files,
    pub drafts: Drafts,
    pub records: Arc<Records>,
    pub producer: Arc<dyn Producer>,
}

/// The state as handlers extract it.
pub type PortalState = Arc<PortalApp>;

impl PortalApp {
    /// Publishes a message as e-Devlet would, and waits until the log has it.
    pub async fn publish(&self, key: String, message: &Value) -> Result<(), PortalError> {
        let record = Outgoing {
            topic: topic::SUBMISSIONS,
            partition: None,
            key: Some(key.into()),
            value: Some(message.to_string().into()),
            headers: Vec::new(),
        };
        append(&self.producer, vec![record]).await.map_err(Problem::from)?;
        self.records.published(message);
        Ok(())
    }
}
