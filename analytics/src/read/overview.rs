//! The overview: what happened in a period, whenever the applications were received, and what stands
//! now, of all periods.
//!
//! Their labels never share a word with those of [`super::figure`], which tell what has become of the
//! applications received in a period: "Sonuçlanan" happened in the period, "Sonuçlanmış" is what is
//! closed of those received in it, and what stands now begins with "Şu an".

use std::collections::BTreeMap;
use std::ops::AddAssign;

use clickhouse::Row;
use ebasvuru_workflow::domain::calendar::day_of;
use ebasvuru_workflow::domain::catalog::{UnitId, Valilik};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::days::{self, Days};
use super::figure::{DAYS_PAST, Figure, OVERDUE, part};
use super::moment::Moment;
use super::report::ReportFilter;
use super::series::day;
use super::sql::Table;
use super::{ReadError, ReadModel, malformed, parsed};

/// A number of the overview that has a list behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// Its name in addresses.
    pub key: &'static str,
    /// The label on screens.
    pub label_tr: &'static str,
    /// "Bu sayılar nasıl hesaplanır?"
    pub definition_tr: &'static str,
    /// The figure whose applications it counts.
    #[serde(skip)]
    figure: &'static str,
    /// Those of a period by this moment; `None`: those of now, of all periods.
    #[serde(skip)]
    moment: Option<Moment>,
}

impl Measure {
    /// The measure, or the figure, with this key.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        let own = MEASURES.iter().find(|measure| measure.key == key).copied();
        own.or_else(|| Figure::named(key).map(Self::from))
    }

    /// The figure whose applications it counts, and among which.
    #[must_use]
    pub fn of(&self, filter: ReportFilter) -> Option<(&'static Figure, ReportFilter)> {
        let filter = match self.moment {
            Some(moment) => ReportFilter { moment, ..filter },
            None => filter.of_all_periods(),
        };
        Some((Figure::named(self.figure)?, filter))
    }

    /// Whether it is about now, and not about a period.
    #[must_use]
    pub const fn is_of_now(&self) -> bool {
        self.moment.is_none()
    }
}

impl From<&'static Figure> for Measure {
    fn from(figure: &'static Figure) -> Self {
        Self {
            key: figure.key,
            label_tr: figure.label_tr,
            definition_tr: figure.definition_tr,
            figure: figure.key,
            moment: Some(Moment::Received),
        }
    }
}

macro_rules! measures {
    ($($key:ident = $figure:ident $moment:expr, $label:literal, $definition:literal;)*) => {
        /// Every measure: of a period, then of now.
        pub const MEASURES: &[Measure] = &[$(Measure {
            key: stringify!($key), label_tr: $label, definition_tr: $definition,
            figure: stringify!($figure), moment: $moment,
        }),*];
    };
}

measures! {
    closed_in_period = closed Some(Moment::Closed), "Sonuçlanan",
        "Ne zaman gelmiş olursa olsun dönemde sonuçlanan başvurular: olumlu, olumsuz, süre aşımı ve vazgeçilenlerin toplamı.";
    answered_in_period = answered Some(Moment::Closed), "Cevaplanan",
        "Ne zaman gelmiş olursa olsun olumlu ya da olumsuz cevabı dönemde onaylanan başvurular.";
    positive_in_period = positive Some(Moment::Closed), "Olumlu cevaplanan",
        "Ne zaman gelmiş olursa olsun olumlu cevabı dönemde onaylanan başvurular.";
    negative_in_period = negative Some(Moment::Closed), "Olumsuz cevaplanan",
        "Ne zaman gelmiş olursa olsun olumsuz cevabı dönemde onaylanan başvurular.";
    lapsed_in_period = lapsed Some(Moment::Closed), "Süre Aşımına uğrayan",
        "Ne zaman gelmiş olursa olsun dönemde süre aşımıyla kapatılan Ön Başvurular.";
    withdrawn_in_period = withdrawn Some(Moment::Closed), "Vazgeçilen",
        "Ne zaman gelmiş olursa olsun vatandaşın dönemde vazgeçtiği başvurular.";
    on_time_in_period = on_time Some(Moment::Judged), "Süresinde cevaplanan",
        "Cevaplanma süresi dolmadan, dönemde cevaplanan başvurular.";
    judged_in_period = judged Some(Moment::Judged), "Süresi sonuca bağlanan",
        "Dönemde süresinde cevaplananlar ile cevaplanma süresi dönemde cevapsız dolanların toplamı. Her başvuru bir kez sayılır: süresinde cevaplandığı gün, ya da süresinin dolduğu gün. Süresi dolduktan sonra vazgeçilenler sayılmaz.";
    breached_in_period = overdue Some(Moment::Judged), "Süresi Geçen",
        "Cevaplanma süresi dönemde dolan ve o sırada açık olan başvurular.";
    open_now = open None, "Şu an açık",
        "Bu anda sonuçlanmamış bütün başvurular, ne zaman gelmiş olursa olsun (Ön Başvurular dahil).";
    overdue_now = overdue_open None, "Şu an süresi geçmiş",
        "Bu anda sonuçlanmamış ve cevaplanma süresinin son günü geçmiş bütün başvurular, ne zaman gelmiş olursa olsun.";
}

