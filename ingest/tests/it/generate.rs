//! The generator: ingest accepts its ordinary messages, and dead-letters its bad ones with the expected
//! codes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use ebasvuru_ingest::check::Code;
use ebasvuru_ingest::generate::{Generator, Mix, samples};
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
        services.insert(message["service"].to_string());
        let step = processor().process(&[record(1, value.clone())], now());
        assert_eq!(outcome(&step), "command", "{}", String::from_utf8_lossy(&value));
        inline += step.blobs.len();
    }
    assert_eq!(services.len(), catalog().services().count());
    assert!(inline > 100, "some documents come inline: {inline}");
    assert!(
        samples()
            .iter()
            .all(|blob| sha256_hex(&blob.bytes) == blob.sha256 && blob.bytes.starts_with(b"%PDF-"))
    );
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
