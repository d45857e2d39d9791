//! The figures of the closed applications of a month, and what happened to them on each day.

use clickhouse::Client;
use clickhouse::error::Error;

use crate::cut::Cut;
use crate::read::{days, figure};

/// Writes the figures and days of a month as this sweep will leave it, and returns their version. Each
/// attempt writes a version of its own.
pub async fn write(client: &Client, cut: &Cut, sweep: u32, month: u32) -> Result<u64, Error> {
    let version = u64::from(sweep) << 32 | u64::from(random());
    let source = "closed_applications
         WHERE month = {month:UInt32} AND sweep > {before:UInt32} AND sweep <= {sweep:UInt32}";
    let insert = |table: &str, cells: String| {
        format!("INSERT INTO {table} SELECT {{month:UInt32}}, {{version:UInt64}}, * FROM ({cells})")
    };
    let figures = insert("closed_figures", figure::cells(source));
    let days = insert("closed_days", days::cells(source));
    for sql in [figures, days] {
        client
            .query_raw(&sql)
            .param("version", version)
            .param("month", month)
            .param("before", Cut::before_the_first(cut.generation))
            .param("sweep", sweep)
            // What has become of closed applications does not depend on it.
            .param("now", 0)
            .execute()
            .await?;
    }
    Ok(version)
}

fn random() -> u32 {
    getrandom::u32().unwrap_or_else(|_| std::process::id())
}
