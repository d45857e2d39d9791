//! The other applications of the person behind one. Most people have none, and nearly all have few: where
//! these are, and then what they are, is asked for many people at once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use clickhouse::Row;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::ApplicationId;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::query::select;
use super::{Sort, WorklistRow};
use crate::cut::Cut;
use crate::read::sql::{Conditions, Table, Value, union};
use crate::read::{ReadError, ReadModel};

/// How many places of one person are looked up at most: each application has one for each unit that it was in.
const MAX_PLACES: usize = 100;

/// Where an application of a person is.
#[derive(Clone, Row, Deserialize)]
pub(in crate::read) struct Place {
    person: String,
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
    /// The key in `open_applications`; 0 and empty if it is not there.
    valilik: u8,
    service: String,
    /// The key in `closed_applications`, or what it will be.
    unit: String,
    received_at: i64,
}

/// The applications at these places as they were at a cut.
pub(in crate::read) struct AtPlaces {
    places: Vec<Place>,
    cut: Arc<Cut>,
    now: Timestamp,
}

impl ReadModel {
    /// The other applications of the same person, newest first; `None` if they are more than `few`.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn few_others(
        &self,
        application: &Application,
        few: u16,
        now: Timestamp,
    ) -> Result<Option<Vec<WorklistRow>>, ReadError> {
        // Before they are looked for: what is swept meanwhile is still where it was found.
        let cut = self.cut().await?;
        let mut places = self.places(&application.applicant.tckn_index).await?;
        if places.len() == MAX_PLACES {
            return Ok(None);
        }
        places.retain(|place| ApplicationId(place.id) != application.id);
        if places.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let ids: BTreeSet<_> = places.iter().map(|place| place.id).collect();
        if ids.len() > usize::from(few) {
            return Ok(None);
        }
        let (read, question) = (self.clone(), AtPlaces { places, cut, now });
        let ask = move |questions| read.clone().at_places(questions);
        let mut rows = self.at_places.ask(question, ask).await?;
        rows.sort_by(|a, b| Sort::Newest.compare(a.cursor(Sort::Newest), b.cursor(Sort::Newest)));
        // One submission may have become two applications, years apart.
        Ok((rows.len() <= usize::from(few)).then_some(rows))
    }

    /// Where the applications of the person are, [`MAX_PLACES`] at most.
    async fn places(&self, tckn_index: &str) -> Result<Vec<Place>, ReadError> {
        let read = self.clone();
        let ask = move |people| read.clone().places_of_people(people);
        self.places.ask(tckn_index.to_owned(), ask).await
    }

    async fn places_of_people(self, people: Vec<String>) -> Result<Vec<Vec<Place>>, ReadError> {
        let mut conditions = Conditions::default();
        conditions.param("people", Value::Texts(people.clone()));
        // Without FINAL and without a cut: one that is found several times counts once.
        let sql = format!(
            "SELECT person, id, max(valilik) AS valilik, max(service) AS service, unit, any(received_at) AS received_at
             FROM (
                 SELECT tckn_index AS person, id, valilik, toString(service) AS service, toString(unit) AS unit,
                     received_at
                 FROM open_applications WHERE tckn_index IN {{people:Array(String)}}
                 UNION ALL
                 SELECT person, id, 0, '', toString(unit), received_at
                 FROM closed_people WHERE person IN {{people:Array(String)}}
             ) GROUP BY person, id, unit LIMIT {MAX_PLACES} BY person"
        );
        let found: Vec<Place> = self.uncut(&sql, &conditions).on_one_thread().fetch_all().await?;
        let mut of_people: HashMap<String, Vec<Place>> = HashMap::new();
        for place in found {
            of_people.entry(place.person.clone()).or_default().push(place);
        }
        // The same person may be asked for twice.
        Ok(people.iter().map(|person| of_people.get(person).cloned().unwrap_or_default()).collect())
    }

    async fn at_places(self, questions: Vec<AtPlaces>) -> Result<Vec<Vec<WorklistRow>>, ReadError> {
        let places = || questions.iter().flat_map(|question| &question.places);
        let oldest = questions.iter().min_by_key(|question| (question.cut.generation, question.cut.sweep));
        let Some(AtPlaces { cut, .. }) = oldest else { return Ok(Vec::new()) };
        let now = questions.iter().map(|question| question.now).max().unwrap_or_default();
        let mut conditions = Conditions::default();
        // By the whole key, so that only the granules of these applications are read.
        conditions.and_each(
            "valilik IN {valilikler:Array(UInt8)} AND service IN {services:Array(String)} \
             AND id IN {ids:Array(UUID)}",
            "unit IN {units:Array(String)} AND id IN {ids:Array(UUID)} AND received_at IN \
             arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {received:Array(Int64)})",
        );
        conditions.param("valilikler", Value::Ints(places().map(|place| place.valilik.into()).collect()));
        conditions.param("services", Value::Texts(places().map(|place| place.service.clone()).collect()));
        conditions.param("ids", Value::Texts(places().map(|place| place.id.to_string()).collect()));
        conditions.param("units", Value::Texts(places().map(|place| place.unit.clone()).collect()));
        conditions.param("received", Value::Ints(places().map(|place| place.received_at).collect()));
        let sql = union(&Table::BOTH, |table| select(table, &conditions, ""));
        let rows = Self::stored_rows(self.bound(&sql, &conditions, now, cut).on_one_thread()).await?;
        let mut by_id: HashMap<Uuid, Vec<WorklistRow>> = HashMap::new();
        for row in rows {
            by_id.entry(row.id.0).or_default().push(row);
        }
        let of = |question: &AtPlaces| {
            let ids: BTreeSet<_> = question.places.iter().map(|place| place.id).collect();
            ids.into_iter().filter_map(|id| by_id.get(&id)).flatten().cloned().collect()
        };
        Ok(questions.iter().map(of).collect())
    }
}