/// The label of [`Happened::on_time_rate`].
pub const ON_TIME_RATE_TR: &str = "Süresinde cevaplanma oranı";
/// "Bu sayılar nasıl hesaplanır?" for [`Happened::on_time_rate`].
pub const ON_TIME_RATE_DEFINITION_TR: &str = "Dönemde süresinde cevaplananların, bunlarla cevaplanma süresi dönemde cevapsız dolanların toplamına oranı. Sonradan cevaplanmak oranı düzeltmez; hiç cevap vermeyen bir birimin oranı sıfırdır.";
/// The label of [`Happened::response_median_ms`].
pub const RESPONSE_MEDIAN_TR: &str = "Cevaplanma süresi (ortanca)";
/// "Bu sayılar nasıl hesaplanır?" for [`Happened::response_median_ms`].
pub const RESPONSE_MEDIAN_DEFINITION_TR: &str = "Dönemde cevaplananlarda, vatandaşın e-Devlet'teki onayından cevabın onaylanışına geçen sürenin ortancası: yarısı bundan kısa sürede cevaplanmıştır.";

/// What happened in a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Happened {
    /// How many were received.
    pub received: u64,
    /// How many were closed.
    pub closed: u64,
    /// How many were closed after their deadline.
    pub closed_overdue: u64,
    /// How many were closed positively.
    pub positive: u64,
    /// How many were closed negatively.
    pub negative: u64,
    /// How many were closed by lapse.
    pub lapsed: u64,
    /// How many were closed by the citizen.
    pub withdrawn: u64,
    /// How many were answered in time.
    pub on_time: u64,
    /// How many were answered in time, or passed their deadline and were not withdrawn since.
    pub judged: u64,
    /// How many passed their deadline while open.
    pub breached: u64,
    /// The median from receipt to answer of those answered, in milliseconds; 0 when none is.
    pub response_median_ms: u64,
}

impl Happened {
    /// How many were answered.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.positive + self.negative
    }

    /// Of those answered in time or already too late, the part that was answered in time, from 0 to 1;
    /// `None` where there is none. Each application counts once, on the day that decided it.
    #[must_use]
    pub fn on_time_rate(&self) -> Option<f64> {
        part(self.on_time, self.judged)
    }

    /// The median, in milliseconds; `None` when none is answered.
    #[must_use]
    pub fn response_median(&self) -> Option<u64> {
        (self.answered() > 0).then_some(self.response_median_ms)
    }
}

/// What happened in a period, altogether and apart. A day, governorate or unit with nothing is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happenings {
    /// All of it.
    pub whole: Happened,
    /// All that happened between the given moment and the period.
    pub before: Happened,
    /// All that happened after the period.
    pub since: Happened,
    /// By day, in Istanbul.
    pub by_day: Vec<(Date, Happened)>,
    /// By governorate.
    pub by_valilik: Vec<(Valilik, Happened)>,
    /// By unit.
    pub by_unit: Vec<(UnitId, Happened)>,
}

/// What stands now, of all periods, in a governorate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// How many are open.
    pub open: u64,
    /// How many of these are Ön Başvuru.
    pub pre_application: u64,
    /// How many of these are overdue.
    pub overdue: u64,
}

impl AddAssign for Standing {
    fn add_assign(&mut self, other: Self) {
        self.open += other.open;
        self.pre_application += other.pre_application;
        self.overdue += other.overdue;
    }
}

/// What stands now, of all periods. A governorate or a number of days with nothing is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stands {
    /// All of it.
    pub whole: Standing,
    /// By governorate.
    pub by_valilik: BTreeMap<Valilik, Standing>,
    /// How many are overdue, by the full days since their deadline.
    pub overdue_by_days: BTreeMap<i64, u64>,
}

/// When something happened, as the query tells it.
mod span {
    pub const BEFORE: u8 = 0;
    pub const PERIOD: u8 = 1;
}

/// What it is counted by: the bits of `grouping(on_day, valilik, unit)`, where 1 is for a column that
/// it is not grouped by.
mod set {
    pub const WHOLE: u64 = 0b111;
    pub const DAY: u64 = 0b011;
    pub const VALILIK: u64 = 0b101;
    pub const UNIT: u64 = 0b110;
}

#[derive(Row, Deserialize)]
struct Grouped {
    span: u8,
    set: u64,
    in_day: String,
    valilik: u8,
    in_unit: String,
    received: u64,
    closed: u64,
    closed_overdue: u64,
    positive: u64,
    negative: u64,
    lapsed: u64,
    withdrawn: u64,
    on_time: u64,
    judged: u64,
    breached: u64,
    response_median_ms: u64,
}

impl Grouped {
    const fn happened(&self) -> Happened {
        Happened {
            received: self.received,
            closed: self.closed,
            closed_overdue: self.closed_overdue,
            positive: self.positive,
            negative: self.negative,
            lapsed: self.lapsed,
            withdrawn: self.withdrawn,
            on_time: self.on_time,
            judged: self.judged,
            breached: self.breached,
            response_median_ms: self.response_median_ms,
        }
    }
}

