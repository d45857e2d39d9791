//! The figures of the reports. Each has one fragment of SQL and one definition, so that a figure is
//! the same number wherever it is shown.
//!
//! All count applications in their latest version; `{now:Int64}` is the time of the query.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

/// Open: not closed.
pub const OPEN: &str = "stage != 'closed'";
/// Answered: closed by the Yetkili's "Onayla".
pub const ANSWERED: &str = "outcome IN ('positive', 'negative')";
/// Its deadline passed before it was closed, or has passed and it is open.
pub const OVERDUE: &str = "(isNotNull(breached_at) OR ifNull(due_at <= \
     ifNull(closed_at, fromUnixTimestamp64Milli({now:Int64}, 'UTC')), 0))";
/// From receipt to answer, in milliseconds. e-Devlet's clock may be ahead of ours, so it may be
/// answered "before" its receipt.
pub const RESPONSE_MS: &str =
    "toUInt64(greatest(dateDiff('millisecond', received_at, ifNull(closed_at, received_at)), 0))";

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
    /// This quantile of the response times of the answered applications.
    ResponseQuantile(&'static str),
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

    fn column(&self) -> String {
        match self.aggregate {
            Aggregate::Count([]) => format!("count() AS {}", self.key),
            Aggregate::Count(conditions) => format!("countIf({}) AS {}", conditions.join(" AND "), self.key),
            Aggregate::ResponseQuantile(level) => {
                format!("quantileExactIf({level})({RESPONSE_MS}, {ANSWERED}) AS {}", self.key)
            }
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
    total = Count(&[]), "Başvuru sayısı",
        "Seçilen dönemde alınan, seçilen hizmet, birim ve valilikteki bütün başvurular. Bir başvurunun alındığı an, vatandaşın onu e-Devlet'te onayladığı andır. Başvuru, şu an bulunduğu birimde sayılır; havale edilmişse yeni biriminde.";
    /// Not closed.
    open = Count(&[OPEN]), "Açık", "Henüz sonuçlanmamış başvurular (Ön Başvurular dahil).";
    /// Ön Başvuru, open.
    pre_application = Count(&[OPEN, "phase = 'pre_application'"]), "Ön Başvuru",
        "Vatandaşın elden getireceği belgeler beklenen açık başvurular. Açık sayısının içindedir.";
    /// Open, held by nobody.
    unassigned = Count(&["stage = 'unassigned'"]), "Teslim Bekliyor",
        "Hiçbir Sorumlunun üzerinde olmayan açık başvurular.";
    /// Open, held by a Sorumlu.
    assigned = Count(&["stage = 'assigned'"]), "Sorumlu Üzerinde",
        "Bir Sorumlunun üzerinde olan, onaya gönderilmemiş açık başvurular.";
    /// Open, waiting for the Yetkili.
    awaiting_approval = Count(&["stage = 'awaiting_approval'"]), "Onay Bekliyor",
        "Onaya, Red Onayına ya da havale onayına gönderilmiş, Yetkilinin kararını bekleyen başvurular.";
    /// Closed.
    closed = Count(&[CLOSED]), "Sonuçlanan",
        "Sonuçlanmış başvurular: olumlu, olumsuz, süre aşımı ve vazgeçilenlerin toplamı.";
    /// Closed positively.
    positive = Count(&["outcome = 'positive'"]), "Olumlu", "Olumlu cevabı Yetkili tarafından onaylanmış başvurular.";
    /// Closed negatively.
    negative = Count(&["outcome = 'negative'"]), "Olumsuz", "Red Onayına gönderilen cevabı Yetkili tarafından onaylanmış başvurular.";
    /// Closed by lapse.
    lapsed = Count(&["outcome = 'lapsed'"]), "Süre Aşımı", "Süresi içinde tamamlanmadığı için süre aşımıyla kapatılan Ön Başvurular.";
    /// Closed by the citizen.
    withdrawn = Count(&["outcome = 'withdrawn'"]), "Vazgeçildi", "Vatandaşın vazgeçtiği başvurular.";
    /// Past the deadline, open or closed.
    overdue = Count(&[OVERDUE]), "Süresi Geçen",
        "Cevaplanma süresinin son günü sonuçlanmadan geçmiş başvurular; hâlâ açık olanlar ile sonradan sonuçlananların toplamı. Havale süreyi durdurmaz; sürenin geçtiği bilgisi sonradan silinmez.";
    /// Open and past the deadline.
    overdue_open = Count(&[OPEN, OVERDUE]), "Süresi Geçen (açık)",
        "Cevaplanma süresinin son günü geçmiş ve hâlâ sonuçlanmamış başvurular.";
    /// Closed, past the deadline.
    overdue_closed = Count(&[CLOSED, OVERDUE]), "Süresi geçtikten sonra sonuçlanan",
        "Cevaplanma süresinin son günü geçtikten sonra sonuçlanmış başvurular.";
    /// Answered.
    answered = Count(&[ANSWERED]), "Cevaplanan", "Olumlu ya da olumsuz cevabı onaylanmış başvurular.";
    /// The median from receipt to answer, in milliseconds; 0 when none is answered.
    response_median_ms = ResponseQuantile("0.5"), "Cevaplanma süresi (ortanca)",
        "Cevaplanan başvurularda vatandaşın e-Devlet'teki onayından cevabın onaylanışına geçen sürenin ortancası: yarısı bundan kısa sürede cevaplanmıştır.";
    /// The 90th percentile from receipt to answer, in milliseconds; 0 when none is answered.
    response_p90_ms = ResponseQuantile("0.9"), "Cevaplanma süresi (%90)",
        "Cevaplanan başvuruların onda dokuzu bu süre içinde cevaplanmıştır.";
}

/// The columns of [`Figures`], for a SELECT.
pub fn columns() -> String {
    FIGURES.iter().map(Figure::column).collect::<Vec<_>>().join(", ")
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
