//! The processor: the content of commands and dead letters, and when it halts.

use bytes::Bytes;
use ebasvuru_ingest::Settings;
use ebasvuru_workflow::domain::application::CommandBody;
use ebasvuru_workflow::domain::application::command::Receive;
use ebasvuru_workflow::domain::document::sha256_hex;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::{Processor, Record, RecordAddress, Step, topic};
use ebasvuru_workflow::message::{ApplicationCommand, DocumentKind, Message, SubmissionContent};
use ebasvuru_workflow::seal::Field;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::{
    header, now, outcome, process, processor, processor_with, read_back, record, sealer, submission, with,
    withdrawal,
};

fn command(step: &Step) -> ApplicationCommand {
    ApplicationCommand::from_record(&read_back(&step.outputs[0])).unwrap()
}

fn receive(step: &Step) -> Receive {
    match command(step).command.body {
        CommandBody::Receive(receive) => *receive,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_submission_becomes_a_receive_command() {
    let message = submission();
    let step = process(message.to_string());
    let command = command(&step);
    let receive = receive(&step);
    let id = "6f1c1c5e-3b5a-4c60-9d0e-0c6f3c1a2b4d".parse().unwrap();
    assert_eq!(command.application, ApplicationId::of(id));
    assert_eq!(step.outputs[0].key.as_deref(), Some(command.application.to_string().as_bytes()));
    assert_eq!(command.command.at, now());
    assert_eq!(receive.submission_id, id);
    assert_eq!(receive.submitted_at, now());
    assert_eq!(receive.service.as_str(), "dernek-kurulus");
    assert_eq!(receive.valilik.plate(), 6);
    assert_eq!(receive.unit.as_str(), "06-sivil-toplum");
    assert_eq!(receive.source, RecordAddress::new(topic::SUBMISSIONS, 3, 7));

    // No personal data is in clear; all of it is sealed, with the same members.
    let context = command.application.to_string();
    let clear = String::from_utf8(step.outputs[0].value.clone().unwrap().to_vec()).unwrap();
    for personal in
        ["10000000146", "Ayşe", "Yılmaz", "5551112233", "Çankaya", "Kuşlar", "dilekce", "Gereğini"]
    {
        assert!(!clear.contains(personal), "{personal}");
    }
    let opened = sealer().open(&context, Field::Content, &receive.content).unwrap();
    let content: SubmissionContent = serde_json::from_slice(&opened).unwrap();
    let parts: Value = serde_json::from_slice(&opened).unwrap();
    for part in ["applicant", "contact", "form"] {
        assert_eq!(parts[part], message[part]);
    }
    assert_eq!(content.schema, SubmissionContent::SCHEMA);
    assert_eq!(content.document_kinds, [DocumentKind::Application, DocumentKind::Supporting]);
    assert_eq!(receive.applicant.tckn_index, sealer().tckn_index("10000000146"));
    assert_eq!(receive.applicant.name_index, sealer().name_index("AYŞE yılmaz"));

    // An inline document becomes a reference to a blob.
    let inline = b"%PDF-1.4 tiny";
    let [blob] = &step.blobs[..] else { panic!("{:?}", step.blobs) };
    assert_eq!((&*blob.sha256, &*blob.bytes), (&*sha256_hex(inline), &inline[..]));
    assert_eq!(receive.documents[1].uri, format!("store://sha256/{}", sha256_hex(inline)));
    assert_eq!(receive.documents[1].size, inline.len() as u64);
    assert_eq!(receive.documents[0].uri, message["documents"][0]["uri"]);
    assert_eq!(
        sealer().open_text(&context, Field::DocumentName, &receive.documents[0].name).unwrap(),
        "dilekce.pdf"
    );
}

/// It is sealed under the keys of its arrival: the ring may have none of the month of its confirmation.
#[test]
fn a_submission_from_before_the_key_ring_was_made_does_not_halt_ingest() {
    for submitted_at in ["2026-10-31T23:59:59+03:00", "2025-01-01T00:00:00Z", "2000-01-01T00:00:00Z"] {
        let step = process(with("/submitted_at", json!(submitted_at)).to_string());
        assert_eq!(step.halt, None, "{submitted_at}");
        let receive = receive(&step);
        assert_eq!(receive.submitted_at, submitted_at.parse().unwrap());
        let context = command(&step).application.to_string();
        assert!(sealer().open(&context, Field::Content, &receive.content).is_ok());
    }
}

/// What was in the future when it was first read is accepted once its time has come.
#[test]
fn a_replayed_message_is_judged_by_the_time_of_its_replay() {
    let message = with("/submitted_at", json!("2026-11-23T10:15:00+03:00")).to_string();
    let step = processor().process(&[record(7, message.clone())], now());
    assert_eq!(outcome(&step), "submitted_at_future");
    let later = processor().process(&[record(8, message)], now() + SignedDuration::from_hours(1));
    assert_eq!(outcome(&later), "command");
    assert_eq!(receive(&later).submitted_at, now() + SignedDuration::from_hours(1));
}

#[test]
fn a_withdrawal_becomes_a_citizen_withdraw_command() {
    let withdraw = command(&process(withdrawal().to_string()));
    assert_eq!(withdraw.application, command(&process(submission().to_string())).application);
    let CommandBody::CitizenWithdraw { reason: Some(reason) } = withdraw.command.body else { panic!() };
    assert_eq!(reason.chars, 14);
    let context = withdraw.application.to_string();
    assert_eq!(
        sealer().open_text(&context, Field::WithdrawalReason, &reason.sealed).unwrap(),
        "Gerek kalmadı."
    );
    let mut blank = withdrawal();
    for nothing in [" \n", "\u{200b}", "\u{feff}\u{3164}"] {
        blank["reason"] = json!(nothing);
        let blank = command(&process(blank.to_string()));
        assert_eq!(blank.command.body, CommandBody::CitizenWithdraw { reason: None }, "{nothing:?}");
    }
}

#[test]
fn a_name_of_a_document_is_sealed_without_what_disguises_it() {
    let mut message = submission();
    message["documents"][0]["name"] = json!("dilekc\u{327}e\u{202e}fdp.exe");
    let step = process(message.to_string());
    let name = &receive(&step).documents[0].name;
    let context = command(&step).application.to_string();
    assert_eq!(sealer().open_text(&context, Field::DocumentName, name).unwrap(), "dilekçefdp.exe");
}

#[test]
fn equal_content_gives_the_same_command_id() {
    let message = submission();
    let spaced = serde_json::to_string_pretty(&message).unwrap();
    let (one, two) = (process(message.to_string()), process(spaced));
    assert_eq!(command(&one).command.id, command(&two).command.id);
    assert_eq!(receive(&one).content_hash, receive(&two).content_hash);
    assert_ne!(receive(&one).content, receive(&two).content, "a seal shows nothing of equality");

    let other = process(with("/form/text", json!("Başka.")).to_string());
    assert_eq!(command(&one).application, command(&other).application);
    assert_ne!(command(&one).command.id, command(&other).command.id);
    assert_ne!(receive(&one).content_hash, receive(&other).content_hash);
    let confirmed_later = process(with("/submitted_at", json!("2026-11-23T09:15:01+03:00")).to_string());
    assert_ne!(receive(&one).content_hash, receive(&confirmed_later).content_hash);
}

#[test]
fn a_dead_letter_is_the_unchanged_record_with_its_reason() {
    let bytes = Bytes::from_static(b"{\"applicant\": \xff}");
    let mut bad = record(7, bytes.clone());
    bad.headers.push(("dlq-reason".into(), Bytes::from_static(b"of an earlier time")));
    let step = processor().process(&[bad.clone()], now());
    let [letter] = &step.outputs[..] else { panic!() };
    assert_eq!(letter.topic, topic::DLQ);
    assert_eq!((&letter.key, &letter.value), (&bad.key, &bad.value));
    assert_eq!(letter.headers[0], bad.headers[0], "e-Devlet's own headers stay");
    for (name, value) in [
        ("dlq-reason", "not_utf8"),
        ("dlq-detail", "not UTF-8 after byte 14"),
        ("dlq-topic", "edevlet.submissions"),
        ("dlq-partition", "3"),
        ("dlq-offset", "7"),
        ("dlq-at", "2026-11-23T06:15:00Z"),
    ] {
        assert_eq!(header(letter, name).as_deref(), Some(value));
    }
    let tombstone = Record { value: None, key: None, ..bad };
    let step = processor().process(&[tombstone], now());
    assert_eq!(outcome(&step), "not_json");
    assert_eq!((&step.outputs[0].key, &step.outputs[0].value), (&None, &None));
}

#[test]
fn a_detail_names_members_and_never_their_values() {
    for (pointer, value) in [
        ("/applicant/tckn", json!("secret-7")),
        ("/applicant/first_name", json!(["secret-7"])),
        ("/applicant", json!("secret-7")),
        ("/form/fields", json!({ "secret-7": 1 })),
        ("/form/fields/secret-7", json!("a".repeat(10_001))),
        ("/submitted_at", json!("secret-7")),
        ("/submission_id", json!("secret-7")),
        ("/service", json!("secret-7")),
        ("/documents/0/name", json!({ "secret-7": 1 })),
        ("/documents/0/kind", json!("secret-7")),
        ("/documents/1/data", json!("secret-7")),
        ("/confirmation", json!("secret-7")),
    ] {
        let step = process(with(pointer, value).to_string());
        assert_ne!(outcome(&step), "command", "{pointer}");
        let detail = header(&step.outputs[0], "dlq-detail").unwrap();
        assert!(!detail.contains("secret-7"), "{detail}");
    }
    let step = process(r#"{"secret-7": secret-7}"#);
    assert!(!header(&step.outputs[0], "dlq-detail").unwrap().contains("secret-7"));
}

#[test]
fn ingest_halts_at_the_first_bad_message_too_many() {
    let mut processor = processor_with(Settings::default());
    let good = submission().to_string();
    let batch = |bad: i64, good_after: i64| -> Vec<Record> {
        let bad = (0..bad).map(|i| record(i, "no"));
        bad.chain((0..good_after).map(|i| record(1000 + i, good.clone()))).collect()
    };
    let step = processor.process(&batch(150, 5), now());
    assert_eq!((step.consumed, step.halt), (155, None));
    // After the abort those 150 do not count.
    processor.aborted();
    let step = processor.process(&batch(200, 5), now());
    assert_eq!((step.consumed, step.halt), (205, None));
    processor.committed();
    // The window continues after the batch: one more is too many.
    let step = processor.process(&batch(3, 5), now());
    assert_eq!((step.consumed, step.outputs.len()), (1, 1), "the bad message itself is processed");
    let halt = step.halt.unwrap();
    assert_eq!(halt.code, ErrorCode::IngestTooManyBad);
    assert!(halt.detail.contains("201 of the last 1000"), "{}", halt.detail);
}

#[test]
fn replayed_dead_letters_do_not_count_as_bad_messages() {
    let mut processor = processor_with(Settings::default());
    let replays: Vec<Record> = (0..300)
        .map(|i| {
            let mut again = record(i, "no");
            again.headers.push(("dlq-origin".into(), format!("edevlet.submissions 3:{i}").into()));
            again.headers.push(("dlq-attempt".into(), "1".into()));
            again
        })
        .collect();
    let step = processor.process(&replays, now());
    assert_eq!((step.consumed, step.halt), (300, None));
    let letter = &step.outputs[7];
    assert_eq!(header(letter, "dlq-origin").as_deref(), Some("edevlet.submissions 3:7"), "which one it was");
    assert_eq!(header(letter, "dlq-attempt").as_deref(), Some("1"));
    processor.committed();
    // Nor do they push bad messages out of the window.
    let bad: Vec<Record> = (0..201).map(|i| record(i, "no")).collect();
    assert_eq!(processor.process(&bad, now()).halt.unwrap().code, ErrorCode::IngestTooManyBad);
}

#[test]
fn without_a_key_ingest_halts_before_the_message() {
    let far = "2031-01-01T00:00:00Z".parse().unwrap();
    let batch = [record(1, "no"), record(2, submission().to_string()), record(3, "no")];
    let step = processor().process(&batch, far);
    assert_eq!((step.consumed, step.outputs.len(), step.blobs.len()), (1, 1, 0));
    assert_eq!(step.halt.unwrap().code, ErrorCode::KeyEntryMissing);
}
