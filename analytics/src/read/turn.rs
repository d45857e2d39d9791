//! Requests to ClickHouse take turns. Each one needs a connection, and however many people ask at once,
//! ClickHouse runs only some of them at once: more would only fill its listener, which turns away what
//! does not fit.

use std::sync::Arc;

use clickhouse::query::{Query, RowCursor};
use clickhouse::{Row, RowOwned, RowRead};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ReadError;

/// How many requests are at ClickHouse at once; the others wait in order. Four for each that the
/// embedded engine runs, so that it never waits for us, and a quarter of the connections that its
/// listener keeps for later.
pub(super) const MAX_REQUESTS: usize = 32;

/// The turns of one read model.
#[derive(Clone)]
pub struct Turns(Arc<Semaphore>);

/// The turn of one request. It lasts until it is dropped.
pub struct Turn {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_REQUESTS)))
    }
}

impl Turns {
    /// Waits for a turn. Nobody may wait for one while having one.
    pub async fn take(&self) -> Turn {
        // The semaphore is never closed.
        Turn { _permit: Arc::clone(&self.0).acquire_owned().await.ok() }
    }

    /// A query that waits for its turn when it is sent.
    pub fn query(&self, query: Query) -> Waiting {
        Waiting { query, turns: self.clone() }
    }
}

/// A query that has not had its turn yet.
pub struct Waiting {
    query: Query,
    turns: Turns,
}

impl Waiting {
    /// With this value of a parameter.
    pub fn param(self, name: &str, value: impl Serialize) -> Self {
        Self { query: self.query.param(name, value), ..self }
    }

    /// To be run on one thread of ClickHouse: a statement that reads little takes more processor time on two, and ends
    /// no sooner.
    pub fn on_one_thread(self) -> Self {
        Self { query: self.query.with_setting("max_threads", "1"), ..self }
    }

    /// All rows.
    pub async fn fetch_all<T: RowOwned + RowRead>(self) -> Result<Vec<T>, ReadError> {
        let _turn = self.turns.take().await;
        Ok(self.query.fetch_all().await?)
    }

    /// The only row.
    pub async fn fetch_one<T: RowOwned + RowRead>(self) -> Result<T, ReadError> {
        let _turn = self.turns.take().await;
        Ok(self.query.fetch_one().await?)
    }

    /// The rows one after the other, and the turn, which the caller drops once the first one is there: who
    /// takes the rows slowly must not keep others waiting.
    pub async fn fetch<T: Row>(self) -> Result<(RowCursor<T>, Turn), ReadError> {
        let turn = self.turns.take().await;
        Ok((self.query.fetch()?, turn))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::super::ReadModel;
    use super::super::sql::Conditions;
    use super::MAX_REQUESTS;
    use crate::client::connect;

    /// ClickHouse accepts connections and answers nothing for a while, then closes them.
    #[tokio::test(flavor = "multi_thread")]
    async fn people_who_ask_at_once_wait_for_each_other_and_not_in_the_listener() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let read = ReadModel::new(connect(&url, "default", "default", "").unwrap());
        let asked: Vec<_> = (0..3 * MAX_REQUESTS)
            .map(|_| {
                let read = read.clone();
                let ask =
                    async move { read.uncut("SELECT 1", &Conditions::default()).fetch_one::<u8>().await };
                tokio::spawn(ask)
            })
            .collect();
        let mut open = Vec::new();
        let more = Duration::from_millis(500);
        while let Ok(accepted) = tokio::time::timeout(more, listener.accept()).await {
            open.push(accepted.unwrap());
        }
        assert_eq!(open.len(), MAX_REQUESTS);
        drop((open, listener));
        for asked in asked {
            asked.await.unwrap().unwrap_err();
        }
    }
}
