//! Reports over time: when people apply, how long answers take, how far deadlines are.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::figure::{ANSWERED, DAYS_PAST};
use super::report::ReportFilter;
use super::sql::{Table, union};
use super::{ReadError, ReadModel, malformed};

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

/// "Bu sayılar nasıl hesaplanır?" for what [`happened_by_day`](ReadModel::happened_by_day).
pub const FLOW_DEFINITION_TR: &str = "Gelen: vatandaşın o gün e-Devlet'te onayladığı başvurular. Sonuçlanan: ne zaman gelmiş olursa olsun o gün sonuçlananlar. Süresi Geçen: cevaplanma süresi o gün dolan ve o sırada açık olanlar. Günler Türkiye saatiyledir.";

/// "Bu sayılar nasıl hesaplanır?" for [`HourOfWeek`].
pub const INTAKE_DEFINITION_TR: &str =
    "Dönemde gelen başvurular, vatandaşın e-Devlet'te onayladığı gün ve saate göre (Türkiye saati).";

/// "Bu sayılar nasıl hesaplanır?" for [`Age`].
pub const AGE_DEFINITION_TR: &str = "Dönemde gelenlerden hâlâ açık olanlar, cevaplanma süresinin son gününe kalan ya da ondan bu yana geçen tam güne göre. Ön Başvurular burada yoktur: cevaplanma süreleri daha başlamamıştır.";

impl ReadModel {
    /// How many were received in each hour of the week.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn hours_of_week(&self, filter: &ReportFilter) -> Result<Vec<HourOfWeek>, ReadError> {
        let conditions = filter.conditions();
        let sql = format!(
            "SELECT toUInt8(intDiv(h, 24) + 1) AS weekday, toUInt8(h % 24) AS hour, sum(n) AS received
             FROM ({}) GROUP BY h ORDER BY h",
            union(&Table::BOTH, |table| {
                format!(
                    "SELECT {} AS h, count() AS n FROM {}{} GROUP BY h",
                    table.hour_of_week(),
                    table.from(),
                    conditions.of_current(table)
                )
            })
        );
        let query = self.timeless(&sql, &conditions, &*self.cut().await?);
        let rows: Vec<(u8, u8, u64)> = query.fetch_all().await?;
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
            "SELECT toString(r) AS received, toString(a) AS answered, sum(n) AS count FROM ({})
             GROUP BY r, a ORDER BY r, a",
            union(&Table::BOTH, |table| {
                format!(
                    "SELECT {} AS r, {} AS a, count() AS n FROM {} AND {ANSWERED}{} GROUP BY r, a",
                    table.received_on(),
                    table.closed_on(),
                    table.from(),
                    conditions.of_current(table)
                )
            })
        );
        let query = self.timeless(&sql, &conditions, &*self.cut().await?);
        let rows: Vec<(String, String, u64)> = query.fetch_all().await?;
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
            "SELECT {DAYS_PAST} AS days, count() AS open
             FROM {} AND isNotNull(due_at){} GROUP BY days ORDER BY days",
            Table::OPEN_ALONE,
            conditions.of_current(Table::Open)
        );
        let query = self.uncut(&sql, &conditions).param("now", now.as_millisecond());
        let rows: Vec<(i64, u64)> = query.fetch_all().await?;
        Ok(rows.into_iter().map(|(days, open)| Age { days, open }).collect())
    }
}

pub(super) fn day(text: &str) -> Result<Date, ReadError> {
    text.parse().map_err(|_| malformed("a day", text))
}
