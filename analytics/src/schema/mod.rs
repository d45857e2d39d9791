//! The schema of the read model: numbered files, applied in order, each once.

use clickhouse::{Client, Row};
use serde::Deserialize;

/// The files, in order. A released file never changes; a change is a new file.
const MIGRATIONS: &[(u32, &str, &str)] = &[
    (1, "read_model", include_str!("0001_read_model.sql")),
    (2, "life", include_str!("0002_life.sql")),
    (3, "open_and_closed", include_str!("0003_open_and_closed.sql")),
    (4, "copy_applications", include_str!("0004_copy_applications.sql")),
    (5, "applications", include_str!("0005_applications.sql")),
    (6, "access_log", include_str!("0006_access_log.sql")),
    (7, "open_snapshots", include_str!("0007_open_snapshots.sql")),
    (8, "open_indexes", include_str!("0008_open_indexes.sql")),
    (9, "open_merges", include_str!("0009_open_merges.sql")),
];

const MIGRATIONS_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations{on_cluster} (
    number UInt32, name String, at DateTime64(3, 'UTC') DEFAULT now64(3))
    ENGINE = {replicated}ReplacingMergeTree ORDER BY number SETTINGS {deduplication}";

/// How many inserts into each table are remembered by their token: far more than there can be between
/// an insert and its repetition.
const WINDOW: u32 = 10_000;

#[derive(Row, Deserialize)]
struct Applied {
    number: u32,
}

/// Brings the client's database up to date, and returns the numbers of the files that it applied.
/// `cluster` is the cluster on whose nodes the replicated tables are; empty: one node with plain
/// tables.
///
/// # Errors
/// ClickHouse's. Run it again to continue.
pub async fn migrate(client: &Client, cluster: &str) -> Result<Vec<u32>, clickhouse::error::Error> {
    migrate_with(client, cluster, MIGRATIONS).await
}

/// Brings the database to the state after these files.
async fn migrate_with(
    client: &Client,
    cluster: &str,
    migrations: &[(u32, &str, &str)],
) -> Result<Vec<u32>, clickhouse::error::Error> {
    let execute = async |sql: &str| client.query_raw(&expand(sql, cluster)).execute().await;
    execute(MIGRATIONS_TABLE).await?;
    let applied: Vec<Applied> =
        client.query("SELECT ?fields FROM schema_migrations FINAL").fetch_all().await?;
    let mut now = Vec::new();
    for (number, name, sql) in migrations {
        if applied.iter().any(|row| row.number == *number) {
            continue;
        }
        for statement in statements(sql) {
            if statement.contains(MONTH) {
                for_each_month(client, statement).await?;
            } else {
                execute(statement).await?;
            }
        }
        client
            .query("INSERT INTO schema_migrations (number, name) VALUES (?, ?)")
            .bind(*number)
            .bind(*name)
            .execute()
            .await?;
        tracing::info!(
            migration.number = number,
            migration.name = name,
            "schema migration {number}, {name}, is applied"
        );
        now.push(*number);
    }
    Ok(now)
}

/// In a statement that copies: executed for each month of `former_applications`.
const MONTH: &str = "{month}";

async fn for_each_month(client: &Client, statement: &str) -> Result<(), clickhouse::error::Error> {
    let sql = "SELECT DISTINCT toYYYYMM(received_at) AS month FROM former_applications ORDER BY month";
    let months: Vec<u32> = client.query(sql).fetch_all().await?;
    for (done, month) in months.iter().enumerate() {
        client.query_raw(&statement.replace(MONTH, &month.to_string())).execute().await?;
        tracing::info!(
            table.name = "former_applications",
            table.month = month,
            "month {month} is copied, {} of {}",
            done + 1,
            months.len()
        );
    }
    Ok(())
}

fn statements(sql: &str) -> impl Iterator<Item = &str> {
    sql.split(";\n").map(str::trim).filter(|statement| !statement.is_empty())
}

fn expand(sql: &str, cluster: &str) -> String {
    let (replicated, on_cluster, window) = if cluster.is_empty() {
        ("", String::new(), format!("non_replicated_deduplication_window = {WINDOW}"))
    } else {
        let days_30 = 30 * 24 * 3600;
        (
            "Replicated",
            format!(" ON CLUSTER '{}'", cluster.replace('\'', "")),
            format!(
                "replicated_deduplication_window = {WINDOW}, \
                 replicated_deduplication_window_seconds = {days_30}"
            ),
        )
    };
    sql.replace("{replicated}", replicated)
        .replace("{on_cluster}", &on_cluster)
        .replace("{deduplication}", &window)
}

/// Brings a database to the state in which an older version left it.
#[cfg(test)]
pub async fn migrate_until(client: &Client, last: usize) {
    migrate_with(client, "", &MIGRATIONS[..last]).await.unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing;

    #[tokio::test]
    async fn migrating_twice_changes_nothing_and_every_table_deduplicates() {
        let (client, database) = testing::database().await;
        assert_eq!(migrate(&client, "").await.unwrap(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert!(migrate(&client, "").await.unwrap().is_empty());
        let without_deduplication: u64 = client
            .query(
                "SELECT count() FROM system.tables WHERE database = ?
                 AND engine != 'View' AND NOT create_table_query LIKE '%deduplication_window = 10000%'",
            )
            .bind(database)
            .fetch_one()
            .await
            .unwrap();
        assert_eq!(without_deduplication, 0);
    }

    #[test]
    fn on_a_cluster_every_table_is_replicated() {
        for (_, _, sql) in MIGRATIONS {
            // A copy is replicated by the tables themselves.
            let of_tables = statements(sql).filter(|statement| !statement.contains(MONTH));
            for statement in of_tables.map(|statement| expand(statement, "main")) {
                assert!(statement.contains(" ON CLUSTER 'main'"), "{statement}");
                assert!(!statement.contains('{'), "{statement}");
                if ["ALTER TABLE", "RENAME TABLE", "DROP TABLE", "VIEW"]
                    .iter()
                    .any(|other| statement.contains(other))
                {
                    continue;
                }
                assert!(statement.contains("ENGINE = Replicated"), "{statement}");
                assert!(statement.contains("replicated_deduplication_window_seconds"), "{statement}");
            }
        }
    }
}
