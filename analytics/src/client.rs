//! How every ClickHouse client is made.

use std::time::Duration;

use clickhouse::{Client, Compression};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// The address is not one that a client can use.
#[derive(Debug, thiserror::Error)]
#[error("clickhouse.url is {0:?}: it must be http://host:port (put TLS in front by a proxy on this machine)")]
pub struct BadUrl(String);

/// A client that sets every setting we rely on, because servers' defaults change, and sends small
/// requests at once: the crate's own connector leaves Nagle's algorithm on, which makes an insert
/// of 6 ms take 49 ms.
///
/// # Errors
/// [`BadUrl`] if the address is not plain HTTP.
pub fn connect(url: &str, database: &str, user: &str, password: &str) -> Result<Client, BadUrl> {
    if !url.starts_with("http://") || url.len() <= "http://".len() {
        return Err(BadUrl(url.to_owned()));
    }
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.set_keepalive(Some(Duration::from_secs(60)));
    connector.set_connect_timeout(Some(Duration::from_secs(5)));
    let http =
        HyperClient::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(2)).build(connector);
    let mut client = Client::with_http_client(http)
        .with_url(url)
        .with_database(database)
        .with_setting("async_insert", "0")
        .with_setting("insert_deduplicate", "1")
        .with_setting("deduplicate_blocks_in_dependent_materialized_views", "1")
        .with_setting("do_not_merge_across_partitions_select_final", "1")
        .with_setting("use_skip_indexes_if_final", "1")
        .with_setting("use_skip_indexes_if_final_exact_mode", "1")
        .with_setting("date_time_input_format", "best_effort");
    if is_here(url) {
        // On one machine compressing costs more than sending.
        client = client.with_compression(Compression::None);
    }
    if !user.is_empty() && (user != "default" || !password.is_empty()) {
        client = client.with_user(user).with_password(password);
    }
    Ok(client)
}

/// Whether the address is of this machine.
fn is_here(url: &str) -> bool {
    ["http://127.0.0.1:", "http://[::1]:", "http://localhost:"].iter().any(|here| url.starts_with(here))
}
