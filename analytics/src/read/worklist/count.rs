//! How many rows a list has.

use std::collections::HashMap;

use clickhouse::Row;
use jiff::Timestamp;
use serde::Deserialize;

use super::WorklistFilter;
use crate::read::sql::{Conditions, Value, union};
use crate::read::{ReadError, ReadModel};

impl ReadModel {
    /// The number of rows of all pages of a list.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn count(&self, filter: &WorklistFilter, now: Timestamp) -> Result<u64, ReadError> {
        let conditions = filter.conditions(now);
        let sql = format!(
            "SELECT toUInt64(sum(n)) FROM ({})",
            union(filter.tables(), |table| {
                format!("SELECT count() AS n FROM {}{}", table.from(), conditions.sql(table))
            })
        );
        self.bound(&sql, &conditions, now, &*self.cut().await?).fetch_one().await
    }

    /// The number of all applications of the person with this index (`Sealer::tckn_index`).
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn count_of_person(&self, tckn_index: &str) -> Result<u64, ReadError> {
        let read = self.clone();
        let ask = move |people: Vec<String>| {
            let read = read.clone();
            async move { read.counts_of_people(people).await }
        };
        self.people.ask(tckn_index.to_owned(), ask).await
    }

    async fn counts_of_people(&self, people: Vec<String>) -> Result<Vec<u64>, ReadError> {
        let mut conditions = Conditions::default();
        conditions.param("people", Value::Texts(people.clone()));
        // Without FINAL and without a cut: an application may be found several times, but it counts once.
        let sql = "SELECT person, uniqExact(id) AS applications FROM (
                SELECT tckn_index AS person, id FROM open_applications
                WHERE tckn_index IN {people:Array(String)}
                UNION ALL
                SELECT person, id FROM closed_people WHERE person IN {people:Array(String)}
            ) GROUP BY person";
        let counted: Vec<PersonsCount> = self.uncut(sql, &conditions).fetch_all().await?;
        let counts: HashMap<_, _> = counted.into_iter().map(|row| (row.person, row.applications)).collect();
        Ok(people.iter().map(|person| counts.get(person).copied().unwrap_or_default()).collect())
    }
}

#[derive(Row, Deserialize)]
struct PersonsCount {
    person: String,
    applications: u64,
}
