//! Compares what is kept of closed applications: month by month, the figures with the rows that they are
//! made of, and the rows with the open ones and with the records.

use clickhouse::error::Error;
use clickhouse::{Client, Row};
use ebasvuru_workflow::domain::calendar::ISTANBUL;
use serde::{Deserialize, Serialize};

use crate::cut::Cut;
use crate::read::sql::{Table, bind_cut};
use crate::read::{days, figure};

/// The closed applications received in one month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Month {
    /// The month, in Istanbul: YYYYMM.
    pub month: u32,
    /// How many there are.
    pub closed: u64,
    /// Whether the month's figures and days are those of its applications, or no month has figures,
    /// because many sweeps follow each other. `ebasvuru rebuild --month` writes them anew.
    pub figures_agree: bool,
    /// Applications that count more than once.
    pub twice: u64,
    /// Applications without a record for their page.
    pub without_snapshot: u64,
}

#[derive(Row, Deserialize)]
struct Side {
    applications: u64,
    hash: u64,
}

impl Month {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.figures_agree && self.twice == 0 && self.without_snapshot == 0
    }

    /// One line, for people.
    #[must_use]
    pub fn line(&self) -> String {
        let figures = if self.figures_agree {
            "figures agree".to_owned()
        } else {
            let (year, month) = (self.month / 100, self.month % 100);
            format!("FIGURES DIFFER (run `ebasvuru rebuild --month {year}-{month:02}`)")
        };
        format!(
            "closed[{}]: {} applications, {figures}, {} counted twice, {} without a record",
            self.month, self.closed, self.twice, self.without_snapshot
        )
    }
}

/// Every month with closed applications, as of the last sweep.
pub async fn compare(client: &Client) -> Result<Vec<Month>, Error> {
    let cut = Cut::read(client).await?;
    let mut months: Vec<u32> =
        client.query("SELECT DISTINCT month FROM closed_applications").fetch_all().await?;
    months.extend(cut.figures.iter().map(|(month, _)| month));
    months.sort_unstable();
    months.dedup();
    let mut compared = Vec::new();
    for month in months {
        compared.push(one(client, &cut, month).await?);
    }
    Ok(compared)
}

async fn one(client: &Client, cut: &Cut, month: u32) -> Result<Month, Error> {
    let bound = |sql: &str| {
        bind_cut(client.query_raw(sql), cut)
            .param("month", month)
            .param("version", cut.version(month).unwrap_or(0))
            // The figures of closed applications do not depend on it.
            .param("now", 0)
    };
    let closed = Table::Closed.from();
    let source = format!("{closed} AND month = {{month:UInt32}}");
    let rows: Side = bound(&format!(
        "SELECT toUInt64(sum(total)) AS applications, {} AS hash FROM ({})",
        figure::cell_hash(false),
        figure::cells(&source)
    ))
    .fetch_one()
    .await?;
    let cells: Side = bound(&format!(
        "SELECT toUInt64(sum(total)) AS applications, {} AS hash FROM closed_figures
         WHERE month = {{month:UInt32}} AND version = {{version:UInt64}}",
        figure::cell_hash(true)
    ))
    .fetch_one()
    .await?;
    let rows_by_day: u64 =
        bound(&format!("SELECT {} FROM ({})", days::cell_hash(false), days::cells(&source)))
            .fetch_one()
            .await?;
    let days: u64 = bound(&format!(
        "SELECT {} FROM closed_days WHERE month = {{month:UInt32}} AND version = {{version:UInt64}}",
        days::cell_hash(true)
    ))
    .fetch_one()
    .await?;
    let twice = bound(&format!(
        "SELECT count() FROM (SELECT no FROM (
             SELECT no FROM {} AND toYYYYMM(received_at, '{ISTANBUL}') = {{month:UInt32}}
             UNION ALL
             SELECT no FROM {closed} AND month = {{month:UInt32}}
         ) GROUP BY no HAVING count() > 1)",
        Table::Open.from()
    ));
    let without = bound(&format!(
        "SELECT count() FROM {closed} AND month = {{month:UInt32}}
         AND no NOT IN (SELECT no FROM closed_snapshots
             WHERE toYYYYMM(received_at, '{ISTANBUL}') = {{month:UInt32}})"
    ));
    Ok(Month {
        month,
        closed: rows.applications,
        figures_agree: cut.figures.is_empty()
            || (rows.applications, rows.hash, rows_by_day) == (cells.applications, cells.hash, days),
        twice: twice.fetch_one().await?,
        without_snapshot: without.fetch_one().await?,
    })
}
