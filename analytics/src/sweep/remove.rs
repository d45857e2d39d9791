//! Removes what no reader can need any more: applications from `open_applications` that were brought
//! long ago, and figures that newer ones have replaced.

use clickhouse::Client;
use clickhouse::error::Error;

use super::GRACE;
use crate::cut::{Cut, SweepRow};

/// Rows are removed once there are so many, or once they are a fourth of the table: a removal writes
/// the remaining rows again.
const ROWS: u64 = 50_000;
const SHARE: u64 = 4;
/// Rows of former sweeps are removed once there are so many.
const SWEEPS: u64 = 1_000;

/// Removes what had been brought one [`GRACE`] before `now`, which is in milliseconds.
///
/// # Errors
/// ClickHouse's.
pub async fn remove(client: &Client, now: i64) -> Result<(), Error> {
    let Some(former) = before(client, now).await? else { return Ok(()) };
    remove_applications(client, &former).await?;
    remove_figures(client, &former).await?;
    remove_sweeps(client, &former).await
}

/// The cut of the oldest reader.
async fn before(client: &Client, now: i64) -> Result<Option<Cut>, Error> {
    let current = Cut::read(client).await?;
    let grace = i64::try_from(GRACE.as_millis()).unwrap_or(i64::MAX);
    let row: Option<SweepRow> = client
        .query(
            "SELECT ?fields FROM sweeps WHERE generation = ? AND done AND at < fromUnixTimestamp64Milli(?)
             ORDER BY sweep DESC LIMIT 1",
        )
        .bind(current.generation)
        .bind(now - grace)
        .fetch_optional()
        .await?;
    Ok(row.map(Cut::from))
}

async fn remove_applications(client: &Client, former: &Cut) -> Result<(), Error> {
    // The last removal still runs.
    let unfinished: u64 = client
        .query("SELECT count() FROM system.mutations WHERE database = currentDatabase() AND table = 'open_applications' AND NOT is_done")
        .fetch_one()
        .await?;
    if unfinished > 0 {
        return Ok(());
    }
    let is_swept = is_swept(&former.until);
    let sql = format!("SELECT countIf({is_swept}), count() FROM open_applications");
    let (swept, rows): (u64, u64) = client.query_raw(&sql).fetch_one().await?;
    if swept == 0 || swept < ROWS && swept < rows / SHARE {
        return Ok(());
    }
    // All versions of an application go together, so that none comes to light again.
    let sql = format!(
        "ALTER TABLE open_applications DELETE WHERE (valilik, service, id, life) IN (
             SELECT valilik, service, id, life FROM open_applications WHERE {is_swept})"
    );
    client.query_raw(&sql).execute().await?;
    tracing::info!(
        table.name = "open_applications",
        table.rows = swept,
        "closed applications are removed from the open ones"
    );
    Ok(())
}

/// Removes the versions of figures and days that are older than the former cut's.
async fn remove_figures(client: &Client, former: &Cut) -> Result<(), Error> {
    for table in ["closed_figures", "closed_days"] {
        let versions: Vec<(u32, u64)> =
            client.query(&format!("SELECT DISTINCT month, version FROM {table}")).fetch_all().await?;
        for (month, version) in versions {
            if former.version(month).is_some_and(|kept| version < kept) {
                let sql = format!("ALTER TABLE {table} DROP PARTITION ({month}, {version})");
                client.query_raw(&sql).execute().await?;
            }
        }
    }
    Ok(())
}

/// Removes the rows of former sweeps.
async fn remove_sweeps(client: &Client, former: &Cut) -> Result<(), Error> {
    let rows: u64 =
        client.query("SELECT count() FROM sweeps WHERE sweep < ?").bind(former.sweep).fetch_one().await?;
    if rows < SWEEPS {
        return Ok(());
    }
    let sql = format!("ALTER TABLE sweeps DELETE WHERE sweep < {}", former.sweep);
    client.query_raw(&sql).execute().await
}

/// The condition of applications that a sweep has brought. A mutation keeps its text, so it cannot have
/// parameters.
fn is_swept(until: &[i64]) -> String {
    let until: Vec<String> = until.iter().map(ToString::to_string).collect();
    format!(
        "topic = 'ebasvuru.archive' AND offset < arrayElement(CAST([{}], 'Array(Int64)'), partition + 1)",
        until.join(",")
    )
}
