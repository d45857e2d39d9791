//! Generates realistic submissions for `ebasvuru load`, the demo and benchmarks. The same seed gives
//! the same messages.

mod pdf;
mod spoil;
mod words;

use std::borrow::Cow;
use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ebasvuru_workflow::domain::catalog::{Catalog, FieldKind, FormField, Service};
use ebasvuru_workflow::domain::document::{sha256_hex, store_uri};
use ebasvuru_workflow::domain::turkish::Tckn;
use ebasvuru_workflow::log::Blob;
use ebasvuru_workflow::random::Random;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::check::Code;
use crate::submission::{Applicant, CONFIRMATION, Contact, Document, Fields, Form, SUBMISSION, Submission};

/// How many messages back the original of a duplicate may be.
const MEMORY: usize = 256;
/// How many sample documents there are for messages to refer to.
const SAMPLES: u8 = 16;

/// The shares of messages that are not ordinary new submissions; each from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mix {
    /// Bad messages, with all codes in turn.
    pub bad: f64,
    /// Repeated messages: nine in ten unchanged, one in ten with other content under the same id, which
    /// `workflow` dead-letters as `duplicate_conflict`.
    pub duplicates: f64,
}

/// An endless iterator of messages: key (the submission id) and value.
#[derive(Debug)]
pub struct Generator {
    random: Random,
    services: Vec<Service>,
    /// For each governorate, how many people live in it and all before it.
    people: Vec<u32>,
    mix: Mix,
    at: Timestamp,
    /// The codes of bad messages, the last used one first.
    codes: Vec<Code>,
    recent: VecDeque<Submission<'static>>,
    samples: Vec<Document<'static>>,
}

impl Generator {
    /// Submissions for the services of a catalog, confirmed in the hour before `at`.
    #[must_use]
    pub fn new(catalog: &Catalog, mix: Mix, seed: u64, at: Timestamp) -> Self {
        let people = words::PEOPLE.iter().scan(0, |sum, here| {
            *sum += here;
            Some(*sum)
        });
        Self {
            random: Random::new(seed),
            services: catalog.services().cloned().collect(),
            people: people.collect(),
            mix,
            at,
            // A checked catalog has every route.
            codes: Code::ALL.into_iter().filter(|code| *code != Code::NotRoutable).collect(),
            recent: VecDeque::with_capacity(MEMORY),
            samples: samples().iter().map(reference).collect(),
        }
    }

    fn submission(&mut self) -> Submission<'static> {
        let random = &mut self.random;
        let who = random.below(self.people.last().copied().unwrap_or(1));
        let plate = self.people.partition_point(|up_to| *up_to <= who) + 1;
        let service = random.pick(&self.services);
        let applicant = applicant(random);
        let district = *random.pick(words::districts(plate));
        let address = address(random, district);
        let seconds = i64::from(random.below(3600));
        Submission {
            schema: SUBMISSION,
            submission_id: id(random),
            submitted_at: self.at.saturating_sub(SignedDuration::from_secs(seconds)).unwrap_or(self.at),
            service: service.slug.to_string().into(),
            valilik: i64::try_from(plate).unwrap_or_default(),
            applicant,
            contact: Contact {
                address: address.into(),
                district: random.chance(0.9).then_some(Cow::Borrowed(district)),
            },
            form: Form {
                subject: format!("{} {}", service.title, random.pick(&words::SUBJECTS)).into(),
                text: format!(
                    "{} {} {}",
                    random.pick(&words::OPENINGS),
                    random.pick(&words::MIDDLES),
                    random.pick(&words::CLOSINGS)
                )
                .into(),
                fields: fields(random, service),
            },
            documents: documents(random, &self.samples),
            confirmation: CONFIRMATION.into(),
        }
    }

    fn duplicate(&mut self) -> Option<Submission<'static>> {
        if self.recent.is_empty() || !self.random.chance(self.mix.duplicates) {
            return None;
        }
        let at = self.random.below(u32::try_from(self.recent.len()).unwrap_or(u32::MAX));
        let mut again = self.recent.get(at as usize)?.clone();
        if self.random.chance(0.1) {
            again.form.text.to_mut().push_str(" (düzeltme)");
        }
        Some(again)
    }
}

impl Iterator for Generator {
    type Item = (Bytes, Bytes);

