//! The sink on the real engine, with failures of the log at every step.

mod batches;
mod crash;
mod faulty;
mod rebuild;
mod refused;
mod standby;

use std::collections::BTreeMap;
use std::sync::Arc;

use clickhouse::Client;
use ebasvuru_workflow::log::Log;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{End, Options, Runner, Source, healths, high_watermarks};
use crate::engine::testing;

/// A migrated database in which nothing is merged, so that a duplicate stays visible.
pub async fn database() -> Client {
    let (client, _) = testing::database().await;
    crate::schema::migrate(&client, "").await.unwrap();
    for table in ["events", "open_applications", "sink_rejects"] {
        client
            .query(&format!(
                "ALTER TABLE {table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1,
                 max_bytes_to_merge_at_min_space_in_pool = 1"
            ))
            .execute()
            .await
            .unwrap();
    }
    client
}

/// Runs the sink over everything in the log.
pub async fn drain(log: &Arc<dyn Log>, client: &Client, options: &Options) {
    for source in Source::ALL {
        drain_one(source, log, client, options, high_watermarks(log.as_ref(), source.topic()).unwrap()).await;
    }
}

pub async fn drain_one(
    source: Source,
    log: &Arc<dyn Log>,
    client: &Client,
    options: &Options,
    until: BTreeMap<i32, i64>,
) {
    if until.is_empty() {
        return;
    }
    let (log, client, options, runtime) =
        (Arc::clone(log), client.clone(), options.clone(), Handle::current());
    tokio::task::spawn_blocking(move || {
        let (stop, [health, ..]) = (CancellationToken::new(), healths());
        let runner = Runner::new(source, log.as_ref(), &client, &options, &runtime, &stop, &health);
        assert_eq!(runner.until(until).run(), End::Reached);
    })
    .await
    .unwrap();
}

pub async fn number(client: &Client, sql: &str) -> u64 {
    client.query(sql).fetch_one().await.unwrap()
}
