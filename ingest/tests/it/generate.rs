//! The generator: ingest accepts its ordinary messages, and dead-letters its bad ones with the expected
//! codes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use ebasvuru_ingest::check::Code;
use ebasvuru_ingest::generate::{Generator, Mix, place, samples};
use ebasvuru_ingest::submission::submission_schema;
use ebasvuru_ingest::{IngestProcessor, Settings, catalog};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::domain::document::sha256_hex;
use ebasvuru_workflow::log::{Processor, Step};
use serde_json::Value;

use crate::schema::validator;
use crate::support::{now, outcome, record, sealer};

pub fn catalog() -> Arc<Catalog> {
    static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(catalog::load(None).unwrap()));
    CATALOG.clone()
}

pub fn generator(mix: Mix, seed: u64) -> Generator {
    Generator::new(&catalog(), mix, seed, now())
}

/// A processor that routes as the product does.
pub fn processor() -> IngestProcessor {
    IngestProcessor::new(catalog(), sealer(), Settings { bad_ratio: 1.0, ..Settings::default() })
}

#[test]
fn ordinary_submissions_are_valid_and_received() {
    let schema = validator(&submission_schema());
    let mut inline = 0;
    let mut services = BTreeSet::new();
    for (_, value) in generator(Mix::default(), 1).take(2000) {
        let message: Value = serde_json::from_slice(&value).unwrap();
        assert!(schema.is_valid(&message));
        let encloses = message["form"]["text"].as_str().unwrap().contains(" ektedir");
        let documents = message["documents"].as_array().unwrap().len();
        assert!(documents > usize::from(encloses), "the letter, and what it encloses: {message}");
        services.insert(message["service"].to_string());
        let step = processor().process(&[record(1, value.clone())], now());
        assert_eq!(outcome(&step), "command", "{}", String::from_utf8_lossy(&value));
        inline += step.blobs.len();
    }
    assert_eq!(services.len(), catalog().services().count());
    assert!(inline > 100, "some documents come inline: {inline}");
    let is_real = |bytes: &[u8]| bytes.starts_with(b"%PDF-") || bytes.starts_with(b"\x89PNG");
    assert!(samples().iter().all(|blob| sha256_hex(&blob.bytes) == blob.sha256 && is_real(&blob.bytes)));
}

/// Whoever reads them believes them: no gap is left open, and people live where there is such a district.
#[test]
fn texts_have_no_gaps_and_addresses_exist() {
    let mut subjects = BTreeMap::<String, BTreeSet<String>>::new();
    for (_, value) in generator(Mix::default(), 9).take(5000) {
        let message: Value = serde_json::from_slice(&value).unwrap();
        let (form, service) = (&message["form"], message["service"].as_str().unwrap());
        let fields = form["fields"].as_object().into_iter().flat_map(|fields| fields.values());
        for text in fields.chain([&form["subject"], &form["text"]]) {
            let text = text.as_str().unwrap();
            assert!(!text.is_empty() && !text.contains(['{', '}', '#']), "{service}: {text}");
        }
        subjects
            .entry(service.into())
            .or_default()
            .insert(form["text"].as_str().unwrap().chars().take(20).collect());

        let plate = u8::try_from(message["valilik"].as_u64().unwrap()).unwrap();
        let address = message["contact"]["address"].as_str().unwrap();
        let ends = |district: &String| address.ends_with(&format!(", {district}/{}", place(plate).name));
        assert!(place(plate).districts.iter().any(ends), "{plate}: {address}");
    }
    for service in catalog().services() {
        assert!(subjects[service.slug.as_str()].len() >= 3, "{}", service.slug);
    }
}

/// Few services have most applications, and most people live in few governorates.
#[test]
fn services_and_governorates_are_drawn_by_a_realistic_skew() {
    let (mut services, mut plates) = (BTreeMap::<String, u32>::new(), BTreeMap::<u64, u32>::new());
    for (_, value) in generator(Mix::default(), 4).take(10_000) {
        let message: Value = serde_json::from_slice(&value).unwrap();
        *services.entry(message["service"].to_string()).or_default() += 1;
        *plates.entry(message["valilik"].as_u64().unwrap()).or_default() += 1;
    }
    let mut counts: Vec<_> = services.values().copied().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let first: u32 = counts[..6].iter().sum();
    assert!((4500..6500).contains(&first) && counts.last() < Some(&100), "{services:?}");
    assert!(plates[&34] > 2 * plates[&6] && plates[&6] > plates[&35] && plates.len() == 81, "{plates:?}");
}

#[test]
fn a_seed_always_gives_the_same_messages() {
    let mix = Mix { bad: 0.1, duplicates: 0.1 };
    let take = |seed| generator(mix, seed).take(500).collect::<Vec<_>>();
    assert_eq!(take(7), take(7));
    let keys = |seed| take(seed).into_iter().map(|(key, _)| key).collect::<BTreeSet<Bytes>>();
    assert!(keys(7).is_disjoint(&keys(8)));
}

#[test]
fn bad_messages_cover_every_code_and_duplicates_share_an_id() {
    let mix = Mix { bad: 0.3, duplicates: 0.2 };
    let all: Vec<_> = generator(mix, 3).take(5000).collect();
    let batch: Vec<_> = all.iter().zip(0..).map(|((_, value), i)| record(i, value.clone())).collect();
    let step = processor().process(&batch, now());
    assert_eq!(step.outputs.len(), all.len());
    let mut outcomes = BTreeMap::<String, usize>::new();
    for output in step.outputs {
        *outcomes.entry(outcome(&Step { outputs: vec![output], ..Step::default() })).or_default() += 1;
    }
    for code in Code::ALL.into_iter().filter(|code| *code != Code::NotRoutable) {
        assert!(outcomes.get(code.as_str()).is_some_and(|n| *n > 50), "{code}: {outcomes:?}");
    }
    assert!(outcomes["command"] > 3000, "{outcomes:?}");
    let keys: BTreeSet<_> = all.iter().map(|(key, _)| key).collect();
    let messages: BTreeSet<_> = all.iter().collect();
    let (repeats, conflicts) = (all.len() - messages.len(), messages.len() - keys.len());
    assert!((600..1200).contains(&repeats) && (40..200).contains(&conflicts), "{repeats} {conflicts}");
}
