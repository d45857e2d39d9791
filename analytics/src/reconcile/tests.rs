//! Reconcile on a log that a partly committed transaction has damaged.

use std::time::Duration;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Command, CommandBody, Receive};
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId, SubmissionId};
use ebasvuru_workflow::log::dead_letter::dead_letter_headers;
use ebasvuru_workflow::log::{Log, Member, Outgoing, Polled, Position, RecordAddress, Start, group, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Message};

use super::Commands;
use crate::testing::{self, History, at, publish};

#[test]
fn the_results_of_a_partly_committed_transaction_are_found() {
    let (_folder, log) = testing::log();
    let history =
        |n| History::received(n, testing::UNITS[0], testing::SERVICES[0], at("2026-02-01T00:00:00Z"));
    let (one, other) = (history(1), history(2));
    // Received once, but its event is written twice; the other has the number of the first.
    publish(log.as_ref(), one.records.clone());
    publish(log.as_ref(), one.records.iter().filter(|r| r.topic == topic::EVENTS).take(1).cloned().collect());
    let mut event = other.events[0].clone();
    event.facts.no = one.application.no.clone();
    publish(
        log.as_ref(),
        vec![Outgoing { partition: Some(partition_of(log.as_ref(), &one)), ..event.to_record() }],
    );
    // A processed command without a result; one that was dead-lettered; and one that is not processed.
    let commands: Vec<_> = (900..903).map(receive).collect();
    let addresses = log.producer().unwrap().send(commands).unwrap();
    commit_workers(log.as_ref(), &addresses[..2]);
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

    let commands = Commands::read(log.as_ref()).unwrap();
    assert!(!commands.is_clean());
    assert_eq!((commands.submissions, commands.lost), (2, 1), "{commands:?}");
    assert_eq!((commands.out_of_sequence, commands.numbers_twice), (1, 1), "{commands:?}");
    assert!(commands.examples.contains(&ApplicationId::of(submission(900)).to_string()));
}

fn submission(n: u32) -> SubmissionId {
    SubmissionId(uuid::Uuid::from_u128(u128::from(n)))
}

/// The partition of an application's events.
fn partition_of(log: &dyn Log, history: &History) -> i32 {
    let mut partition = None;
    log.reader(topic::EVENTS, Start::Beginning)
        .unwrap()
        .catch_up(&mut |record| {
            if record.key.as_deref() == Some(history.application.id.to_string().as_bytes()) {
                partition = Some(record.partition);
            }
        })
        .unwrap();
    partition.unwrap()
}

/// The command that ingest makes of the submission at offset `n` of partition 3.
fn receive(n: u32) -> Outgoing {
    let history = History::received(n, testing::UNITS[0], testing::SERVICES[0], at("2026-02-01T00:00:00Z"));
    let application = history.application;
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

/// Commits these commands as processed by the workers.
fn commit_workers(log: &dyn Log, addresses: &[(i32, i64)]) {
    let member = Member { group: group::WORKFLOW.into(), topic: topic::COMMANDS, slot: "0".into() };
    let mut worker = log.consumer(&member).unwrap();
    while !matches!(worker.poll(1, Duration::from_secs(5)).unwrap(), Polled::Assigned(_)) {}
    let positions = addresses.iter().map(|(partition, offset)| Position {
        partition: *partition,
        offset: offset + 1,
        metadata: String::new(),
    });
    worker.commit(&positions.collect::<Vec<_>>()).unwrap();
}
