//! The access log: who opened which personal data.

use clickhouse::Row;
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, UserName};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::{ReadError, ReadModel};

/// A person opened personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub user: UserName,
    /// Of which application.
    pub application: ApplicationId,
    /// Its number.
    pub no: ApplicationNo,
    /// What was opened, such as `content` or `document`.
    pub what: &'static str,
    /// Where, such as the page.
    pub reason: String,
}

#[derive(Row, Serialize)]
struct AccessRow {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
    at: i64,
    user: String,
    #[serde(with = "clickhouse::serde::uuid")]
    application: Uuid,
    no: String,
    what: String,
    reason: String,
}

impl ReadModel {
    /// Records that personal data is about to be shown, and returns once all these records are on disk.
    /// Those of many pages are one insert.
    ///
    /// # Errors
    /// The records were not kept: then nothing may be shown.
    pub async fn log_access(&self, accesses: Vec<Access>) -> Result<(), ReadError> {
        let read = self.clone();
        let write = move |all: Vec<Vec<Access>>| {
            let read = read.clone();
            async move {
                read.write_accesses(all.iter().flatten()).await?;
                Ok(vec![(); all.len()])
            }
        };
        self.accesses.ask(accesses, write).await
    }

    async fn write_accesses(&self, accesses: impl Iterator<Item = &Access> + Send) -> Result<(), ReadError> {
        let _turn = self.turns.take().await;
        let mut insert = self.client.insert::<AccessRow>("access_log").await?;
        for access in accesses {
            insert
                .write(&AccessRow {
                    id: Uuid::new_v4(),
                    at: access.at.as_millisecond(),
                    user: access.user.to_string(),
                    application: access.application.0,
                    no: access.no.to_string(),
                    what: access.what.to_owned(),
                    reason: access.reason.clone(),
                })
                .await?;
        }
        Ok(insert.end().await?)
    }
}
