//! The embedded ClickHouse through its deaths: it comes back by itself, commands start it where
//! no `up` runs, and it may be dropped whole.

use ebasvuru_workflow::log::topic;
use ebasvuru_workflow::testing::records;

use crate::product::{On, Product, eventually};

#[test]
fn the_embedded_clickhouse_is_only_a_copy() {
    let mut product = Product::up(On::Embedded).unwrap();
    product.run(&["load", "--count", "200", "--seed", "1"]);
    arrived(&product, 200);
    let refused = product.try_run(&["rebuild"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("SINK_RUNS"), "{said}");

    let engine = product.engine_process();
    assert!(std::process::Command::new("kill").args(["-9", &engine]).status().unwrap().success());
    product.run(&["load", "--count", "100", "--seed", "2"]);
    arrived(&product, 300);
    assert_ne!(product.engine_process(), engine);
    product.reconciles();

    // What `up` left behind says where ClickHouse was; it is there no more.
    product.kill_up();
    let (left, token) = (product.data().join("endpoints.json"), product.data().join("clickhouse.token"));
    assert!(left.exists() && token.exists());
    product.run(&["reconcile"]);
    assert!(!left.exists() && !token.exists(), "the next owner of the folder removes what is stale");
    product.run(&["rebuild"]);
    product.run(&["reconcile"]);
    std::fs::remove_dir_all(product.data().join("clickhouse")).unwrap();
    let rebuilt = product.run(&["rebuild"]);
    assert!(rebuilt.contains("300 applications"), "{rebuilt}");
    product.run(&["reconcile"]);

    product.start_up();
    arrived(&product, 300);
    let said = product.run(&["check"]);
    assert!(said.contains("ebasvuru.analytics.events 0"), "{said}");
}

/// Every submission is an application in the log and in ClickHouse.
fn arrived(product: &Product, count: usize) {
    let log = product.log();
    eventually("every application", || {
        (records(log.as_ref(), topic::APPLICATIONS).len() >= count).then_some(())
    });
    eventually("every row", || {
        (product.count("SELECT uniqExact(id) FROM applications") == Some(count as u64)).then_some(())
    });
}
