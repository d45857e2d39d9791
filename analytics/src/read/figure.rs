//! Every figure of the reports: one fragment of SQL and one definition each, so that the same
//! figure is the same number wherever it stands.
//!
//! All are over applications in their latest version, `{now:Int64}` being the moment of asking.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

/// Open: not final.
pub const OPEN: &str = "stage != 'closed'";
/// Answered: closed by the Yetkili's "Onayla".
pub const ANSWERED: &str = "outcome IN ('positive', 'negative')";
/// Its deadline passed before it was closed, or has passed and it is not.
pub const OVERDUE: &str = "(isNotNull(breached_at) OR ifNull(due_at <= \
     ifNull(closed_at, fromUnixTimestamp64Milli({now:Int64}, 'UTC')), 0))";
/// From receipt to answer, in milliseconds.
pub const RESPONSE_MS: &str =
    "toUInt64(dateDiff('millisecond', received_at, ifNull(closed_at, received_at)))";

/// A figure: its name in code, its label, and how it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// The field of [`Figures`].
    pub key: &'static str,
    /// The label on screens.
    pub label_tr: &'static str,
    /// "Bu sayı nasıl hesaplanır?"
    pub definition_tr: &'static str,
    #[serde(skip)]
    sql: &'static [&'static str],
}

macro_rules! figures {
    ($($(#[$doc:meta])* $key:ident = [$($sql:expr),*], $label:literal, $definition:literal;)*) => {
        /// All figures of a group of applications.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Row, Serialize, Deserialize)]
        pub struct Figures { $($(#[$doc])* pub $key: u64),* }

        /// Figures with what they are grouped by.
        #[derive(Row, Deserialize)]
        pub(super) struct Grouped {
            pub group_unit: String,
            pub group_service: String,
            pub group_valilik: u8,
            $($key: u64),*
        }

        impl Grouped {
            pub const fn figures(&self) -> Figures {
                Figures { $($key: self.$key),* }
            }
        }

        /// What each figure means, in the order of the columns.
        pub const FIGURES: &[Figure] = &[$(Figure {
            key: stringify!($key), label_tr: $label, definition_tr: $definition, sql: &[$($sql),*],
        }),*];
    };
}

figures! {
    /// All of them.
    total = ["count()"], "Başvuru sayısı",
        "Seçilen dönemde alınan, seçilen hizmet, birim ve valilikteki bütün başvurular. Başvuru, şu an bulunduğu birimde sayılır; havale edilmişse yeni biriminde.";
    /// Not final.
    open = ["countIf(", OPEN, ")"], "Açık", "Henüz sonuçlanmamış başvurular (Ön Başvurular dahil).";
    /// Ön Başvuru, open.
    pre_application = ["countIf(", OPEN, " AND phase = 'pre_application')"], "Ön Başvuru",
        "Vatandaşın elden getireceği belgeler beklenen açık başvurular. Açık sayısının içindedir.";
    /// Open, nobody holds them.
    unassigned = ["countIf(stage = 'unassigned')"], "Teslim edilmemiş",
        "Hiçbir Sorumlunun üzerinde olmayan açık başvurular.";
    /// Open, with a Sorumlu.
    assigned = ["countIf(stage = 'assigned')"], "Sorumluda", "Bir Sorumlunun üzerinde olan, onaya gönderilmemiş açık başvurular.";
    /// Open, the Yetkili decides.
    awaiting_approval = ["countIf(stage = 'awaiting_approval')"], "Onay bekleyen",
        "Onaya, red onayına ya da havale onayına gönderilmiş, Yetkilinin kararını bekleyen başvurular.";
    /// Closed positively.
    positive = ["countIf(outcome = 'positive')"], "Olumlu", "Olumlu cevabı Yetkili tarafından onaylanmış başvurular.";
    /// Closed negatively.
    negative = ["countIf(outcome = 'negative')"], "Olumsuz", "Red onayı Yetkili tarafından onaylanmış başvurular.";
    /// Closed by lapse.
    lapsed = ["countIf(outcome = 'lapsed')"], "Süre Aşımı", "Süresi içinde tamamlanmadığı için kapanan Ön Başvurular.";
    /// Closed by the citizen.
    withdrawn = ["countIf(outcome = 'withdrawn')"], "Vazgeçildi", "Vatandaşın vazgeçtiği başvurular.";
    /// Open and past the deadline.
    overdue_open = ["countIf(", OPEN, " AND ", OVERDUE, ")"], "Süresi geçen (açık)",
        "Cevap süresinin son günü geçmiş ve hâlâ sonuçlanmamış başvurular.";
    /// Closed, past the deadline.
    overdue_closed = ["countIf(NOT (", OPEN, ") AND ", OVERDUE, ")"], "Süresi geçtikten sonra kapanan",
        "Cevap süresinin son günü geçtikten sonra sonuçlanmış başvurular. Havale süreyi durdurmaz; geçen süre sonradan silinmez.";
    /// Answered.
    answered = ["countIf(", ANSWERED, ")"], "Cevaplanan", "Olumlu ya da olumsuz cevabı onaylanmış başvurular.";
    /// The median from receipt to answer, in milliseconds; 0 when none is answered.
    response_median_ms = ["quantileExactIf(0.5)(", RESPONSE_MS, ", ", ANSWERED, ")"], "Cevap süresi (ortanca)",
        "Cevaplanan başvuruların alınışından onaylanışına geçen sürenin ortancası: yarısı bundan kısa sürede cevaplanmıştır.";
    /// Nine of ten were answered within so many milliseconds; 0 when none is answered.
    response_p90_ms = ["quantileExactIf(0.9)(", RESPONSE_MS, ", ", ANSWERED, ")"], "Cevap süresi (%90)",
        "Cevaplanan başvuruların onda dokuzu bu süre içinde cevaplanmıştır.";
}

/// The columns of [`Figures`], for a SELECT.
pub fn columns() -> String {
    let column = |figure: &Figure| format!("{} AS {}", figure.sql.concat(), figure.key);
    FIGURES.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// Milliseconds as hours.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
pub fn hours(ms: u64) -> f64 {
    ms as f64 / 3_600_000.0
}

/// Milliseconds as days of 24 hours.
#[must_use]
pub fn days(ms: u64) -> f64 {
    hours(ms) / 24.0
}
