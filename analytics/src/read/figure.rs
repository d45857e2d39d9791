//! The figures of the reports. Each has one fragment of SQL and one definition, so that a figure is
//! the same number wherever it is shown.
//!
//! All count applications in their latest version; `{now:Int64}` is the time of the query. They are
//! about the applications received in a period, and tell what has become of them by now. Their labels
//! say so by the participle in "-mış": the one in "-an" ("Sonuçlanan") is for what happened in the
//! period, whenever the application was received ([`super::overview`]). Response
//! times are in full hours, as they are shown.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use super::sql::Table;

macro_rules! open {
    () => {
        "stage != 'closed'"
    };
}
pub(super) use open;
/// Open: not closed.
pub const OPEN: &str = open!();
macro_rules! answered {
    () => {
        "outcome IN ('positive', 'negative')"
    };
}
pub(super) use answered;
/// Answered: closed by the Yetkili's "Onayla".
pub const ANSWERED: &str = answered!();
macro_rules! overdue {
    () => {
        "(isNotNull(breached_at) OR ifNull(due_at <= \
     ifNull(closed_at, fromUnixTimestamp64Milli({now:Int64}, 'UTC')), 0))"
    };
}
pub(super) use overdue;
/// Its deadline passed before it was closed, or has passed and it is open.
pub const OVERDUE: &str = overdue!();
/// Not overdue.
const IN_TIME: &str = concat!("NOT ", overdue!());
/// Answered, or open and overdue: what an on-time rate is of.
const JUDGED: &str = concat!("(", answered!(), " OR (", open!(), " AND ", overdue!(), "))");
/// From receipt to answer, in full hours; at most 65,535 (seven years). e-Devlet's clock may be ahead of
/// ours, so it may be answered "before" its receipt.
pub const RESPONSE_HOURS: &str = "least(intDiv(greatest(dateDiff('millisecond', received_at, \
     ifNull(closed_at, received_at)), 0), 3600000), 65535)";
macro_rules! days_past {
    () => {
        "toInt64(floor(({now:Int64} - toUnixTimestamp64Milli(ifNull(due_at, received_at))) / 86400000))"
    };
}
pub(super) use days_past;
/// Full days past the deadline, negative before it; without a deadline, since the receipt.
pub const DAYS_PAST: &str = days_past!();
/// Conditions that only open applications meet.
const OPEN_ALONE: [&str; 4] =
    [OPEN, "stage = 'unassigned'", "stage = 'assigned'", "stage = 'awaiting_approval'"];

/// Which figures are wanted. The response times cost more than all counts together, and the closed
/// applications more than the open ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The counts among open applications alone.
    Open,
    /// The counts; the response times are 0.
    Counts,
    /// All figures.
    All,
}

/// A figure: its key, its label, and how it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The field of [`Figures`].
    pub key: &'static str,
    /// The label on screens.
    pub label_tr: &'static str,
    /// "Bu sayılar nasıl hesaplanır?"
    pub definition_tr: &'static str,
    #[serde(skip)]
    aggregate: Aggregate,
}

/// How a figure is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aggregate {
    /// The number of applications that meet all of these conditions.
    Count(&'static [&'static str]),
    /// A quantile of the response times of the answered applications: 1, the median; 2, the 90th percentile.
    ResponseQuantile(u8),
}

impl Figure {
    /// The figure with this key.
    #[must_use]
    pub fn named(key: &str) -> Option<&'static Self> {
        FIGURES.iter().find(|figure| figure.key == key)
    }

    /// The conditions of the applications that the figure counts, so that the list behind a number
    /// has that many rows.
    pub(super) const fn conditions(&self) -> &'static [&'static str] {
        match self.aggregate {
            Aggregate::Count(conditions) => conditions,
            Aggregate::ResponseQuantile(_) => &[ANSWERED],
        }
    }

    /// Whether it counts open applications alone.
    pub(super) fn is_of_open(&self) -> bool {
        self.conditions().iter().any(|condition| OPEN_ALONE.contains(condition))
    }

    /// The number of rows that meet the conditions; `None` if the figure is no count.
    fn count(&self) -> Option<String> {
        match self.aggregate {
            Aggregate::Count([]) => Some("count()".into()),
            Aggregate::Count(conditions) => Some(format!("countIf({})", conditions.join(" AND "))),
            Aggregate::ResponseQuantile(_) => None,
        }
    }
}

