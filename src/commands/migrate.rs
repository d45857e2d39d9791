//! `ebasvuru migrate`: ClickHouse's schema.

use anyhow::Context;
use clickhouse::Client;
use ebasvuru_analytics::schema;
use ebasvuru_workflow::error_code::ErrorCode;

use crate::clickhouse_access::open;
use crate::config::Config;

/// Creates the database if it is missing, and brings its schema up to date.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    migrate(config, &open(config).await?.client).await
}

/// The same on a given ClickHouse.
pub async fn migrate(config: &Config, client: &Client) -> anyhow::Result<()> {
    let (database, cluster) = (&config.clickhouse.database, &config.clickhouse.cluster);
    let on_cluster = if cluster.is_empty() { String::new() } else { format!(" ON CLUSTER '{cluster}'") };
    client
        .clone()
        .with_database("default")
        .query(&format!("CREATE DATABASE IF NOT EXISTS `{database}`{on_cluster}"))
        .execute()
        .await
        .context(ErrorCode::ClickHouse.with("the database cannot be created"))?;
    schema::migrate(client, cluster)
        .await
        .context(ErrorCode::ClickHouse.with("the schema cannot be brought up to date"))?;
    Ok(())
}
