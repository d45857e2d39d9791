//! Which closed applications count where: the cut between `open_applications` and
//! `closed_applications`.

use clickhouse::error::Error;
use clickhouse::{Client, Row};
use serde::Deserialize;

/// Sweeps of one generation are numbered from here, so that what a process of a former generation
/// writes late never counts.
const SWEEPS_OF_A_GENERATION: u64 = 1_000_000;

/// The state of the last finished sweep. It is read before both tables are: what it has brought
/// counts in `closed_applications`, everything else in `open_applications`, whatever is written
/// meanwhile. It may be up to [`crate::sweep::GRACE`] old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The generation of the read model.
    pub generation: u64,
    /// The number of the sweep.
    pub sweep: u32,
    /// For each partition of `ebasvuru.archive`, the offset after the last record that was brought.
    pub until: Vec<i64>,
    /// The months with closed applications, each with the version of its figures. Empty while many sweeps
    /// follow each other: then rows are counted.
    pub figures: Vec<(u32, u64)>,
}

#[derive(Row, Deserialize)]
pub struct SweepRow {
    pub generation: u64,
    pub sweep: u32,
    pub until: Vec<i64>,
    pub months: Vec<u32>,
    pub versions: Vec<u64>,
}

impl From<SweepRow> for Cut {
    fn from(row: SweepRow) -> Self {
        Self {
            generation: row.generation,
            sweep: row.sweep,
            until: row.until,
            figures: row.months.into_iter().zip(row.versions).collect(),
        }
    }
}

impl Cut {
    /// The last finished sweep of the current generation.
    ///
    /// # Errors
    /// ClickHouse's.
    pub async fn read(client: &Client) -> Result<Self, Error> {
        let row: SweepRow = client
            .query_raw(
                "WITH assumeNotNull((SELECT max(generation) FROM generations)) AS now
                 SELECT now AS generation, max(s.sweep) AS sweep, argMax(s.until, s.sweep) AS until,
                     argMax(s.months, s.sweep) AS months, argMax(s.versions, s.sweep) AS versions
                 FROM sweeps AS s WHERE s.done AND s.generation = now",
            )
            .fetch_one()
            .await?;
        let first = Self::before_the_first(row.generation);
        Ok(if row.sweep == 0 {
            Self { sweep: first, generation: row.generation, ..Self::default() }
        } else {
            row.into()
        })
    }

    /// The number before that of the generation's first sweep. Rows with this number or a lower one do
    /// not count.
    #[must_use]
    pub fn before_the_first(generation: u64) -> u32 {
        u32::try_from(generation * SWEEPS_OF_A_GENERATION).unwrap_or(u32::MAX)
    }

    /// The version of the figures of this month.
    #[must_use]
    pub fn version(&self, month: u32) -> Option<u64> {
        self.figures.iter().find(|(of, _)| *of == month).map(|(_, version)| *version)
    }
}
