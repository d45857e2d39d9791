//! The generation of the read model: how often it has been rebuilt. It is part of every insert token.

use clickhouse::Client;
use clickhouse::error::Error;

/// The current generation; 0 before the first rebuild.
pub async fn current_generation(client: &Client) -> Result<u64, Error> {
    client.query("SELECT max(generation) FROM generations").fetch_one().await
}

/// Begins the next generation.
pub async fn begin_generation(client: &Client) -> Result<u64, Error> {
    let next = current_generation(client).await? + 1;
    client.query("INSERT INTO generations SELECT ?, now64(3)").bind(next).execute().await?;
    Ok(next)
}
