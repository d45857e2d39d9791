//! What was decided, in a log that a half-done transaction has damaged.

use std::time::Duration;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Command, CommandBody, Receive};
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId, SubmissionId};
use ebasvuru_workflow::log::dead_letter::dead_letter_headers;
use ebasvuru_workflow::log::{Log, Member, Outgoing, Polled, Position, RecordAddress, Start, group, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Message};

use super::Decided;
use crate::testing::{self, Life, at, publish};

#[test]
fn what_a_half_done_transaction_leaves_is_found() {
    let (_folder, log) = testing::log();
    let life = |n| Life::begin(n, testing::UNITS[0], testing::SERVICES[0], at("2026-02-01T00:00:00Z"));
    let (one, other) = (life(1), life(2));
    // Received, and what came of it written twice; the other's number is the first one's.
    publish(log.as_ref(), one.records.clone());
    publish(log.as_ref(), one.records.iter().filter(|r| r.topic == topic::EVENTS).take(1).cloned().collect());
    let mut event = other.events[0].clone();
    event.facts.no = one.application.no.clone();
    publish(log.as_ref(), vec![Outgoing { partition: Some(place(log.as_ref(), &one)), ..event.to_record() }]);
    // A command that the worker has processed without a result; one that it refused; and one that it
    // has not processed yet.
    let commands: Vec<_> = (900..903).map(receive).collect();
    let places = log.producer().unwrap().send(commands).unwrap();
    dealt_with(log.as_ref(), &places[..2]);
    let headers = dead_letter_headers(
        "duplicate_conflict",
        "",
        &RecordAddress::new(topic::SUBMISSIONS, 3, 901),
        at("2026-03-01T00:00:00Z"),
    );
    publish(
        log.as_ref(),
        vec![Outgoing { topic: topic::DLQ, partition: None, key: None, value: None, headers }],
    );

    let decided = Decided::read(log.as_ref()).unwrap();
    assert!(!decided.is_clean());
    assert_eq!((decided.submissions, decided.lost), (2, 1), "{decided:?}");
    assert_eq!((decided.out_of_sequence, decided.numbers_twice), (1, 1), "{decided:?}");
    assert!(decided.examples.contains(&ApplicationId::of(submission(900)).to_string()));
}

fn submission(n: u32) -> SubmissionId {
    SubmissionId(uuid::Uuid::from_u128(u128::from(n)))
}

/// The partition of an application's events.
fn place(log: &dyn Log, life: &Life) -> i32 {
    let mut place = None;
    log.reader(topic::EVENTS, Start::Beginning)
        .unwrap()
        .catch_up(&mut |record| {
            if record.key.as_deref() == Some(life.application.id.to_string().as_bytes()) {
                place = Some(record.partition);
            }
        })
        .unwrap();
    place.unwrap()
}

/// The command by which ingest hands over a submission that stands at offset `n` of partition 3.
fn receive(n: u32) -> Outgoing {
    let life = Life::begin(n, testing::UNITS[0], testing::SERVICES[0], at("2026-02-01T00:00:00Z"));
    let application = life.application;
    let body = CommandBody::Receive(Box::new(Receive {
        submission_id: submission(n),
        submitted_at: application.submitted_at,
        service: application.service,
        valilik: application.valilik,
        unit: application.unit,
        applicant: application.applicant,
        content: application.content,
        content_hash: application.content_hash,
        documents: Vec::new(),
        source: RecordAddress::new(topic::SUBMISSIONS, 3, i64::from(n)),
    }));
    let id = CommandId::deterministic("receive", &n.to_string());
    let command =
        Command { id, actor: Actor::Citizen, expected_version: None, at: application.submitted_at, body };
    ApplicationCommand { application: application.id, command }.to_record()
}

/// The workers have committed these commands.
fn dealt_with(log: &dyn Log, places: &[(i32, i64)]) {
    let member = Member { group: group::WORKFLOW.into(), topic: topic::COMMANDS, slot: "0".into() };
    let mut worker = log.consumer(&member).unwrap();
    while !matches!(worker.poll(1, Duration::from_secs(5)).unwrap(), Polled::Assigned(_)) {}
    let positions = places.iter().map(|(partition, offset)| Position {
        partition: *partition,
        offset: offset + 1,
        metadata: String::new(),
    });
    worker.commit(&positions.collect::<Vec<_>>()).unwrap();
}
