//! Generates realistic submissions for `ebasvuru load`, the demo and benchmarks. The same seed gives
//! the same messages.
//!
//! Governorates are drawn by their population ([`places`]), services by how often people apply for them
//! ([`letters`]). All texts are data, in `data/`.

mod letters;
mod pdf;
mod people;
mod places;
mod samples;
mod spoil;
pub mod template;

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ebasvuru_workflow::domain::catalog::{Catalog, Service, Valilik};
use ebasvuru_workflow::domain::document::{sha256_hex, store_uri};
use ebasvuru_workflow::random::Random;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::check::Code;
use crate::submission::{CONFIRMATION, Contact, Document, SUBMISSION, Submission};
use people::Citizen;
use samples::LETTER;

pub use letters::withdrawals;
pub use people::full_name;
pub use places::{Place, place};
pub use samples::{Sample, sample, samples};

/// How many messages back the original of a duplicate may be, and how many citizens back one who
/// applies again.
const MEMORY: usize = 256;
/// How often somebody applies who has applied before, if there is such a person.
const AGAIN: f64 = 0.12;
/// When messages were confirmed, before the time of the generator.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

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
    routes: Vec<Route>,
    mix: Mix,
    /// When messages were confirmed: before this time, by at most that long.
    confirmed: (Timestamp, SignedDuration),
    /// The codes of bad messages, the last used one first.
    codes: Vec<Code>,
    recent: VecDeque<Submission<'static>>,
    citizens: VecDeque<Citizen>,
}

/// A service in a governorate.
#[derive(Clone, Copy, Debug)]
struct Route {
    /// How often it and all before it are drawn.
    up_to: u64,
    service: usize,
    plate: u8,
}

impl Generator {
    /// Submissions for the services of a catalog, confirmed in the hour before `at`.
    #[must_use]
    pub fn new(catalog: &Catalog, mix: Mix, seed: u64, at: Timestamp) -> Self {
        Self::with_shares(catalog, mix, seed, at, |_, _| 1)
    }

    /// The same, where a service in a governorate is drawn `share` times as often as it would be.
    pub fn with_shares(
        catalog: &Catalog,
        mix: Mix,
        seed: u64,
        at: Timestamp,
        share: impl Fn(&Service, Valilik) -> u32,
    ) -> Self {
        let services: Vec<Service> = catalog.services().cloned().collect();
        let mut routes = Vec::new();
        let mut up_to = 0;
        for (nth, service) in services.iter().enumerate() {
            let weight = u64::from(letters::letters(&service.slug).weight);
            for (valilik, _) in catalog.valilikler() {
                let plate = valilik.plate();
                up_to += weight * u64::from(place(plate).people) * u64::from(share(service, valilik));
                routes.push(Route { up_to, service: nth, plate });
            }
        }
        Self {
            random: Random::new(seed),
            services,
            routes,
            mix,
            confirmed: (at, HOUR),
            // A checked catalog has every route.
            codes: Code::ALL.into_iter().filter(|code| *code != Code::NotRoutable).collect(),
            recent: VecDeque::with_capacity(MEMORY),
            citizens: VecDeque::with_capacity(MEMORY),
        }
    }

    /// From now on, messages were confirmed before `at`, by at most `span`.
    pub fn confirmed(&mut self, at: Timestamp, span: SignedDuration) {
        self.confirmed = (at, span);
    }

    /// A message that ingest dead-letters with this code. Not for `not_routable`, which depends on the
    /// catalog.
    pub fn bad(&mut self, code: Code) -> (Bytes, Bytes) {
        let submission = self.submission();
        let id = submission.submission_id;
        keyed(id, spoil::spoil(submission, code, &mut self.random))
    }

    fn submission(&mut self) -> Submission<'static> {
        let random = &mut self.random;
        let all = self.routes.last().map_or(1, |route| route.up_to);
        let drawn = random.next() % all;
        let route = self.routes[self.routes.partition_point(|route| route.up_to <= drawn)];
        let service = &self.services[route.service];
        let again = random.chance(AGAIN);
        let known = self.citizens.iter().find(|citizen| again && citizen.plate == route.plate);
        let citizen = known.cloned().unwrap_or_else(|| people::citizen(route.plate, random));
        let (at, span) = self.confirmed;
        let seconds = random.below(u32::try_from(span.as_secs()).unwrap_or(1).max(1));
        let submitted_at = at.saturating_sub(SignedDuration::from_secs(seconds.into())).unwrap_or(at);
        let form = letters::write(service, &citizen, submitted_at, random);
        let documents = documents(random, service, &form.text);
        let submission = Submission {
            schema: SUBMISSION,
            submission_id: id(random),
            submitted_at,
            service: service.slug.to_string().into(),
            valilik: route.plate.into(),
            applicant: citizen.applicant.clone(),
            contact: Contact {
                address: citizen.address.clone().into(),
                district: random.chance(0.9).then_some(citizen.district.into()),
            },
            form,
            documents,
            confirmation: CONFIRMATION.into(),
        };
        self.citizens.truncate(MEMORY - 1);
        self.citizens.push_front(citizen);
        submission
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
        if let Some(again) = self.duplicate() {
            return Some(keyed(again.submission_id, again.to_json()));
        }
        if self.random.chance(self.mix.bad) {
            self.codes.rotate_left(1);
            let code = *self.codes.first()?;
            return Some(self.bad(code));
        }
        let submission = self.submission();
        let (id, value) = (submission.submission_id, submission.to_json());
        if self.mix.duplicates > 0.0 {
            self.recent.truncate(MEMORY - 1);
            self.recent.push_front(submission);
        }
        Some(keyed(id, value))
    }
}

fn keyed(id: Uuid, value: Vec<u8>) -> (Bytes, Bytes) {
    (id.to_string().into(), value.into())
}

fn reference(sample: &Sample) -> Document<'static> {
    Document {
        kind: "supporting".into(),
        name: sample.name.clone().into(),
        media_type: sample.media_type.into(),
        size: i64::try_from(sample.blob.bytes.len()).unwrap_or(i64::MAX),
        sha256: sample.blob.sha256.clone().into(),
        uri: Some(store_uri(&sample.blob.sha256).into()),
        data: None,
    }
}

/// The letter as a file and what belongs to it, by reference or inline; all of it if the text speaks of it.
fn documents(random: &mut Random, service: &Service, text: &str) -> Vec<Document<'static>> {
    let names = [LETTER].into_iter();
    let names = names.chain(letters::letters(&service.slug).documents.iter().map(String::as_str));
    let some = 1 + random.below(3) as usize;
    let some = if text.contains(" ekte") || text.contains("Ekte") { usize::MAX } else { some };
    let mut documents: Vec<_> = names.take(some).filter_map(samples::known).map(reference).collect();
    if random.chance(0.1) {
        let content = pdf::page(&format!("{} {:08}", service.title, random.below(100_000_000)));
        documents.push(Document {
            kind: "supporting".into(),
            name: "Ek açıklama.pdf".into(),
            media_type: "application/pdf".into(),
            size: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256: sha256_hex(&content).into(),
            uri: None,
            data: Some(STANDARD.encode(&content).into()),
        });
    }
    if let Some(first) = documents.first_mut() {
        first.kind = "application".into();
    }
    documents
}

fn id(random: &mut Random) -> Uuid {
    let bytes = (u128::from(random.next()) << 64 | u128::from(random.next())).to_be_bytes();
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
