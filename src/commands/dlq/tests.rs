use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::dead_letter::{self, dead_letter_headers};
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::{Outgoing, Record, Start, topic};
use serde_json::Value;

use super::*;
use crate::cli::{Address, Json};

/// A log in a folder of its own.
struct Fixture {
    _folder: tempfile::TempDir,
    log: EmbeddedLog,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
        log.ensure_topics(&crate::topics::specs(2)).unwrap();
        Self { _folder: folder, log }
    }

    fn run(&self, command: Dlq) -> String {
        let mut out = Vec::new();
        run_on(&self.log, &Clock::System, command, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Replays by address, or every message if there is none.
    fn replay(&self, addresses: &[Address], again: bool) -> String {
        let reason = addresses.is_empty().then(|| ErrorCode::Schema.to_string());
        self.run(Dlq::Replay { addresses: addresses.to_vec(), reason, again })
    }

    fn list(&self) -> Vec<Value> {
        let lines = self.run(Dlq::List { reason: None, json: Json { json: true } });
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn records(&self, topic: &str) -> Vec<Record> {
        let mut records = Vec::new();
        let mut reader = self.log.reader(topic, Start::Beginning).unwrap();
        reader.catch_up(&mut |record| records.push(record)).unwrap();
        records
    }

    /// What ingest does with a bad message.
    fn dead_letter(&self, message: &Record) {
        let headers =
            dead_letter_headers(ErrorCode::Schema.as_str(), "no", &message.address(), Clock::System.now());
        let record = dead_letter::copy_of(message, topic::DLQ, headers);
        self.log.producer().unwrap().send(vec![record]).unwrap();
    }

    fn publish(&self, value: &'static str) {
        let message = Outgoing {
            topic: topic::SUBMISSIONS,
            partition: None,
            key: Some(value.into()),
            value: Some(value.into()),
            headers: vec![("traceparent".into(), "00-1".into())],
        };
        self.log.producer().unwrap().send(vec![message]).unwrap();
    }
}

#[test]
fn a_message_is_published_again_once_and_is_listed_once_when_it_fails_again() {
    let fixture = Fixture::new();
    fixture.publish("one");
    fixture.publish("two");
    fixture.records(topic::SUBMISSIONS).iter().for_each(|message| fixture.dead_letter(message));
    assert_eq!(fixture.list().len(), 2);
    assert!(fixture.replay(&[], false).starts_with("2 published again"));
    let published = fixture.records(topic::SUBMISSIONS);
    let replays: Vec<_> = published.iter().filter(|it| dead_letter::is_replay(&it.headers)).collect();
    assert_eq!((published.len(), replays.len()), (4, 2));
    assert!(replays.iter().all(|it| it.key == it.value && it.header("traceparent") == Some("00-1")));

    // One of them fails again: the topic has a third record, the list still two messages.
    fixture.dead_letter(replays[0]);
    assert_eq!(fixture.records(topic::DLQ).len(), 3);
    let listed = fixture.list();
    assert_eq!(listed.len(), 2, "{listed:?}");
    let mut failed: Vec<_> = listed.iter().map(|it| it["failed_again"].as_bool().unwrap()).collect();
    failed.sort_unstable();
    assert_eq!(failed, [false, true]);
    assert!(listed.iter().all(|it| it["replayed"] == 1), "{listed:?}");

    // A second replay publishes nothing, whether by reason or by the address of any record.
    let printed = fixture.replay(&[], false);
    assert!(printed.starts_with("0 published again") && printed.contains("2 had been before"), "{printed}");
    for record in fixture.records(topic::DLQ) {
        let address = Address { partition: record.partition, offset: record.offset };
        assert!(fixture.replay(&[address], false).starts_with("0 published again"));
    }
    assert_eq!(fixture.records(topic::SUBMISSIONS).len(), 4);
    assert!(fixture.replay(&[], true).starts_with("2 published again"));
    assert!(fixture.list().iter().all(|it| it["replayed"] == 2 && it["failed_again"] == false));
    assert_eq!(fixture.records(topic::SUBMISSIONS).len(), 6);
}
