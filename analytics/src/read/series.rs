//! Reports over time: how many were received and closed each day, when people apply, how long answers
//! take, how far deadlines are.

use ebasvuru_workflow::domain::calendar::ISTANBUL;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::figure::{ANSWERED, OPEN};
use super::report::ReportFilter;
use super::sql::Value;
use super::{ReadError, ReadModel, malformed};

/// What happened on one day, in Istanbul. Days on which nothing happened are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// The day.
    pub day: Date,
    /// How many were received.
    pub received: u64,
    /// How many were closed, whenever they were received.
    pub closed: u64,
    /// How many passed their deadline while open.
    pub breached: u64,
}

/// How many were received in an hour of the week, in Istanbul.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HourOfWeek {
    /// 1 is Monday.
    pub weekday: u8,
    /// 0 to 23.
    pub hour: u8,
    /// How many.
    pub received: u64,
}

/// How many were received on one day and answered on another, in Istanbul. From these numbers,
/// response times can be counted in calendar days or in working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The day of receipt.
    pub received: Date,
    /// The day of the answer.
    pub answered: Date,
    /// How many.
    pub count: u64,
}

/// Open applications by the days since their deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Age {
    /// Full days past the deadline; negative before it.
    pub days: i64,
    /// How many.
    pub open: u64,
}

/// "Bu sayılar nasıl hesaplanır?" for [`Flow`].
pub const FLOW_DEFINITION_TR: &str = "Gelen: vatandaşın o gün e-Devlet'te onayladığı başvurular. Sonuçlanan: ne zaman gelmiş olursa olsun o gün sonuçlananlar. Süresi Geçen: cevaplanma süresi o gün dolan ve o sırada açık olanlar. Günler Türkiye saatiyledir.";

/// "Bu sayılar nasıl hesaplanır?" for [`HourOfWeek`].
pub const INTAKE_DEFINITION_TR: &str =
    "Dönemde gelen başvurular, vatandaşın e-Devlet'te onayladığı gün ve saate göre (Türkiye saati).";

/// "Bu sayılar nasıl hesaplanır?" for [`Age`].
pub const AGE_DEFINITION_TR: &str = "Dönemde gelenlerden hâlâ açık olanlar, cevaplanma süresinin son gününe kalan ya da ondan bu yana geçen tam güne göre. Ön Başvurular burada yoktur: cevaplanma süreleri daha başlamamıştır.";

impl ReadModel {
    /// How many were received, closed and breached on each day of the filter's period.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn flow(&self, filter: &ReportFilter) -> Result<Vec<Flow>, ReadError> {
        let mut conditions = filter.scope();
        let ms =
            |at: Option<Timestamp>, otherwise| Value::Int(at.map_or(otherwise, Timestamp::as_millisecond));
        conditions.param("from", ms(filter.from, 0));
        conditions.param("until", ms(filter.until, i64::MAX / 1_000_000));
        let scope = conditions.sql();
        let day_of = |time: &str, counts: &str| {
            format!(
                "SELECT toDate(ifNull({time}, received_at), '{ISTANBUL}') AS day, {counts}
                 FROM applications FINAL WHERE {scope} AND isNotNull({time})
                 AND toUnixTimestamp64Milli(ifNull({time}, received_at)) >= {{from:Int64}}
                 AND toUnixTimestamp64Milli(ifNull({time}, received_at)) < {{until:Int64}}"
            )
        };
        let sql = format!(
            "SELECT toString(day) AS day_text, sum(r) AS received, sum(c) AS closed, sum(b) AS breached FROM (
                 {} UNION ALL {} UNION ALL {}
             ) GROUP BY day ORDER BY day",
            day_of("received_at", "1 AS r, 0 AS c, 0 AS b"),
            day_of("closed_at", "0 AS r, 1 AS c, 0 AS b"),
            day_of("breached_at", "0 AS r, 0 AS c, 1 AS b"),
        );
        let rows: Vec<(String, u64, u64, u64)> =
            conditions.bind(self.client.query_raw(&sql)).fetch_all().await?;
        rows.into_iter()
            .map(|(text, received, closed, breached)| {
                Ok(Flow { day: day(&text)?, received, closed, breached })
            })
            .collect()
    }

    /// How many were received in each hour of the week.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn hours_of_week(&self, filter: &ReportFilter) -> Result<Vec<HourOfWeek>, ReadError> {
        let conditions = filter.conditions();
        let sql = format!(
            "SELECT toDayOfWeek(received_at, 0, '{ISTANBUL}') AS weekday,
                 toHour(received_at, '{ISTANBUL}') AS hour, count() AS received
             FROM applications FINAL WHERE {} GROUP BY weekday, hour ORDER BY weekday, hour",
            conditions.sql()
        );
        let rows: Vec<(u8, u8, u64)> = conditions.bind(self.client.query_raw(&sql)).fetch_all().await?;
        let hour = |(weekday, hour, received)| HourOfWeek { weekday, hour, received };
        Ok(rows.into_iter().map(hour).collect())
    }

    /// How many were received on each day and answered on each day.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn answered(&self, filter: &ReportFilter) -> Result<Vec<Answered>, ReadError> {
        let conditions = filter.conditions();
        let sql = format!(
            "SELECT toString(toDate(received_at, '{ISTANBUL}')) AS r,
                 toString(toDate(ifNull(closed_at, received_at), '{ISTANBUL}')) AS a, count() AS n
             FROM applications FINAL WHERE {ANSWERED} AND {} GROUP BY r, a ORDER BY r, a",
            conditions.sql()
        );
        let rows: Vec<(String, String, u64)> =
            conditions.bind(self.client.query_raw(&sql)).fetch_all().await?;
        rows.into_iter()
            .map(|(r, a, count)| Ok(Answered { received: day(&r)?, answered: day(&a)?, count }))
            .collect()
    }

    /// Open applications by the distance of their deadline.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn ages(&self, filter: &ReportFilter, now: Timestamp) -> Result<Vec<Age>, ReadError> {
        let conditions = filter.conditions();
        let sql = format!(
            "SELECT toInt64(floor(({{now:Int64}} - toUnixTimestamp64Milli(ifNull(due_at, received_at))) / 86400000)) AS days,
                 count() AS open
             FROM applications FINAL WHERE {OPEN} AND isNotNull(due_at) AND {} GROUP BY days ORDER BY days",
            conditions.sql()
        );
        let query = self.client.query_raw(&sql).param("now", now.as_millisecond());
        let rows: Vec<(i64, u64)> = conditions.bind(query).fetch_all().await?;
        Ok(rows.into_iter().map(|(days, open)| Age { days, open }).collect())
    }
}

pub(super) fn day(text: &str) -> Result<Date, ReadError> {
    text.parse().map_err(|_| malformed("a day", text))
}