/// The columns of [`Happened`], from cells.
fn columns() -> String {
    format!("{}, toUInt64(quantileExactArray(0.5)(hours)) * 3600000 AS response_median_ms", days::sums())
}

impl ReadModel {
    /// What happened in the filter's period, altogether and apart; what happened from `before` on until
    /// it began, and since it ended. The period counts by days in Istanbul: it begins and ends with one.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn happenings(
        &self,
        filter: &ReportFilter,
        before: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Happenings, ReadError> {
        let (from, until) = days::period_of(filter);
        let cut = self.cut().await?;
        let days = Days::since(before.map_or(from, day_of), filter, &cut);
        // Over a few thousand rows ClickHouse plans this query longer than it runs it, so what can be
        // sorted or left out here is not in it.
        let sql = format!(
            "SELECT span, toUInt64(grouping(on_day, valilik, unit)) AS set, toString(on_day) AS in_day, valilik,
                 toString(unit) AS in_unit, {}
             FROM (
                 SELECT multiIf(day < {{from:Date}}, {BEFORE}, day < {{until:Date}}, {PERIOD}, 2) AS span,
                     if(span = {PERIOD}, day, toDate(0)) AS on_day, *
                 FROM ({})
             )
             GROUP BY GROUPING SETS ((span), (span, on_day), (span, valilik), (span, unit))",
            columns(),
            days.sql(),
            BEFORE = span::BEFORE,
            PERIOD = span::PERIOD,
        );
        let query = self.bound(&sql, days.conditions(), now, &cut);
        let rows: Vec<Grouped> =
            query.param("from", from.to_string()).param("until", until.to_string()).fetch_all().await?;
        let mut all = Happenings::default();
        for row in rows {
            let happened = row.happened();
            match (row.set, row.span) {
                (set::WHOLE, span::BEFORE) => all.before = happened,
                (set::WHOLE, span::PERIOD) => all.whole = happened,
                (set::WHOLE, _) => all.since = happened,
                (set::DAY, span::PERIOD) => all.by_day.push((day(&row.in_day)?, happened)),
                (set::VALILIK, span::PERIOD) => all.by_valilik.push((governorate(row.valilik)?, happened)),
                (set::UNIT, span::PERIOD) => all.by_unit.push((parsed("unit", &row.in_unit)?, happened)),
                (set::DAY | set::VALILIK | set::UNIT, _) => {}
                (other, _) => return Err(malformed("a grouping", &other.to_string())),
            }
        }
        all.by_day.sort_by_key(|(day, _)| *day);
        all.by_valilik.sort_by_key(|(valilik, _)| *valilik);
        all.by_unit.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(all)
    }

    /// What happened on each day of the filter's period. A day with nothing is left out.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn happened_by_day(
        &self,
        filter: &ReportFilter,
        now: Timestamp,
    ) -> Result<Vec<(Date, Happened)>, ReadError> {
        let (from, until) = days::period_of(filter);
        let cut = self.cut().await?;
        let days = Days::since(from, filter, &cut);
        let sql = format!(
            "SELECT toUInt8({PERIOD}) AS span, toUInt64({DAY}) AS set, toString(day) AS in_day, toUInt8(0) AS valilik,
                 '' AS in_unit, {}
             FROM ({}) WHERE day < {{until:Date}} GROUP BY day ORDER BY day",
            columns(),
            days.sql(),
            PERIOD = span::PERIOD,
            DAY = set::DAY,
        );
        let query = self.bound(&sql, days.conditions(), now, &cut);
        let rows: Vec<Grouped> = query.param("until", until.to_string()).fetch_all().await?;
        rows.into_iter().map(|row| Ok((day(&row.in_day)?, row.happened()))).collect()
    }

    /// What stands now, of all periods. The filter's period does not count.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn stands(&self, filter: &ReportFilter, now: Timestamp) -> Result<Stands, ReadError> {
        let conditions = filter.scope();
        let sql = format!(
            "SELECT valilik, {OVERDUE} AS late, if(late, {DAYS_PAST}, 0) AS days, count() AS open,
                 countIf(phase = 'pre_application') AS pre_application
             FROM {}{} GROUP BY valilik, late, days",
            Table::OPEN_ALONE,
            conditions.of_current(Table::Open)
        );
        let query = self.uncut(&sql, &conditions).param("now", now.as_millisecond());
        let rows: Vec<(u8, u8, i64, u64, u64)> = query.fetch_all().await?;
        let mut stands = Stands::default();
        for (plate, late, days, open, pre_application) in rows {
            let overdue = if late == 0 { 0 } else { open };
            let standing = Standing { open, pre_application, overdue };
            stands.whole += standing;
            *stands.by_valilik.entry(governorate(plate)?).or_default() += standing;
            if overdue > 0 {
                *stands.overdue_by_days.entry(days).or_default() += overdue;
            }
        }
        Ok(stands)
    }
}

fn governorate(plate: u8) -> Result<Valilik, ReadError> {
    Valilik::from_plate(plate).ok_or_else(|| malformed("valilik", &plate.to_string()))
}
