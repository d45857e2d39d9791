use std::collections::BTreeMap;

use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::dead_letter::{self, dead_letter_headers};
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::{Outgoing, Record, Start, topic};
use ebasvuru_workflow::message::{Message, ReplayAccepted};
use serde_json::Value;

use super::*;
use crate::cli::{Json, StateArg};

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
        self.list_of(None, false)
    }

    fn list_of(&self, state: Option<StateArg>, commands: bool) -> Vec<Value> {
        let lines = self.run(Dlq::List { reason: None, state, commands, json: Json { json: true } });
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The number of messages in each state.
    fn states(&self) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for line in self.list() {
            *states.entry(line["state"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        states
    }

    /// What workflow does with a message that it accepts.
    fn accept(&self, message: &Record) {
        let accepted = ReplayAccepted::of(&message.headers, Clock::System.now()).unwrap();
        self.log.producer().unwrap().send(vec![accepted.to_record()]).unwrap();
    }

    fn replays(&self) -> Vec<Record> {
        let mut published = self.records(topic::SUBMISSIONS);
        published.retain(|it| dead_letter::is_replay(&it.headers));
        published
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

/// Each message is in one state at a time, whatever has been published again how often.
#[test]
fn a_dead_letter_has_one_state_and_is_found_by_it() {
    let fixture = Fixture::new();
    for value in ["one", "two", "three", "four"] {
        fixture.publish(value);
    }
    fixture.records(topic::SUBMISSIONS).iter().for_each(|message| fixture.dead_letter(message));
    let states = |expected: &[(&str, usize)]| {
        assert_eq!(fixture.states(), expected.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect());
    };
    states(&[("new", 4)]);
    let first = fixture.records(topic::DLQ)[0].address();
    let first = Address { partition: first.partition, offset: first.offset };
    fixture.replay(&[first], false);
    states(&[("new", 3), ("replayed", 1)]);
    fixture.replay(&[], false);
    states(&[("replayed", 4)]);

    let replays = fixture.replays();
    fixture.accept(&replays[0]);
    fixture.dead_letter(&replays[1]);
    states(&[("failed_again", 1), ("gone_through", 1), ("replayed", 2)]);
    let found = fixture.list_of(Some(StateArg::FailedAgain), false);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["failed_again"], true);

    // A later publication counts, and its outcome.
    fixture.replay(&[], true);
    states(&[("replayed", 4)]);
    let replays = fixture.replays();
    assert_eq!(replays.len(), 8);
    replays.iter().filter(|it| it.header("dlq-attempt") == Some("2")).for_each(|it| fixture.accept(it));
    states(&[("gone_through", 4)]);
    let text =
        fixture.run(Dlq::List { reason: None, state: None, commands: false, json: Json { json: false } });
    assert!(text.ends_with("4 dead letters: 4 schema; 4 gone through\n"), "{text}");
    assert!(fixture.replay(&[], false).contains("4 had been before and are left"));
}

#[test]
fn a_shown_dead_letter_has_its_state_headers_and_bytes() {
    let fixture = Fixture::new();
    fixture.publish("{}");
    fixture.records(topic::SUBMISSIONS).iter().for_each(|message| fixture.dead_letter(message));
    let address: Address = fixture.list()[0]["address"].as_str().unwrap().parse().unwrap();
    let show = |json| fixture.run(Dlq::Show { address, commands: false, json: Json { json } });
    let text = show(false);
    assert!(text.starts_with("state: new\n") && text.ends_with("\n\n{}\n"), "{text}");
    let shown: Value = serde_json::from_str(&show(true)).unwrap();
    assert_eq!(
        (&shown["state"], &shown["value"], &shown["key"]),
        (&"new".into(), &"{}".into(), &"{}".into())
    );
    assert_eq!(shown["headers"]["dlq-reason"], "schema");
}

/// What a worker could not read stands on a topic of its own and is not published again.
#[test]
fn dead_letters_of_commands_are_listed_apart() {
    let fixture = Fixture::new();
    fixture.publish("{}");
    let message = &fixture.records(topic::SUBMISSIONS)[0];
    let code = ErrorCode::MalformedCommand.as_str();
    let headers = dead_letter_headers(code, "no", &message.address(), Clock::System.now());
    let record = dead_letter::copy_of(message, topic::COMMANDS_DLQ, headers);
    fixture.log.producer().unwrap().send(vec![record]).unwrap();
    assert!(fixture.list().is_empty());
    let listed = fixture.list_of(None, true);
    assert_eq!((listed.len(), &listed[0]["reason"], &listed[0]["state"]), (1, &code.into(), &"new".into()));
}

/// A record that only says where the message stands would be published empty.
#[test]
fn a_dead_letter_without_its_message_is_not_published_again() {
    let fixture = Fixture::new();
    fixture.publish("{}");
    let message = &fixture.records(topic::SUBMISSIONS)[0];
    let mut headers =
        dead_letter_headers(ErrorCode::Schema.as_str(), "no", &message.address(), Clock::System.now());
    headers.push((dead_letter::ORIGINAL.into(), dead_letter::BY_REFERENCE.into()));
    let record = dead_letter::copy_of(message, topic::DLQ, headers);
    fixture.log.producer().unwrap().send(vec![record]).unwrap();
    let printed = fixture.replay(&[], false);
    assert!(printed.starts_with("0 published again") && printed.contains("1 cannot be"), "{printed}");
    assert_eq!(fixture.states(), BTreeMap::from([("new".into(), 1)]));
}
