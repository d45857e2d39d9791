//! What citizens write to a service: data in `data/letters.toml`, which says how it is read.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use ebasvuru_workflow::domain::calendar::day_of;
use ebasvuru_workflow::domain::catalog::{FieldKind, FormField, Service, ServiceSlug};
use ebasvuru_workflow::random::Random;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::people::Citizen;
use super::places::place;
use super::template::{fill, grouped};
use crate::submission::{Fields, Form};

/// The letters of a service that the data does not know: one of an operator's own catalog.
const ANY: &str = "*";
/// How much more often a letter is drawn that is not rare.
const COMMON: usize = 2;
/// The answer to a field that the data does not know.
const SEE_LETTER: &str = "Ekteki dilekçede belirtilmiştir.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letters {
    withdrawals: Vec<String>,
    words: HashMap<String, Word>,
    service: Vec<ServiceLetters>,
}

/// The letters to one service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceLetters {
    slug: String,
    /// How often it is applied for, relative to the other services.
    pub weight: u32,
    /// The names of the files that come with it.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Rows of words that fit each other.
    #[serde(default)]
    together: Vec<BTreeMap<String, String>>,
    #[serde(default)]
    words: HashMap<String, Word>,
    #[serde(default)]
    fields: HashMap<String, String>,
    letter: Vec<Letter>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    subject: String,
    text: String,
    #[serde(default)]
    fields: HashMap<String, String>,
    #[serde(default)]
    rare: bool,
}

/// What a gap may be filled with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Word {
    OneOf(Vec<String>),
    Number { from: u32, to: u32, step: Option<u32> },
    Date { days: [i32; 2] },
}

static LETTERS: LazyLock<Letters> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the data is compiled in, and the tests read it")]
    toml::from_str(include_str!("data/letters.toml")).expect("the letters are TOML")
});

/// Why citizens withdraw an application.
#[must_use]
pub fn withdrawals() -> &'static [String] {
    &LETTERS.withdrawals
}

/// The names of all files that come with letters.
pub fn documents() -> impl Iterator<Item = &'static String> {
    LETTERS.service.iter().flat_map(|service| &service.documents)
}

/// The letters to a service.
///
/// # Panics
/// Never: the data has letters for any service.
pub fn letters(slug: &ServiceSlug) -> &'static ServiceLetters {
    let of = |slug: &str| LETTERS.service.iter().find(|service| service.slug == slug);
    #[expect(clippy::expect_used, reason = "the data is compiled in, and the tests read it")]
    of(slug.as_str()).or_else(|| of(ANY)).expect("there are letters for any service")
}

/// A letter of this citizen to a service, written on the day of `at`.
pub fn write(service: &Service, citizen: &Citizen, at: Timestamp, random: &mut Random) -> Form<'static> {
    let letters = letters(&service.slug);
    let weight = |letter: &Letter| if letter.rare { 1 } else { COMMON };
    let all: usize = letters.letter.iter().map(weight).sum();
    let mut left = random.below(u32::try_from(all).unwrap_or(1)) as usize;
    let letter = letters.letter.iter().find(|letter| {
        let here = left < weight(letter);
        left = left.saturating_sub(weight(letter));
        here
    });
    let letter = letter.unwrap_or(&letters.letter[0]);

    let mut draft = Draft { letters, citizen, at, chosen: Vec::new() };
    let subject = draft.fill(&letter.subject, random).into();
    let text = draft.fill(&letter.text, random).into();
    let mut value = |field: &FormField| {
        let template = letter.fields.get(&field.name).or_else(|| letters.fields.get(&field.name));
        match template {
            Some(template) => as_input(field.kind, draft.fill(template, random)),
            None => unknown(field, at, random),
        }
    };
    let fields: Fields<'_> =
        service.form_fields.iter().map(|field| (field.name.clone().into(), value(field).into())).collect();
    Form { subject, text, fields: (!fields.is_empty()).then_some(fields) }
}

/// A letter while it is written: the words that were chosen stay the same until its end.
struct Draft<'a> {
    letters: &'static ServiceLetters,
    citizen: &'a Citizen,
    at: Timestamp,
    chosen: Vec<(&'static str, String)>,
}

