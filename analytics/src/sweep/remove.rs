//! Removes what no reader can need any more: applications from `open_applications` that were brought
//! long ago, and figures that newer ones have replaced.

use clickhouse::Client;
use clickhouse::error::Error;

use super::{GRACE, of_partition};
use crate::cut::{Cut, SweepRow};

/// Rows are removed once there are so many, or once they are a fourth of the table: a removal writes
/// the remaining rows again. A test has few rows, and removes a hundredth.
const ROWS: u64 = 50_000;
const SHARE: u64 = if cfg!(test) { 100 } else { 4 };
/// At most so many applications are removed at once: ClickHouse has their ids in memory, several times. After a
/// rebuild there may be ten million, and with all of them a removal needed more than the engine's 4 GiB.
const AT_ONCE: u64 = if cfg!(test) { 24 } else { 3_000_000 };
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
    let sql = format!(
        "SELECT toUInt64(partition), min(offset), count() FROM open_applications
         WHERE topic = 'ebasvuru.archive' AND offset < arrayElement({}, partition + 1) GROUP BY partition",
        literal(&former.until)
    );
    let swept: Vec<(u64, i64, u64)> = client.query_raw(&sql).fetch_all().await?;
    let count: u64 = swept.iter().map(|(.., count)| count).sum();
    let rows: u64 = client.query("SELECT count() FROM open_applications").fetch_one().await?;
    if count == 0 || count < ROWS && count < rows / SHARE {
        return Ok(());
    }
    let (mut from, mut until) = (former.until.clone(), former.until.clone());
    // All of them if they are few enough: then none that is there twice, at two offsets, holds up the others.
    let of_each = if count > AT_ONCE { (AT_ONCE / swept.len() as u64).max(1) } else { u64::MAX };
    for (partition, first, _) in &swept {
        if let (Some(from), Some(until)) =
            (of_partition(&mut from, *partition), of_partition(&mut until, *partition))
        {
            *from = *first;
            *until = (*until).min(first.saturating_add_unsigned(of_each));
        }
    }
    // All versions of an application go together, so that no former one shows it as open. ClickHouse
    // removes from one part after the other and runs the subquery again for each, so it must not read the
    // table that rows are removed from.
    let sql = format!(
        "ALTER TABLE open_applications DELETE WHERE (id, life) IN (
             SELECT id, life FROM closed_applications WHERE sweep > {} AND sweep <= {}
             AND offset >= arrayElement({}, partition + 1) AND offset < arrayElement({}, partition + 1))",
        Cut::before_the_first(former.generation),
        former.sweep,
        literal(&from),
        literal(&until),
    );
    client.query_raw(&sql).execute().await?;
    tracing::info!(
        table.name = "open_applications",
        table.rows = count.min(AT_ONCE),
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

/// An offset of each partition. A mutation keeps its text, so it cannot have parameters.
fn literal(offsets: &[i64]) -> String {
    let offsets: Vec<String> = offsets.iter().map(ToString::to_string).collect();
    format!("CAST([{}], 'Array(Int64)')", offsets.join(","))
}
