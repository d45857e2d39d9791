//! Appends without blocking a task.

use std::sync::Arc;

use super::{LogError, Outgoing, Producer};

/// [`Producer::send`] on a thread that may block.
///
/// # Errors
/// The log's.
pub async fn append(
    producer: &Arc<dyn Producer>,
    records: Vec<Outgoing>,
) -> Result<Vec<(i32, i64)>, LogError> {
    let producer = Arc::clone(producer);
    tokio::task::spawn_blocking(move || producer.send(records))
        .await
        .map_err(|error| LogError::Unavailable(error.to_string()))?
}
