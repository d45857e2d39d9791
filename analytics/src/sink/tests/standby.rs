//! More replicas than partitions.

use std::sync::Arc;
use std::time::Duration;

use ebasvuru_workflow::health::{Health, HealthState};
use ebasvuru_workflow::message::Message;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{Options, Runner, Source, database, number};
use crate::testing::{self, access, publish};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_without_a_partition_is_ready_too() {
    let (_folder, log) = testing::log();
    let client = database().await;
    let stop = CancellationToken::new();
    let healths = ["0", "1"].map(Health::new);
    let mut sinks = Vec::new();
    for (slot, health) in ["0", "1"].into_iter().zip(healths.clone()) {
        let (log, client, stop, runtime) =
            (Arc::clone(&log), client.clone(), stop.clone(), Handle::current());
        sinks.push(tokio::task::spawn_blocking(move || {
            let options = Options::new(slot);
            Runner::new(Source::Audit, log.as_ref(), &client, &options, &runtime, &stop, &health).run()
        }));
    }
    let _stop = stop.drop_guard();
    let all = async {
        while !healths.iter().all(|health| health.state() == HealthState::Running) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        publish(log.as_ref(), vec![access(1).to_record()]);
        while number(&client, "SELECT count() FROM access_log").await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), all).await.unwrap();
}
