//! What the tests share: a catalog without one route, a sealer, messages to change.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ebasvuru_ingest::{IngestProcessor, Settings};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::domain::document::sha256_hex;
use ebasvuru_workflow::log::{Outgoing, Processor, Record, Step, topic};
use ebasvuru_workflow::message::type_of;
use ebasvuru_workflow::seal::{APPLICATIONS, Sealer};
use ebasvuru_workflow::testing;
use jiff::Timestamp;
use serde_json::{Value, json};

pub fn now() -> Timestamp {
    "2026-11-23T09:15:00+03:00".parse().unwrap()
}

/// One sealer for the whole test process.
pub fn sealer() -> Sealer {
    static SEALER: LazyLock<(tempfile::TempDir, Sealer)> = LazyLock::new(|| {
        let catalog = crate::generate::catalog();
        let classes = catalog.services().map(|service| &*service.retention_class);
        testing::sealer(classes.chain([APPLICATIONS]), now(), 2)
    });
    SEALER.1.clone()
}

/// The shipped catalog; Istanbul has no unit for `dernek-kurulus`.
fn catalog_with_a_hole() -> Arc<Catalog> {
    static CATALOG: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
        let shipped = ebasvuru_ingest::catalog::load(None).unwrap();
        Arc::new(shipped.without_route(&"dernek-kurulus".parse().unwrap(), 34.try_into().unwrap()))
    });
    CATALOG.clone()
}

pub fn processor() -> IngestProcessor {
    processor_with(Settings { bad_ratio: 1.0, ..Settings::default() })
}

pub fn processor_with(settings: Settings) -> IngestProcessor {
    IngestProcessor::new(catalog_with_a_hole(), sealer(), settings)
}

pub fn record(offset: i64, value: impl Into<Bytes>) -> Record {
    Record {
        topic: topic::SUBMISSIONS.into(),
        partition: 3,
        offset,
        timestamp: now(),
        key: Some(Bytes::from_static(b"\xffany key")),
        value: Some(value.into()),
        headers: vec![("traceparent".into(), Bytes::from_static(b"00-1"))],
    }
}

/// The step for one value, by a new processor.
pub fn process(value: impl Into<Bytes>) -> Step {
    processor().process(&[record(7, value)], now())
}

/// `command`, or the dead letter's code.
pub fn outcome(step: &Step) -> String {
    let [output] = &step.outputs[..] else { panic!("one record in, {} out", step.outputs.len()) };
    if output.topic == topic::COMMANDS {
        assert_eq!(type_of(&read_back(output)), "ebasvuru.command.v1");
        return "command".into();
    }
    assert_eq!(output.topic, topic::DLQ);
    header(output, "dlq-reason").unwrap()
}

pub fn header(output: &Outgoing, name: &str) -> Option<String> {
    let mut found = output.headers.iter().filter(|(n, _)| n == name);
    let value = found.next().map(|(_, value)| String::from_utf8(value.to_vec()).unwrap());
    assert!(found.next().is_none(), "{name} twice");
    value
}

/// An output as its reader gets it.
pub fn read_back(output: &Outgoing) -> Record {
    output.clone().into_record(0, 0, now())
}

/// A submission with all optional members and a document of each kind.
pub fn submission() -> Value {
    let inline = b"%PDF-1.4 tiny";
    json!({
        "schema": "edevlet.submission.v1",
        "submission_id": "6f1c1c5e-3b5a-4c60-9d0e-0c6f3c1a2b4d",
        "submitted_at": "2026-11-23T09:15:00+03:00",
        "service": "dernek-kurulus",
        "valilik": 6,
        "applicant": {
            "tckn": "10000000146", "first_name": "Ayşe", "last_name": "Yılmaz",
            "phone": "+905551112233", "email": "ayse@example.org"
        },
        "contact": { "address": "Çiçek Sokak 1", "district": "Çankaya" },
        "form": { "subject": "Kuruluş", "text": "Gereğini arz ederim.", "fields": { "dernek-adi": "Kuşlar" } },
        "documents": [
            {
                "kind": "application", "name": "dilekce.pdf", "media_type": "application/pdf", "size": 12345,
                "sha256": "ab".repeat(32), "uri": format!("store://sha256/{}", "ab".repeat(32))
            },
            {
                "kind": "supporting", "name": "ek.pdf", "media_type": "application/pdf", "size": inline.len(),
                "sha256": sha256_hex(inline), "data": STANDARD.encode(inline)
            }
        ],
        "confirmation": "EVET"
    })
}

pub fn withdrawal() -> Value {
    json!({
        "schema": "edevlet.withdrawal.v1",
        "kind": "withdrawal",
        "submission_id": "6f1c1c5e-3b5a-4c60-9d0e-0c6f3c1a2b4d",
        "withdrawn_at": "2026-11-24T09:15:00+03:00",
        "reason": "Gerek kalmadı."
    })
}

/// The submission with one value replaced; the last member of the pointer may be new.
pub fn with(pointer: &str, value: Value) -> Value {
    set(submission(), pointer, value)
}

pub fn set(mut message: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match message.pointer_mut(parent).unwrap() {
        Value::Object(map) => {
            map.insert(name.into(), value);
        }
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{parent} holds nothing"),
    }
    message
}

pub fn without(mut message: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    message.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
    message
}
