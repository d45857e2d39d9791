//! The embedded ClickHouse: it restarts by itself, commands start it when no `up` runs, and its files
//! can be deleted.

use ebasvuru_workflow::log::topic;
use ebasvuru_workflow::testing::records;

use crate::product::{Backend, Product, eventually};

#[test]
fn the_embedded_clickhouse_restarts_and_is_rebuilt_from_the_log() {
    let mut product = Product::up(Backend::Embedded).unwrap();
    product.run(&["load", "--count", "200", "--seed", "1"]);
    arrived(&product, 200);
    let refused = product.try_run(&["rebuild"]);
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && stderr.contains("SINK_RUNS"), "{stderr}");

    let engine = product.engine_process();
    assert!(std::process::Command::new("kill").args(["-9", &engine]).status().unwrap().success());
    product.run(&["load", "--count", "100", "--seed", "2"]);
    arrived(&product, 300);
    assert_ne!(product.engine_process(), engine);
    product.assert_reconciled();

    // The killed `up` leaves its endpoints behind, which are no longer valid.
    product.kill_up();
    let (endpoints, token) = (product.data().join("endpoints.json"), product.data().join("clickhouse.token"));
    assert!(endpoints.exists() && token.exists());
    product.run(&["reconcile"]);
    assert!(!endpoints.exists() && !token.exists(), "the next owner of the folder removes stale files");
    product.run(&["rebuild"]);
    product.run(&["reconcile"]);
    std::fs::remove_dir_all(product.data().join("clickhouse")).unwrap();
    let rebuilt = product.run(&["rebuild"]);
    assert!(rebuilt.contains("300 applications"), "{rebuilt}");
    product.run(&["reconcile"]);

    product.start_up();
    arrived(&product, 300);
    let checks = product.run(&["check"]);
    assert!(checks.contains("ebasvuru.analytics.events 0"), "{checks}");
}

/// Waits until this many applications are in the log and in ClickHouse.
fn arrived(product: &Product, count: usize) {
    let log = product.log();
    eventually("every application", || {
        (records(log.as_ref(), topic::APPLICATIONS).len() >= count).then_some(())
    });
    eventually("every row", || {
        (product.try_number("SELECT uniqExact(id) FROM applications") == Some(count as u64)).then_some(())
    });
}