impl Draft<'_> {
    fn fill(&mut self, template: &'static str, random: &mut Random) -> String {
        fill(template, random, &mut |name, random, text| self.word(name, random, text))
    }

    fn word(&mut self, name: &'static str, random: &mut Random, text: &mut String) {
        let citizen = self.citizen;
        match name {
            "il" => return text.push_str(&place(citizen.plate).name),
            "plaka" => return text.push_str(&format!("{:02}", citizen.plate)),
            "ilce" => return text.push_str(citizen.district),
            "mahalle" => return text.push_str(citizen.quarter),
            "sokak" => return text.push_str(citizen.street),
            "adres" => return text.push_str(&citizen.address),
            "yil" => return text.push_str(&day_of(self.at).year().to_string()),
            _ => {}
        }
        if self.letters.together.first().is_some_and(|row| row.contains_key(name)) && !self.is_chosen(name) {
            for (word, template) in random.pick::<BTreeMap<_, _>>(&self.letters.together) {
                let chosen = self.fill(template, random);
                self.chosen.push((word, chosen));
            }
        }
        if let Some((_, chosen)) = self.chosen.iter().find(|(known, _)| *known == name) {
            return text.push_str(chosen);
        }
        let word = self.letters.words.get(name).or_else(|| LETTERS.words.get(name));
        let chosen = match word {
            Some(Word::OneOf(texts)) => self.fill(random.pick::<String>(texts), random),
            Some(Word::Number { from, to, step }) => {
                let step = step.unwrap_or(1);
                grouped(from + random.below((to - from) / step + 1) * step)
            }
            Some(Word::Date { days: [from, to] }) => {
                let days = from + i32::try_from(random.below(from.abs_diff(*to) + 1)).unwrap_or(0);
                day_of(self.at).saturating_add(days.days()).strftime("%d.%m.%Y").to_string()
            }
            // A test fills every gap of the data.
            None => format!("{{{name}}}"),
        };
        text.push_str(&chosen);
        self.chosen.push((name, chosen));
    }

    fn is_chosen(&self, name: &str) -> bool {
        self.chosen.iter().any(|(known, _)| *known == name)
    }
}

/// What a form sends for what people write.
fn as_input(kind: FieldKind, text: String) -> String {
    match kind {
        FieldKind::Date => text.rsplit('.').collect::<Vec<_>>().join("-"),
        FieldKind::Number => text.replace('.', ""),
        FieldKind::Text | FieldKind::LongText | FieldKind::Select => text,
    }
}

/// A value for a field that the data does not know.
fn unknown(field: &FormField, at: Timestamp, random: &mut Random) -> String {
    match field.kind {
        FieldKind::Date => day_of(at).to_string(),
        FieldKind::Number => (1 + random.below(20)).to_string(),
        FieldKind::Select if !field.options.is_empty() => random.pick(&field.options).clone(),
        FieldKind::Text | FieldKind::LongText | FieldKind::Select => SEE_LETTER.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::people::citizen;
    use super::*;
    use crate::catalog;

    #[test]
    fn words_that_must_fit_each_other_come_from_one_row() {
        let (catalog, mut random) = (catalog::load(None).unwrap(), Random::new(1));
        for (slug, one, other) in [
            ("dernek-kurulus", ("ad", "dernek_adi"), ("amac", "amac")),
            ("davet-mektubu", ("konuk", "davet_edilen"), ("ulke", "ulke")),
        ] {
            let service = catalog.services().find(|service| service.slug.as_str() == slug).unwrap();
            let rows = &letters(&service.slug).together;
            assert!(rows.iter().all(|row| row.keys().eq(rows[0].keys())), "{slug}");
            for _ in 0..200 {
                let citizen = citizen(6, &mut random);
                let form = write(service, &citizen, Timestamp::UNIX_EPOCH, &mut random);
                let fields = form.fields.unwrap();
                let is_of = |row: &BTreeMap<String, String>| {
                    let written = |(word, field): (&str, &str)| {
                        fields[field].ends_with(row[word].rsplit('}').next().unwrap_or_default())
                    };
                    (written(one) || row.get("anne").is_some_and(|_| written(("anne", one.1))))
                        && written(other)
                };
                assert!(rows.iter().any(is_of), "{fields:?}");
            }
        }
    }

    #[test]
    fn there_are_letters_to_every_service_with_a_text_for_each_field() {
        let catalog = catalog::load(None).unwrap();
        let slugs: BTreeSet<_> = LETTERS.service.iter().map(|service| service.slug.as_str()).collect();
        let expected: BTreeSet<_> =
            catalog.services().map(|service| service.slug.as_str()).chain([ANY]).collect();
        assert_eq!(slugs, expected);
        for service in catalog.services() {
            let letters = letters(&service.slug);
            assert!(letters.letter.len() >= 3, "{}", service.slug);
            for (field, letter) in
                service.form_fields.iter().flat_map(|field| letters.letter.iter().map(move |l| (field, l)))
            {
                let template = letter.fields.get(&field.name).or_else(|| letters.fields.get(&field.name));
                let template = template.unwrap_or_else(|| panic!("{}: {}", service.slug, field.name));
                assert!(field.kind != FieldKind::Select || field.options.contains(template), "{template}");
            }
        }
    }
}
