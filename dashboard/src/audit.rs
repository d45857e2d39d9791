//! Records who opens which personal data, before it is shown.

use std::sync::Arc;

use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::log::{LogError, Producer, append};
use ebasvuru_workflow::message::{Access, Message as _, Opened};
use uuid::Uuid;

/// Appends to `ebasvuru.audit`.
pub struct Audit {
    producer: Arc<dyn Producer>,
    clock: Clock,
}

impl Audit {
    /// Appends with this producer.
    #[must_use]
    pub const fn new(producer: Arc<dyn Producer>, clock: Clock) -> Self {
        Self { producer, clock }
    }

    /// Returns once the log has it that this person opens these parts of an application.
    ///
    /// # Errors
    /// The log's: then nothing of it may be shown.
    pub async fn record(
        &self,
        user: &UserName,
        application: &Application,
        opened: &[Opened],
    ) -> Result<(), LogError> {
        let at = self.clock.now();
        let access = |what: &Opened| Access {
            id: Uuid::new_v4(),
            at,
            user: user.clone(),
            application: application.id,
            no: application.no.clone(),
            what: *what,
        };
        append(&self.producer, opened.iter().map(|what| access(what).to_record()).collect()).await?;
        Ok(())
    }
}
