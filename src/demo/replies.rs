//! What the demo's staff write: data in `data/replies.toml`, which says how it is read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ebasvuru_ingest::generate::template::{fill, grouped};
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::calendar::day_of;
use ebasvuru_workflow::domain::catalog::ServiceSlug;
use ebasvuru_workflow::message::SubmissionContent;
use ebasvuru_workflow::random::Random;
use ebasvuru_workflow::seal::{Field, Sealer};
use jiff::civil::Date;
use serde::Deserialize;

/// The replies to a service that the data does not know: one of an operator's own catalog.
const ANY: &str = "*";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replies {
    pub notes: Vec<String>,
    pub sent_back: Vec<String>,
    pub corrected: Vec<String>,
    service: Vec<ServiceReplies>,
}

/// The replies to applications of one service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceReplies {
    slug: String,
    /// The share of the term that an answer usually takes.
    pub pace: f64,
    /// The share of refusals.
    pub refused: f64,
    positive: Vec<String>,
    negative: Vec<String>,
    /// The Resmi Evrak of a positive answer.
    official: Option<String>,
    #[serde(default)]
    about: BTreeMap<String, String>,
    #[serde(default)]
    refused_about: BTreeMap<String, String>,
    #[serde(default)]
    referrals: Vec<Referral>,
}

/// Where letters belong that are about something else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    about: String,
    /// The kind of unit.
    pub to: String,
    pub reason: String,
}

impl ServiceReplies {
    /// Whether no letter to this service belongs elsewhere.
    pub fn has_no_referrals(&self) -> bool {
        self.referrals.is_empty()
    }
}

static REPLIES: LazyLock<Replies> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the data is compiled in, and the tests read it")]
    toml::from_str(include_str!("data/replies.toml")).expect("the replies are TOML")
});

/// What staff write whatever the service.
pub fn replies() -> &'static Replies {
    &REPLIES
}

/// The replies to applications of a service.
pub fn replies_to(service: &ServiceSlug) -> &'static ServiceReplies {
    let of = |slug: &str| REPLIES.service.iter().find(|replies| replies.slug == slug);
    #[expect(clippy::expect_used, reason = "the data is compiled in, and the tests read it")]
    of(service.as_str()).or_else(|| of(ANY)).expect("there are replies for any service")
}

#[cfg(test)]
pub fn slugs() -> Vec<&'static str> {
    REPLIES.service.iter().map(|replies| replies.slug.as_str()).collect()
}

#[cfg(test)]
impl ServiceReplies {
    /// Whether what the answers enclose exists.
    pub fn encloses_what_it_says(&self) -> bool {
        let says = |text: &String| text.contains(" ekte");
        let refuses = self.negative.iter().chain(self.refused_about.values()).any(says);
        let grants = self.positive.iter().chain(self.about.values()).any(says);
        !refuses && (!grants || self.official.is_some())
    }

    /// Everything that citizens may be answered.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        let own = self.about.values().chain(self.refused_about.values());
        self.positive.iter().chain(&self.negative).chain(own)
    }

    /// The kinds of units that letters are referred to.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.referrals.iter().map(|referral| referral.to.as_str())
    }
}

/// The names of all official documents.
pub fn official_documents() -> impl Iterator<Item = &'static str> {
    REPLIES.service.iter().filter_map(|replies| replies.official.as_deref())
}

/// An application as a Sorumlu reads it.
pub struct Letter {
    content: SubmissionContent<'static>,
    date: String,
    plate: u8,
}

impl Letter {
    /// Opens an application.
    pub fn open(sealer: &Sealer, application: &Application) -> anyhow::Result<Self> {
        let context = application.id.to_string();
        let content = sealer.open(&context, Field::Content, &application.content)?;
        Ok(Self {
            content: serde_json::from_slice(&content)?,
            date: written(day_of(application.submitted_at)),
            plate: application.valilik.plate(),
        })
    }

    fn is_about(&self, word: &str) -> bool {
        let form = &self.content.form;
        form.text.contains(word) || form.subject.contains(word)
    }

    /// The unit that the letter belongs to, if not to the service's own.
    pub fn referral(&self, replies: &'static ServiceReplies) -> Option<&'static Referral> {
        replies.referrals.iter().find(|referral| self.is_about(&referral.about))
    }

    /// Whether the answer to the letter may be a refusal: not where there is only one answer to it.
    pub fn may_be_refused(&self, replies: &ServiceReplies) -> bool {
        self.own(&replies.about).is_none() || self.own(&replies.refused_about).is_some()
    }

    /// The answer to the letter.
    pub fn answer(&self, replies: &'static ServiceReplies, refused: bool, random: &mut Random) -> String {
        let (own, any) = if refused {
            (&replies.refused_about, &replies.negative)
        } else {
            (&replies.about, &replies.positive)
        };
        let template = self.own(own).unwrap_or_else(|| random.pick::<String>(any));
        fill(template, random, &mut |word, _, text| self.word(word, text))
    }

    /// The Resmi Evrak of a positive answer to the letter, unless an answer to just this letter encloses none.
    pub fn official(&self, replies: &'static ServiceReplies) -> Option<&'static str> {
        let official = replies.official.as_deref();
        official.filter(|_| self.own(&replies.about).is_none_or(|answer| answer.contains(" ekte")))
    }

    /// The answer to just this letter.
    fn own<'r>(&self, answers: &'r BTreeMap<String, String>) -> Option<&'r String> {
        answers.iter().find(|(word, _)| self.is_about(word)).map(|(_, answer)| answer)
    }

    fn word(&self, word: &str, text: &mut String) {
        match word {
            "tarih" => text.push_str(&self.date),
            "konu" => text.push_str(&self.content.form.subject),
            "plaka" => text.push_str(&format!("{:02}", self.plate)),
            field => text.push_str(
                &self.content.form.fields.get(field).map_or_else(String::new, |value| as_text(value)),
            ),
        }
    }
}

/// The value of a field in a sentence.
fn as_text(value: &str) -> String {
    match (value.parse::<Date>(), value.parse::<u32>()) {
        (Ok(date), _) => written(date),
        (_, Ok(number)) => grouped(number),
        _ => value.to_owned(),
    }
}

fn written(date: Date) -> String {
    date.strftime("%d.%m.%Y").to_string()
}
