//! The figures of the closed applications of a month.

use clickhouse::Client;
use clickhouse::error::Error;

use crate::cut::Cut;
use crate::read::figure::cell_columns;

/// Writes the figures of a month as this sweep will leave it, and returns their version. Each attempt
/// writes a version of its own.
pub async fn write(client: &Client, cut: &Cut, sweep: u32, month: u32) -> Result<u64, Error> {
    let version = u64::from(sweep) << 32 | u64::from(random());
    let sql = format!(
        "INSERT INTO closed_figures
         SELECT month, {{version:UInt64}}, unit, service, valilik, officer, {} FROM closed_applications
         WHERE month = {{month:UInt32}} AND sweep > {{before:UInt32}} AND sweep <= {{sweep:UInt32}}
         GROUP BY month, unit, service, valilik, officer",
        cell_columns()
    );
    client
        .query_raw(&sql)
        .param("version", version)
        .param("month", month)
        .param("before", Cut::before_the_first(cut.generation))
        .param("sweep", sweep)
        // The figures of closed applications do not depend on it.
        .param("now", 0)
        .execute()
        .await?;
    Ok(version)
}

fn random() -> u32 {
    getrandom::u32().unwrap_or_else(|_| std::process::id())
}
