//! Inserts the blocks of a batch, each exactly once, however many attempts it takes.

use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use clickhouse::error::Error;
use clickhouse::{Client, RowOwned, RowWrite};
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::Health;

use super::batch::{Batch, Block};
use super::row::{Row, Table};
use crate::exception::fix_for;
use crate::metric;

/// How long an insert may take before the attempt counts as failed.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Writes all blocks of a batch, and waits for ClickHouse as long as necessary.
///
/// Every attempt is a new insert of the same rows under the same token, so it does not matter which
/// of them ClickHouse has kept.
pub async fn write(client: Client, topic: &'static str, generation: u64, batch: &Batch, health: &Health) {
    for block in &batch.blocks {
        let token = token(topic, generation, batch, block);
        let table = block.table.name();
        let forever = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(10))
            .with_jitter()
            .without_max_times();
        let mut attempts = 0u64;
        let began = Instant::now();
        let attempt = || async {
            let written = insert(&client, &token, block).await;
            if written.is_err() {
                // The crate caches the columns of a table, which may be fixed before the next attempt.
                client.clear_cached_metadata().await;
            }
            written
        };
        let written = attempt
            .retry(forever)
            .notify(|error: &Error, _| {
                attempts += 1;
                metrics::counter!(metric::RETRIES, "table" => table).increment(1);
                match fix_for(error) {
                    Some(fix) => health.refused(ErrorCode::SinkRefused, &format!("{table}: {error}: {fix}")),
                    None => health.waiting(&format!("ClickHouse does not take rows of {table}: {error}")),
                }
            })
            .await;
        if written.is_ok() {
            health.running();
            metrics::counter!(metric::INSERTS, "table" => table).increment(1);
            metrics::counter!(metric::ROWS, "table" => table).increment(block.rows.len() as u64);
            if attempts > 0 {
                tracing::info!(
                    table.name = table,
                    insert.token = token,
                    insert.attempts = attempts + 1,
                    duration_ms = began.elapsed().as_millis(),
                    "ClickHouse takes rows of {table} again"
                );
            }
        }
    }
}

/// The token of a block: where its rows come from, their month if there is one block for each, and the
/// generation of the read model. It never changes.
fn token(topic: &str, generation: u64, batch: &Batch, block: &Block) -> String {
    let Batch { partition, range, .. } = batch;
    let month = block.month.map(|month| format!("-{month}")).unwrap_or_default();
    let rejects = if block.table == Table::Rejects { "-rejects" } else { "" };
    format!("{topic}-{partition}-{}-{}{month}{rejects}-g{generation}", range.min, range.max)
}

async fn insert(client: &Client, token: &str, block: &Block) -> Result<(), Error> {
    let rows = block.rows.iter();
    match block.table {
        Table::Events => send(client, token, block.table.name(), rows.filter_map(Row::as_event)).await,
        Table::Applications => {
            send(client, token, block.table.name(), rows.filter_map(Row::as_application)).await
        }
        Table::Accesses => send(client, token, block.table.name(), rows.filter_map(Row::as_access)).await,
        Table::Rejects => send(client, token, block.table.name(), rows.filter_map(Row::as_reject)).await,
    }
}

/// Inserts rows of one table partition as one block, once for each token.
pub(crate) async fn send<'a, T>(
    client: &Client,
    token: &str,
    table: &str,
    rows: impl Iterator<Item = &'a T>,
) -> Result<(), Error>
where
    T: RowOwned + RowWrite + 'a,
{
    let mut insert = client
        .insert::<T>(table)
        .await?
        .with_timeouts(Some(TIMEOUT), Some(TIMEOUT))
        .with_setting("insert_deduplication_token", token)
        .with_setting("async_insert", "0")
        .with_setting("insert_deduplicate", "1")
        .with_setting("deduplicate_insert", "enable")
        .with_setting("deduplicate_blocks_in_dependent_materialized_views", "1")
        // One insert is one block: the server must not split it.
        .with_setting("max_insert_block_size", "10000000")
        .with_setting("min_insert_block_size_rows", "10000000")
        .with_setting("min_insert_block_size_bytes", "0");
    for row in rows {
        insert.write(row).await?;
    }
    insert.end().await
}

/// Inserts rows that may be there twice.
pub(crate) async fn append<T>(
    client: &Client,
    table: &str,
    rows: impl ExactSizeIterator<Item = T>,
) -> Result<(), Error>
where
    T: RowOwned + RowWrite,
{
    if rows.len() == 0 {
        return Ok(());
    }
    let mut insert = client
        .insert::<T>(table)
        .await?
        .with_timeouts(Some(TIMEOUT), Some(TIMEOUT))
        .with_setting("async_insert", "0")
        // What was sent before may have been removed since.
        .with_setting("insert_deduplicate", "0")
        .with_setting("deduplicate_insert", "disable");
    for row in rows {
        insert.write(&row).await?;
    }
    insert.end().await
}
