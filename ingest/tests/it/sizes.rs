//! Every message gives a record that fits: a command that `workflow` accepts, or a dead letter that
//! contains the message, or refers to it if it is larger than our topics allow.

use bytes::Bytes;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::application::CommandBody;
use ebasvuru_workflow::log::{Outgoing, Processor, Record, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Message};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{header, now, outcome, processor, read_back, record, submission, with};

/// The output for one record; checks that it fits.
fn one(record: Record) -> Outgoing {
    let mut step = processor().process(&[record], now());
    assert_eq!((step.consumed, step.outputs.len()), (1, 1));
    let output = step.outputs.remove(0);
    output.fits().unwrap();
    if output.topic == topic::COMMANDS {
        let command = ApplicationCommand::from_record(&read_back(&output)).unwrap().command;
        let CommandBody::Receive(receive) = command.body else { panic!("{:?}", command.body) };
        assert!(receive.fits(), "workflow accepts what ingest makes");
    }
    output
}

/// A submission with long texts of the character `c`.
fn large(c: char, text: usize, field: usize, fields: usize, documents: usize) -> Value {
    let long = |chars: usize| c.to_string().repeat(chars);
    let mut message = submission();
    message["applicant"]["first_name"] = format!("{c} ").repeat(budget::SHORT_CHARS / 2).into();
    message["applicant"]["last_name"] = format!("{c} ").repeat(budget::SHORT_CHARS / 2).into();
    message["contact"]["address"] = long(budget::MIDDLE_CHARS).into();
    message["form"]["text"] = long(text).into();
    message["form"]["fields"] = (0..fields).map(|n| (n.to_string(), Value::from(long(field)))).collect();
    let document = json!({
        "kind": "supporting", "name": format!("x{}", long(budget::NAME_CHARS - 1)), "size": 1,
        "media_type": format!("{}/{};{}", "a".repeat(127), "b".repeat(127), "\"".repeat(127)),
        "sha256": "ab".repeat(32), "uri": format!("store://sha256/{}", "ab".repeat(32))
    });
    message["documents"] = vec![document; documents].into();
    message
}

#[test]
fn the_largest_submission_becomes_a_command_that_fits() {
    for c in ['ş', '😀', '\u{1}', '"', '\\', 'a'] {
        for documents in [0, budget::SUBMISSION_ITEMS] {
            let mut message = large(c, 0, 100, 1, documents).to_string();
            let room = budget::SUBMISSION - message.len();
            let escaped = serde_json::to_string(&c.to_string()).unwrap().len() - 2;
            let field = (room / escaped / 150).min(budget::MIDDLE_CHARS);
            message = large(c, 0, field, 140, documents).to_string();
            assert!(message.len() <= budget::SUBMISSION, "{c:?} {documents}: {}", message.len());
            message.push_str(&" ".repeat(budget::SUBMISSION - message.len()));
            assert_eq!(one(record(7, message)).topic, topic::COMMANDS, "{c:?} {documents}");
        }
    }
}

#[test]
fn a_dead_letter_contains_the_message_if_it_fits() {
    let bytes = Bytes::from(vec![0xff; budget::INPUT_RECORD]);
    let letter = one(record(7, bytes.clone()));
    assert_eq!(letter.value, Some(bytes), "bytes untouched");
    assert_eq!(letter.key, record(7, "").key);
    assert_eq!(header(&letter, "dlq-reason").as_deref(), Some("too_large"));
    assert_eq!(header(&letter, "dlq-original"), None);
}

#[test]
fn a_dead_letter_that_does_not_fit_refers_to_its_original() {
    let value = Bytes::from(vec![b'x'; budget::RECORD]);
    let letter = one(record(7, value));
    assert_eq!(letter.value, Some(Bytes::new()));
    for (name, value) in [
        ("dlq-reason", "too_large"),
        ("dlq-original", "by-reference"),
        ("dlq-bytes", &*budget::RECORD.to_string()),
        ("dlq-topic", topic::SUBMISSIONS),
        ("dlq-partition", "3"),
        ("dlq-offset", "7"),
    ] {
        assert_eq!(header(&letter, name).as_deref(), Some(value), "{name}");
    }
    // A small message in a large record is dead-lettered for its own fault.
    let mut odd = record(8, "not JSON");
    odd.key = Some(vec![b'k'; budget::RECORD].into());
    odd.headers = vec![("h".repeat(budget::RECORD).into(), Bytes::new())];
    let letter = one(odd);
    assert_eq!(header(&letter, "dlq-reason").as_deref(), Some("not_json"));
    assert_eq!(header(&letter, "dlq-original").as_deref(), Some("by-reference"));
}

#[test]
fn a_media_type_longer_than_its_limit_is_invalid() {
    let spaces = with("/documents/0/media_type", format!("a/b{};", " ".repeat(1000)).into());
    assert_eq!(outcome(&processor().process(&[record(7, spaces.to_string())], now())), "document_invalid");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_message_gives_records_that_fit(
        c in prop::sample::select(vec!['ş', '😀', '\u{1}', '"', '\\', '\n', 'I']),
        text in 0..budget::LONG_CHARS + 2,
        (field, fields) in (0..budget::MIDDLE_CHARS + 2, 0..budget::SUBMISSION_ITEMS + 2),
        documents in 0..budget::SUBMISSION_ITEMS + 2,
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        headers in 0..4usize,
        padding in prop::sample::select(vec![0, 0, budget::SUBMISSION, 4 * budget::SUBMISSION]),
    ) {
        let mut bytes = large(c, text, field / 8, fields, documents).to_string().into_bytes();
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.resize(bytes.len() + padding, b' ');
        let mut record = record(7, bytes);
        record.headers.extend((0..headers).map(|n| (n.to_string().into(), Bytes::from(vec![b'h'; 1 << 20]))));
        one(record);
    }
}