    fn next(&mut self) -> Option<Self::Item> {
        let keyed = |id: Uuid, value: Vec<u8>| Some((id.to_string().into(), value.into()));
        if let Some(again) = self.duplicate() {
            return keyed(again.submission_id, again.to_json());
        }
        let submission = self.submission();
        let id = submission.submission_id;
        if self.random.chance(self.mix.bad) {
            self.codes.rotate_left(1);
            let code = *self.codes.first()?;
            return keyed(id, spoil::spoil(submission, code, &mut self.random));
        }
        let value = submission.to_json();
        if self.mix.duplicates > 0.0 {
            self.recent.truncate(MEMORY - 1);
            self.recent.push_front(submission);
        }
        keyed(id, value)
    }
}

/// The documents that generated messages refer to. Store them first if people are to open them.
#[must_use]
pub fn samples() -> Vec<Blob> {
    (1..=SAMPLES)
        .map(|i| {
            let bytes = pdf::page(&format!("Ornek belge {i}"));
            Blob { sha256: sha256_hex(&bytes), bytes: bytes.into() }
        })
        .collect()
}

fn reference(blob: &Blob) -> Document<'static> {
    Document {
        kind: "supporting".into(),
        name: "ek.pdf".into(),
        media_type: "application/pdf".into(),
        size: i64::try_from(blob.bytes.len()).unwrap_or(i64::MAX),
        sha256: blob.sha256.clone().into(),
        uri: Some(store_uri(&blob.sha256).into()),
        data: None,
    }
}

fn documents(random: &mut Random, samples: &[Document<'static>]) -> Vec<Document<'static>> {
    let mut documents: Vec<_> = (0..random.below(3)).map(|_| random.pick(samples).clone()).collect();
    if random.chance(0.1) {
        let content = pdf::page(&format!("Basvuru {:08}", random.below(100_000_000)));
        documents.push(Document {
            size: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256: sha256_hex(&content).into(),
            uri: None,
            data: Some(STANDARD.encode(&content).into()),
            ..samples[0].clone()
        });
    }
    if let Some(first) = documents.first_mut() {
        (first.kind, first.name) = ("application".into(), "dilekce.pdf".into());
    }
    documents
}

fn id(random: &mut Random) -> Uuid {
    let bytes = (u128::from(random.next()) << 64 | u128::from(random.next())).to_be_bytes();
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn applicant(random: &mut Random) -> Applicant<'static> {
    let first =
        std::array::from_fn(|i| if i == 0 { 1 + random.below(9) } else { random.below(10) }.to_le_bytes()[0]);
    let tckn = Tckn::from_first_nine(first).map(|tckn| tckn.as_str().to_owned()).unwrap_or_default();
    let mut first_name = (*random.pick(&words::FIRST_NAMES)).to_owned();
    if random.chance(0.2) {
        first_name = format!("{first_name} {}", random.pick(&words::SECOND_NAMES));
    }
    let phone = format!("+905{:09}", 300_000_000 + random.below(299_999_999));
    let email = random.chance(0.7).then(|| format!("vatandas{}@example.org", random.below(1_000_000)).into());
    Applicant {
        tckn: tckn.into(),
        first_name: first_name.into(),
        last_name: (*random.pick(&words::LAST_NAMES)).into(),
        phone: phone.into(),
        email,
    }
}

fn address(random: &mut Random, district: &str) -> String {
    format!(
        "{} Mahallesi, {} No: {}/{}, {district}",
        random.pick(&words::QUARTERS),
        random.pick(&words::STREETS),
        1 + random.below(200),
        1 + random.below(30),
    )
}

fn fields(random: &mut Random, service: &Service) -> Option<Fields<'static>> {
    let mut value = |field: &FormField| match field.kind {
        FieldKind::Date => {
            format!("{}-{:02}-{:02}", 2020 + random.below(6), 1 + random.below(12), 1 + random.below(28))
        }
        FieldKind::Number => (1 + random.below(500)).to_string(),
        FieldKind::Select if !field.options.is_empty() => random.pick(&field.options).clone(),
        FieldKind::LongText => format!("{} {}", random.pick(&words::OPENINGS), random.pick(&words::MIDDLES)),
        FieldKind::Text | FieldKind::Select => {
            format!("{} {}", random.pick(&words::WORDS), random.pick(&words::WORDS))
        }
    };
    let fields = service.form_fields.iter().map(|field| (field.name.clone().into(), value(field).into()));
    (!service.form_fields.is_empty()).then(|| fields.collect())
}