macro_rules! figures {
    ($($(#[$doc:meta])* $key:ident = $aggregate:expr, $label:literal, $definition:literal;)*) => {
        /// All figures of a group of applications.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Row, Serialize, Deserialize)]
        pub struct Figures { $($(#[$doc])* pub $key: u64),* }

        impl Figures {
            /// The figure with this key; 0 for an unknown key.
            #[must_use]
            pub fn get(&self, key: &str) -> u64 {
                match key {
                    $(stringify!($key) => self.$key,)*
                    _ => 0,
                }
            }
        }

        /// Figures with what they are grouped by.
        #[derive(Row, Deserialize)]
        pub(super) struct Grouped {
            pub group_unit: String,
            pub group_service: String,
            pub group_valilik: u8,
            pub group_officer: String,
            $($key: u64),*
        }

        impl Grouped {
            pub const fn figures(&self) -> Figures {
                Figures { $($key: self.$key),* }
            }
        }

        /// Every figure, in the order of the columns.
        pub const FIGURES: &[Figure] = &[$(Figure {
            key: stringify!($key), label_tr: $label, definition_tr: $definition, aggregate: $aggregate,
        }),*];
    };
}

use Aggregate::{Count, ResponseQuantile};

/// Closed: final.
const CLOSED: &str = "stage = 'closed'";

figures! {
    /// All applications.
    total = Count(&[]), "Gelen",
        "Seçilen dönemde gelen, seçilen hizmet, birim ve valilikteki bütün başvurular. Bir başvurunun geldiği an, vatandaşın onu e-Devlet'te onayladığı andır. Başvuru, şu an bulunduğu birimde sayılır; havale edilmişse yeni biriminde.";
    /// Not closed.
    open = Count(&[OPEN]), "Hâlâ açık", "Gelenlerden henüz sonuçlanmamış olanlar (Ön Başvurular dahil).";
    /// Ön Başvuru, open.
    pre_application = Count(&[OPEN, "phase = 'pre_application'"]), "Ön Başvuru",
        "Gelenlerden, vatandaşın elden getireceği belgeler beklenen açık başvurular. “Hâlâ açık” sayısının içindedir.";
    /// Open, held by nobody.
    unassigned = Count(&["stage = 'unassigned'"]), "Teslim Bekliyor",
        "Gelenlerden, hiçbir Sorumlunun üzerinde olmayan açık başvurular.";
    /// Open, held by a Sorumlu.
    assigned = Count(&["stage = 'assigned'"]), "Sorumlu Üzerinde",
        "Gelenlerden, bir Sorumlunun üzerinde olan, onaya gönderilmemiş açık başvurular.";
    /// Open, waiting for the Yetkili.
    awaiting_approval = Count(&["stage = 'awaiting_approval'"]), "Onay Bekliyor",
        "Gelenlerden, onaya, Red Onayına ya da havale onayına gönderilmiş, Yetkilinin kararını bekleyen başvurular.";
    /// Closed.
    closed = Count(&[CLOSED]), "Sonuçlanmış",
        "Gelenlerden sonuçlanmış olanlar: olumlu, olumsuz, süre aşımı ve vazgeçilenlerin toplamı.";
    /// Closed positively.
    positive = Count(&["outcome = 'positive'"]), "Olumlu", "Gelenlerden, olumlu cevabı Yetkili tarafından onaylanmış olanlar.";
    /// Closed negatively.
    negative = Count(&["outcome = 'negative'"]), "Olumsuz", "Gelenlerden, Red Onayına gönderilen cevabı Yetkili tarafından onaylanmış olanlar.";
    /// Closed by lapse.
    lapsed = Count(&["outcome = 'lapsed'"]), "Süre Aşımı", "Gelenlerden, süresi içinde tamamlanmadığı için süre aşımıyla kapatılmış Ön Başvurular.";
    /// Closed by the citizen.
    withdrawn = Count(&["outcome = 'withdrawn'"]), "Vazgeçildi", "Gelenlerden, vatandaşın vazgeçtiği başvurular.";
    /// Past the deadline, open or closed.
    overdue = Count(&[OVERDUE]), "Süresi geçmiş",
        "Gelenlerden, cevaplanma süresinin son günü sonuçlanmadan geçmiş olanlar; hâlâ açık olanlar ile sonradan sonuçlanmış olanların toplamı. Havale süreyi durdurmaz; sürenin geçtiği bilgisi sonradan silinmez.";
    /// Open and past the deadline.
    overdue_open = Count(&[OPEN, OVERDUE]), "Süresi geçmiş, açık",
        "Gelenlerden, cevaplanma süresinin son günü geçmiş ve hâlâ sonuçlanmamış olanlar.";
    /// Closed, past the deadline.
    overdue_closed = Count(&[CLOSED, OVERDUE]), "Süresi geçtikten sonra sonuçlanmış",
        "Gelenlerden, cevaplanma süresinin son günü geçtikten sonra sonuçlanmış olanlar.";
    /// Answered.
    answered = Count(&[ANSWERED]), "Cevaplanmış", "Gelenlerden, olumlu ya da olumsuz cevabı onaylanmış olanlar.";
    /// Answered, and not overdue.
    on_time = Count(&[ANSWERED, IN_TIME]), "Süresinde cevaplanmış",
        "Gelenlerden, cevaplanma süresinin son günü geçmeden cevaplanmış olanlar.";
    /// Answered, or open and past the deadline.
    judged = Count(&[JUDGED]), "Cevaplanmış ya da süresi geçmiş, açık",
        "Gelenlerden cevaplanmış olanlar ile cevaplanma süresi geçmiş ve hâlâ açık olanların toplamı.";
    /// The median from receipt to answer, in milliseconds; 0 when none is answered.
    response_median_ms = ResponseQuantile(1), "Cevaplanmışlarda süre (ortanca)",
        "Gelenlerden cevaplanmış olanlarda, vatandaşın e-Devlet'teki onayından cevabın onaylanışına geçen sürenin ortancası: yarısı bundan kısa sürede cevaplanmıştır.";
    /// The 90th percentile from receipt to answer, in milliseconds; 0 when none is answered.
    response_p90_ms = ResponseQuantile(2), "Cevaplanmışlarda süre (%90)",
        "Gelenlerden cevaplanmış olanların onda dokuzu bu süre içinde cevaplanmıştır.";
}

/// The label of [`Figures::on_time_rate`].
pub const ON_TIME_RATE_TR: &str = "Süresinde cevaplanmış oranı";
/// "Bu sayılar nasıl hesaplanır?" for [`Figures::on_time_rate`].
pub const ON_TIME_RATE_DEFINITION_TR: &str = "Gelenlerden süresinde cevaplanmış olanların, cevaplanmış olanlarla süresi geçmiş açık olanların toplamına oranı. Süresi henüz dolmamış olanlar sayılmaz; hiç cevap vermeyen bir birimin oranı sıfırdır.";

impl Figures {
    /// Of those answered or already too late, the part that was answered in time, from 0 to 1. A unit
    /// that never answers has 0; `None` where nothing is answered or too late.
    #[must_use]
    pub fn on_time_rate(&self) -> Option<f64> {
        part(self.on_time, self.judged)
    }
}

/// A part of a whole, from 0 to 1; `None` of nothing.
#[must_use]
pub fn part(some: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| some as f64 / whole as f64)
}

/// What `closed_figures` has of each cell, besides the response times: figures that add up. The others
/// follow from them, or are of open applications.
const CELLS: [&str; 7] = ["total", "positive", "negative", "lapsed", "withdrawn", "overdue", "on_time"];

/// The cells of closed applications: `unit`, `service`, `valilik`, `officer`, the figures, and the `hours`
/// from receipt to answer. `source` is what follows `FROM`.
pub fn cells(source: &str) -> String {
    let counts = CELLS.iter().filter_map(|key| Some(format!("{} AS {key}", Figure::named(key)?.count()?)));
    format!(
        "SELECT unit, service, valilik, officer, {}, groupArrayIf(response_hours, {ANSWERED}) AS hours
         FROM {source} GROUP BY unit, service, valilik, officer",
        counts.collect::<Vec<_>>().join(", ")
    )
}

/// A number that depends on the whole content of a cell, from the columns of `closed_figures`, or from
/// [`cells`].
pub fn cell_hash(stored: bool) -> String {
    let hours = if stored { "response_hours" } else { "hours" };
    format!(
        "groupBitXor(sipHash64(toString(unit), toString(service), valilik, toString(officer), {}, arraySort({hours})))",
        CELLS.map(|key| format!("toUInt64({key})")).join(", ")
    )
}

/// The partial figures of rows: each count, and the response times.
pub fn partial_columns(table: Table, wanted: Wanted) -> String {
    let counts = FIGURES.iter().filter_map(|figure| Some(format!("{} AS n_{}", figure.count()?, figure.key)));
    let hours = match table {
        Table::Closed => format!("groupArrayIf(response_hours, {ANSWERED}) AS hours"),
        Table::Open => format!("groupArrayIf(toUInt16({RESPONSE_HOURS}), {ANSWERED}) AS hours"),
    };
    with_hours(counts, hours, wanted)
}

/// Counts, and the response times if they are wanted.
fn with_hours(counts: impl Iterator<Item = String>, hours: String, wanted: Wanted) -> String {
    let hours = (wanted == Wanted::All).then_some(hours);
    counts.chain(hours).collect::<Vec<_>>().join(", ")
}

/// The partial figures of a cell.
pub fn columns_of_cell(wanted: Wanted) -> String {
    let of_cell = |key: &str| match key {
        "closed" => "total".to_owned(),
        "answered" | "judged" => "positive + negative".to_owned(),
        "overdue_closed" => "overdue".to_owned(),
        key if CELLS.contains(&key) => key.to_owned(),
        _ => "0".to_owned(),
    };
    let counts = FIGURES.iter().filter(|figure| figure.count().is_some());
    let counts = counts.map(|figure| format!("toUInt64({}) AS n_{}", of_cell(figure.key), figure.key));
    with_hours(counts, "response_hours AS hours".to_owned(), wanted)
}

/// The columns of [`Figures`] from partial figures.
pub fn whole_columns(wanted: Wanted) -> String {
    let column = |figure: &Figure| match figure.aggregate {
        Aggregate::Count(_) => format!("toUInt64(sum(n_{0})) AS {0}", figure.key),
        Aggregate::ResponseQuantile(_) if wanted != Wanted::All => format!("toUInt64(0) AS {}", figure.key),
        // One aggregate for all levels: each sorts the hours.
        Aggregate::ResponseQuantile(nth) => {
            format!("toUInt64(quantilesExactArray(0.5, 0.9)(hours)[{nth}]) * 3600000 AS {}", figure.key)
        }
    };
    FIGURES.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// Milliseconds as hours.
#[must_use]
pub fn hours(ms: u64) -> f64 {
    ms as f64 / 3_600_000.0
}

/// Milliseconds as days of 24 hours.
#[must_use]
pub fn days(ms: u64) -> f64 {
    hours(ms) / 24.0
}
