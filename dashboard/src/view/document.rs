//! What a document says of itself: a printed page, a file, a mail. Whoever holds one must know what was
//! asked, of which data, when, and by whom.

use std::fmt;

use ebasvuru_analytics::freshness::Freshness;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::i18n::{say, tr};
use super::labels;

/// The head of a document, in the language of the request.
#[derive(Clone, Debug)]
pub struct DocumentHead {
    /// The title.
    pub title: String,
    /// Which part of all data it is of, in words: the period, the filters, the page of a list. Label and
    /// value; filters that are not set are named, too.
    pub conditions: Vec<(&'static str, String)>,
    /// Up to when its data is complete.
    pub data: DataMoment,
    /// When it was made.
    pub made_at: Timestamp,
    /// For whom it was made.
    pub made_for: String,
}

/// Up to when data is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataMoment {
    /// It is not of the read model, which alone may be behind.
    Now,
    /// The log does not say how far the read model has come.
    Unknown,
    /// It is of the read model.
    AsOf(Freshness),
}

/// A value in a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A text.
    Text(String),
    /// A time.
    At(Timestamp),
    /// The time up to which data is complete.
    AsOf(Timestamp),
    /// A number.
    Number(i64),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::At(at) => f.write_str(&labels::date_time(*at)),
            Self::AsOf(at) => f.write_str(&say!("{at} itibarıyla", at = labels::to_the_second(*at))),
            Self::Number(n) => f.write_str(&labels::thousands(n.unsigned_abs())),
        }
    }
}

impl DocumentHead {
    /// Everything but the title, in order: label and value.
    #[must_use]
    pub fn facts(&self) -> Vec<(&'static str, Fact)> {
        let mut facts: Vec<_> =
            self.conditions.iter().map(|(label, value)| (*label, Fact::Text(value.clone()))).collect();
        facts.extend(self.data.facts());
        facts.push((tr("Çıktı tarihi"), Fact::At(self.made_at)));
        facts.push((tr("Çıktıyı alan"), Fact::Text(self.made_for.clone())));
        facts
    }
}

impl DataMoment {
    /// What is known of the read model.
    #[must_use]
    pub fn of(known: Option<Freshness>) -> Self {
        known.map_or(Self::Unknown, Self::AsOf)
    }

    fn facts(self) -> Vec<(&'static str, Fact)> {
        match self {
            Self::Now => Vec::new(),
            Self::Unknown => {
                vec![(tr("Veriler"), Fact::Text(tr("ne kadar güncel olduğu bilinmiyor").into()))]
            }
            Self::AsOf(fresh) => vec![
                (tr("Veriler"), Fact::AsOf(fresh.as_of)),
                (tr("Veri gecikmesi"), Fact::Text(delay(fresh.lag()))),
                (tr("Olay sırası"), Fact::Number(fresh.event_offset)),
            ],
        }
    }

    /// For a page: up to when its data is complete. Empty if that is now.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::Now | Self::Unknown => String::new(),
            Self::AsOf(fresh) if fresh.lag() < SignedDuration::from_secs(1) => {
                say!("Veriler {at} itibarıyla", at = labels::to_the_second(fresh.as_of))
            }
            Self::AsOf(fresh) => say!(
                "Veriler {at} itibarıyla ({delay} gecikmeyle)",
                at = labels::to_the_second(fresh.as_of),
                delay = delay(fresh.lag())
            ),
        }
    }

    /// Up to when, to the minute. Empty if that is now, or not known.
    #[must_use]
    pub fn to_the_minute(self) -> String {
        match self {
            Self::Now | Self::Unknown => String::new(),
            Self::AsOf(fresh) => labels::date_time(fresh.as_of),
        }
    }

    /// What people must be warned of; empty for nothing.
    #[must_use]
    pub fn warning(self) -> String {
        match self {
            Self::Unknown => tr(
                "Verilerin hangi ana kadar tam olduğu şu anda bilinmiyor; son işlemler burada henüz görünmeyebilir.",
            )
            .to_owned(),
            Self::AsOf(fresh) if fresh.is_behind() => say!(
                "Veriler {delay} geriden geliyor: {at} sonrasındaki işlemler burada henüz görünmüyor.",
                delay = delay(fresh.lag()),
                at = labels::to_the_second(fresh.as_of)
            ),
            Self::Now | Self::AsOf(_) => String::new(),
        }
    }
}

/// A delay: seconds below a minute.
fn delay(lag: SignedDuration) -> String {
    match lag.as_secs() {
        ..=0 => tr("yok").to_owned(),
        seconds @ 1..60 => say!("{n} sn", n = seconds),
        seconds => labels::duration(seconds * 1_000),
    }
}

/// A head as the page shows and prints it.
#[derive(Clone, Debug, Serialize)]
pub struct DocumentView {
    title: String,
    facts: Vec<(&'static str, String)>,
    /// [`DataMoment::sentence`]
    as_of: String,
    /// [`DataMoment::warning`]
    warning: String,
}

impl DocumentView {
    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }
}

impl From<&DocumentHead> for DocumentView {
    fn from(head: &DocumentHead) -> Self {
        Self {
            title: head.title.clone(),
            facts: head.facts().into_iter().map(|(label, fact)| (label, fact.to_string())).collect(),
            as_of: head.data.sentence(),
            warning: head.data.warning(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn behind(seconds: i64) -> DataMoment {
        let asked_at = at("2026-11-23T09:15:04+03:00");
        let as_of = asked_at - SignedDuration::from_secs(seconds);
        DataMoment::AsOf(Freshness { as_of, asked_at, event_offset: 48_213 })
    }

    #[test]
    fn people_are_told_up_to_when_data_is_complete_and_warned_after_a_minute() {
        let told = |data: DataMoment| (data.sentence(), data.warning());
        assert_eq!(told(behind(0)), ("Veriler 23.11.2026 09:15:04 itibarıyla".into(), String::new()));
        let late = "Veriler 23.11.2026 09:14:04 itibarıyla (1 dk gecikmeyle)";
        assert_eq!(told(behind(60)), (late.into(), String::new()));
        assert_eq!(
            behind(8_100).warning(),
            "Veriler 2 sa geriden geliyor: 23.11.2026 07:00:04 sonrasındaki işlemler burada henüz görünmüyor."
        );
        assert!(behind(61).warning().contains("1 dk"));
        assert_eq!(told(DataMoment::Now), (String::new(), String::new()));
        let (nothing, warning) = told(DataMoment::Unknown);
        assert!(nothing.is_empty() && warning.contains("bilinmiyor"), "{warning}");
    }

    #[test]
    fn a_head_says_what_of_which_data_when_and_for_whom() {
        let head = DocumentHead {
            title: "Birimler".into(),
            conditions: vec![("Dönem", "01.11.2026 – 30.11.2026".into()), ("Valilik", "Tümü".into())],
            data: behind(12),
            made_at: at("2026-11-23T09:15:30+03:00"),
            made_for: "Merkez Yönetici".into(),
        };
        let facts: Vec<_> = head.facts().iter().map(|(label, fact)| format!("{label}: {fact}")).collect();
        assert_eq!(
            facts,
            [
                "Dönem: 01.11.2026 – 30.11.2026",
                "Valilik: Tümü",
                "Veriler: 23.11.2026 09:14:52 itibarıyla",
                "Veri gecikmesi: 12 sn",
                "Olay sırası: 48.213",
                "Çıktı tarihi: 23.11.2026 09:15",
                "Çıktıyı alan: Merkez Yönetici",
            ]
        );
    }
}
