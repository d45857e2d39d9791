//! Scenarios through the processor, from commands to the records it writes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bytes::Bytes;
use serde_json::json;

use crate::domain::actor::{Actor, Role};
use crate::domain::application::{Application, ClosedMarker, CommandBody, Receive};
use crate::domain::user::{UserCommand, UserCommandBody, UserProfile};
use crate::error_code::ErrorCode;
use crate::log::{Outgoing, Processor, topic};
use crate::message::{
    AnyEvent, CitizenStatus, Decision, Message, ReplayAccepted, Reply, STATE_FORMAT, TYPE_HEADER, format_of,
    type_of,
};
use crate::seal::{APPLICATIONS, Field};

use crate::testing::catalog::{DIRECT, DOCUMENTS, OTHER_UNIT, PRE};
use crate::testing::receive;

use super::harness::{World, days, id, name, start};

fn statuses(world: &World, n: u128) -> Vec<CitizenStatus> {
    world.told(n).iter().map(|told| told.status).collect()
}

fn rejected_with(decision: &Decision) -> &str {
    match decision {
        Decision::Accepted { version } => panic!("accepted, version {version}"),
        Decision::Refused { code, .. } => code,
    }
}

fn answered(world: &mut World, n: u128) {
    world.staff(n, "ali", CommandBody::Claim);
    world.run();
    let text = world.text(n, "Talebiniz uygun görülmüştür.");
    world.staff(n, "ali", CommandBody::AddAnswer { text });
    world.run();
    let document = world.file(n, "cevap.pdf");
    world.staff(n, "ali", CommandBody::AttachOfficialDocument { document });
    world.run();
    world.staff(n, "ali", CommandBody::SubmitForApproval);
    world.run();
    world.staff(n, "yetkili", CommandBody::Approve);
    world.run();
}

#[test]
fn an_application_lives_its_whole_life() {
    let mut world = World::new();
    world.submit(1, PRE, "hash");
    world.run();
    world.staff(1, "yetkili", CommandBody::Assign { officer: name("ali") });
    world.run();
    let document = world.file(1, "tuzuk.pdf");
    world.staff(1, "ali", CommandBody::AttachDocument { document });
    world.run();
    for code in DOCUMENTS {
        world.staff(1, "ali", CommandBody::CheckDocument { document: code.parse().unwrap(), present: true });
        world.run();
    }
    world.staff(1, "ali", CommandBody::CompletePreApplication);
    world.run();
    world.staff(1, "yetkili", CommandBody::TakeBack);
    world.run();
    answered(&mut world, 1);

    assert_eq!(
        world.happened(1),
        [
            "Received",
            "Assigned",
            "DocumentAttached",
            "DocumentChecked",
            "DocumentChecked",
            "PreApplicationCompleted",
            "TakenBack",
            "Claimed",
            "AnswerAdded",
            "OfficialDocumentAttached",
            "SubmittedForApproval",
            "ApprovedPositive",
        ]
    );
    use CitizenStatus::{Answered, PreApplicationCompleted, Received};
    assert_eq!(statuses(&world, 1), [Received, PreApplicationCompleted, Answered]);
    let told = world.told(1);
    let answer = told[2].answer.as_ref().unwrap();
    assert_eq!((answer.outcome.as_str(), answer.text.as_str()), ("olumlu", "Talebiniz uygun görülmüştür."));
    assert_eq!(answer.documents[0].name, "cevap.pdf");
    for told in &told {
        let text = serde_json::to_string(told).unwrap();
        assert!(!["ali", "yetkili"].iter().any(|staff| text.contains(&format!("\"{staff}\""))), "{text}");
    }

    assert_eq!(world.archived(1).len(), 1);
    assert_eq!(world.archived(1)[0].version, 12);
    assert_eq!(world.state_of(1).unwrap().0, ClosedMarker::TYPE);
    let reply = world.last_reply();
    assert_eq!(reply.decision, Decision::Accepted { version: 12 });
    assert!(reply.application.unwrap().status.is_closed());
}

/// Ali proposes to refer the first application to the other unit, and the Yetkili approves it.
fn refer(world: &mut World) {
    let reason = world.text(1, "Nüfus işidir.");
    world.staff(1, "ali", CommandBody::ProposeReferral { target: OTHER_UNIT.parse().unwrap(), reason });
    world.run();
    world.staff(1, "yetkili", CommandBody::Approve);
    world.run();
}

#[test]
fn the_citizen_is_told_which_documents_to_bring_where_and_until_when() {
    let mut world = World::new();
    world.submit(1, PRE, "hash");
    world.run();
    let unit = "Ankara Sivil Toplum İl Müdürlüğü";
    let says = |world: &World, texts: &[&str]| {
        let told = world.told(1).pop().unwrap();
        texts.iter().for_each(|text| assert!(told.text_tr.contains(text), "{text}: {}", told.text_tr));
        told
    };
    let told = says(&world, &[unit, "23.12.2026 tarihine kadar", "belgeler: tuzuk; kimlik."]);
    let awaited = told.awaited.unwrap();
    assert_eq!((awaited.documents, awaited.unit.as_str()), (vec!["tuzuk".into(), "kimlik".into()], unit));
    assert_eq!(awaited.until.to_string(), "2026-12-23T20:59:59.999Z", "the last day in Istanbul");

    world.staff(1, "ali", CommandBody::Claim);
    world.run();
    world.staff(1, "ali", CommandBody::CheckDocument { document: "tuzuk".parse().unwrap(), present: true });
    world.run();

    refer(&mut world);
    says(&world, &["Ankara Nüfus İl Müdürlüğü birimine getirmeniz gereken belgeler: kimlik."]);
}

#[test]
fn the_notification_of_a_havale_names_the_unit() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.run();
    world.staff(1, "ali", CommandBody::Claim);
    world.run();
    refer(&mut world);
    let told = world.told(1).pop().unwrap();
    assert_eq!(told.status, CitizenStatus::Referred);
    assert_eq!(told.referred_to.as_deref(), Some("Ankara Nüfus İl Müdürlüğü"));
    assert!(!told.text_tr.contains("Nüfus işidir"));
}

#[test]
fn a_repeated_submission_changes_nothing_and_other_content_is_dead_lettered() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.submit(1, DIRECT, "hash");
    world.run();
    world.submit(1, DIRECT, "hash");
    world.run();
    assert_eq!(world.happened(1), ["Received"]);
    assert!(world.forwards.is_empty());

    world.submit(1, DIRECT, "other");
    world.run();
    answered(&mut world, 1);
    world.submit(1, DIRECT, "hash");
    world.submit(1, DIRECT, "other");
    world.run();
    world.restart();
    world.submit(1, DIRECT, "other");
    world.run();
    assert_eq!(world.forwards.len(), 3, "open, closed in memory, closed and restored");
    for forward in &world.forwards {
        assert_eq!((forward.to, &*forward.from.topic), (topic::DLQ, topic::SUBMISSIONS));
        let header = |name: &str| {
            let (_, value) = forward.headers.iter().find(|(header, _)| header == name).unwrap();
            std::str::from_utf8(value).unwrap()
        };
        assert_eq!(header("dlq-reason"), "duplicate_conflict");
        assert_eq!(header("dlq-offset"), forward.from.offset.to_string());
        assert_eq!((header("dlq-topic"), header("dlq-partition")), (topic::SUBMISSIONS, "3"));
    }
    assert_eq!(world.archived(1).len(), 1);
    assert!(world.told(1).iter().filter(|told| told.status == CitizenStatus::Received).count() == 1);
}

/// Only for what was published again, and only if it is not dead-lettered again.
#[test]
fn an_accepted_replay_is_recorded() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.run();
    assert!(world.of::<ReplayAccepted>().is_empty(), "no replay");
    for (n, content) in [(1, "hash"), (2, "hash"), (1, "other")] {
        world.submit(n, DIRECT, content);
        let origin = format!("edevlet.submissions 0:{n}");
        world.mark_last(&[("dlq-origin", &origin), ("dlq-attempt", "3")]);
    }
    world.run();
    let accepted = world.of::<ReplayAccepted>();
    let origins: Vec<_> = accepted.iter().map(|it| (&*it.origin, it.attempt)).collect();
    assert_eq!(origins, [("edevlet.submissions 0:1", 3), ("edevlet.submissions 0:2", 3)]);
    assert_eq!(world.forwards.len(), 1, "the conflict");
}

#[test]
fn a_submission_without_a_route_is_dead_lettered() {
    let mut world = World::new();
    world.submit(1, "olmayan-hizmet", "hash");
    world.run();
    assert_eq!(world.happened(1), [""; 0]);
    assert_eq!(world.forwards.len(), 1);
}

#[test]
fn many_commands_in_a_batch_write_one_snapshot() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.command(1, Actor::Staff(name("ali")), Some(1), CommandBody::Claim);
    let text = world.text(1, "Cevap.");
    world.command(1, Actor::Staff(name("ali")), Some(2), CommandBody::AddAnswer { text });
    let step = world.process();
    let snapshots = |topic| step.outputs.iter().filter(|o: &&Outgoing| o.topic == topic).count();
    assert_eq!(
        (snapshots(topic::EVENTS), snapshots(topic::APPLICATIONS)),
        (3, 2),
        "one snapshot, one counter"
    );
    world.commit(step);
    assert_eq!(world.version(1), 3);
}

#[test]
fn an_aborted_step_leaves_no_trace_and_gives_the_same_result_again() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.submit(2, PRE, "hash");
    world.command(1, Actor::Staff(name("ali")), Some(1), CommandBody::Claim);
    world.user("veli", UserCommandBody::SetActive { active: false });
    world.command(2, Actor::Staff(name("veli")), Some(1), CommandBody::Claim);
    let first = world.process();
    world.processor.aborted();
    let again = world.process();
    assert_eq!(first.outputs, again.outputs);
    assert_eq!(world.processor.directory.active(&name("veli")), None);
    world.processor.aborted();
    assert!(
        world.processor.directory.active(&name("veli")).is_some(),
        "the abort forgot that veli is inactive"
    );
    let last = world.process();
    world.commit(last);
    assert_eq!(
        rejected_with(&world.last_reply().decision),
        "not_active",
        "what came before counts in the batch"
    );
}

#[test]
fn the_same_command_twice_has_one_effect() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.run();
    world.staff(1, "ali", CommandBody::Claim);
    let again = world.log[topic::COMMANDS].last().unwrap().clone();
    world.run();
    let again = Outgoing {
        topic: topic::COMMANDS,
        partition: Some(again.partition),
        key: again.key,
        value: again.value,
        headers: again.headers,
    };
    world.send(again);
    world.run();
    assert_eq!(world.happened(1), ["Received", "Claimed"]);
    assert_eq!(world.last_reply().decision, Decision::Accepted { version: 2 });
    let replies = world.of::<Reply>();
    let states = replies.iter().rev().map(|reply| reply.application.as_ref().map(|it| it.version));
    assert_eq!(states.take(2).collect::<Vec<_>>(), [Some(2), None], "the first one left it to the snapshot");
}

#[test]
fn a_stale_version_is_refused_with_the_present_state() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.run();
    world.staff(1, "ali", CommandBody::Claim);
    world.staff(1, "veli", CommandBody::Claim);
    world.run();
    let reply = world.last_reply();
    assert_eq!(rejected_with(&reply.decision), "version_conflict");
    assert_eq!(reply.application.unwrap().status.holder(), Some(&name("ali")));
}

#[test]
fn applications_of_an_inactive_officer_return_once() {
    let mut world = World::new();
    for n in 1..=3 {
        world.submit(n, DIRECT, "hash");
        world.run();
        world.staff(n, if n == 3 { "veli" } else { "ali" }, CommandBody::Claim);
        world.run();
    }
    world.user("ali", UserCommandBody::SetActive { active: false });
    world.run();
    world.restart();
    world.run();
    for n in 1..=2 {
        assert_eq!(world.happened(n), ["Received", "Claimed", "TakenBack"]);
    }
    assert_eq!(world.happened(3), ["Received", "Claimed"]);
}

#[test]
fn applications_of_an_inactive_officer_return_after_a_restart() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.run();
    world.staff(1, "ali", CommandBody::Claim);
    world.run();
    // Another replica sets ali inactive; this one dies before it reacts.
    world.user("ali", UserCommandBody::SetActive { active: false });
    let step = world.process();
    world.commit(step);
    world.restart();
    world.tick();
    assert_eq!(world.happened(1), ["Received", "Claimed", "TakenBack"]);
}

#[test]
fn a_deadline_is_breached_once_even_if_late() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.submit(2, PRE, "hash");
    world.run();
    world.now = start() + days(29);
    assert_eq!(world.tick(), 0);
    world.now = start() + days(45);
    let step = world.processor.due(world.now).unwrap();
    world.processor.aborted();
    let again = world.processor.due(world.now).unwrap();
    assert_eq!(step.outputs, again.outputs);
    world.commit(again);
    assert_eq!(world.tick(), 0);
    world.restart();
    assert_eq!(world.tick(), 0);
    assert_eq!(world.happened(1), ["Received", "Breached"]);
    assert_eq!(world.happened(2), ["Received", "Lapsed"]);
    assert_eq!(statuses(&world, 2), [CitizenStatus::Received, CitizenStatus::Lapsed]);
    let end = "2026-12-24T00:00:00+03:00".parse().unwrap();
    assert_eq!(world.told(2)[1].at, end, "it lapsed when its time was over");
    assert!(world.told(2)[0].text_tr.contains("23.12.2026"), "{}", world.told(2)[0].text_tr);
}

/// The breach is recorded at once, with the deadline; the citizen is not promised a day that has
/// passed, and is answered.
#[test]
fn an_application_that_arrives_after_its_deadline_is_late_at_once_and_is_answered() {
    let mut world = World::new();
    let submitted_at = start() - days(40);
    world.submit_confirmed(1, DIRECT, "hash", submitted_at);
    world.run();
    world.tick();
    assert_eq!(world.happened(1), ["Received", "Breached"]);
    let app = world.application(1);
    let due_at = "2026-11-14T00:00:00+03:00".parse().unwrap();
    assert_eq!((app.received_at, app.arrived_at()), (submitted_at, start()));
    assert_eq!((app.phase.due_at(), app.breached_at), (Some(due_at), Some(due_at)));
    assert!(app.history.is_sorted_by_key(|entry| entry.at), "time runs forward");
    let text = &world.told(1)[0].text_tr;
    assert!(text.contains("cevaplanma süresi 13.11.2026 tarihinde dolmuştur"), "{text}");
    answered(&mut world, 1);
    assert_eq!(statuses(&world, 1), [CitizenStatus::Received, CitizenStatus::Answered]);
    assert!(world.happened(1).iter().filter(|what| **what == "Breached").count() == 1);
}

/// The same id and another `submitted_at` is other content, as ingest hashes it.
#[test]
fn the_same_submission_confirmed_at_another_time_is_a_conflict() {
    let mut world = World::new();
    world.submit_confirmed(1, DIRECT, "hash", start() - days(3));
    world.submit_confirmed(1, DIRECT, "hash of another time", start() - days(2));
    world.run();
    assert_eq!(world.happened(1), ["Received"]);
    assert_eq!(world.application(1).received_at, start() - days(3));
    assert_eq!(world.forwards.len(), 1);
}

#[test]
fn many_due_timers_are_spread_over_steps() {
    let mut world = World::new();
    for n in 0..2500 {
        world.submit(n, DIRECT, "hash");
    }
    world.run();
    world.now = start() + days(31);
    assert_eq!(world.tick(), 2);
    for n in [0, 1234, 2499] {
        assert_eq!(world.happened(n), ["Received", "Breached"]);
    }
}

#[test]
fn a_withdrawal_may_overtake_its_submission() {
    let mut world = World::new();
    world.command(1, Actor::Citizen, None, CommandBody::CitizenWithdraw { reason: None });
    world.run();
    assert_eq!(world.happened(1), [""; 0]);
    world.restart();
    world.submit(1, DIRECT, "hash");
    world.run();
    assert_eq!(world.happened(1), ["Received", "CitizenWithdrew"]);
    assert_eq!(statuses(&world, 1), [CitizenStatus::Received, CitizenStatus::Withdrawn]);
    assert_eq!(world.last_reply().decision, Decision::Accepted { version: 2 });
    assert_eq!(world.state_of(1).unwrap().0, ClosedMarker::TYPE);
}

#[test]
fn a_withdrawal_without_a_submission_is_refused_after_its_time() {
    let mut world = World::new();
    world.command(1, Actor::Citizen, None, CommandBody::CitizenWithdraw { reason: None });
    world.run();
    world.now = start() + days(30);
    assert_eq!(world.tick(), 1);
    assert_eq!(rejected_with(&world.last_reply().decision), "not_found");
    assert_eq!(world.state_of(1).unwrap().1, None, "a tombstone");
}

#[test]
fn a_closed_application_is_forgotten_after_its_horizon() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.run();
    answered(&mut world, 1);
    world.now = start() + days(89);
    world.submit(1, DIRECT, "hash");
    world.run();
    assert_eq!(world.state_of(1).unwrap().0, ClosedMarker::TYPE);
    world.now = start() + days(90);
    world.tick();
    assert_eq!(world.state_of(1).unwrap().1, None, "a tombstone");
    assert!(world.processor.partitions.values().all(|partition| partition.get(id(1)).is_none()));
}

#[test]
fn a_submission_received_again_after_the_horizon_is_a_new_application() {
    let mut world = World::new();
    for life in 0..2 {
        world.now = start() + days(100 * life);
        world.tick();
        world.submit(1, DIRECT, "hash");
        world.run();
        answered(&mut world, 1);
    }
    let distinct = |values: Vec<String>| values.into_iter().collect::<HashSet<_>>().len();
    let events: Vec<_> = world.log[topic::EVENTS]
        .iter()
        .filter_map(|record| match AnyEvent::from_record(record).unwrap() {
            AnyEvent::Application(event) => Some(event),
            AnyEvent::User(_) | AnyEvent::Schedule(_) => None,
        })
        .collect();
    assert_eq!(distinct(events.iter().map(|e| e.id.to_string()).collect()), events.len());
    assert_eq!(distinct(events.iter().map(|e| e.facts.no.to_string()).collect()), 2);
    // Compaction keeps both.
    let archived = world.log[topic::ARCHIVE].iter();
    assert_eq!(
        distinct(archived.map(|r| String::from_utf8(r.key.clone().unwrap().into()).unwrap()).collect()),
        2
    );
}

#[test]
fn a_malformed_command_is_dead_lettered_and_the_next_one_decided() {
    let mut world = World::new();
    let raw = Bytes::from_static(b"{\"application\":\xff");
    world.send(Outgoing {
        topic: topic::COMMANDS,
        partition: None,
        key: Some("key".into()),
        value: Some(raw.clone()),
        headers: vec![(TYPE_HEADER.into(), "ebasvuru.command.v1".into())],
    });
    world.submit(1, DIRECT, "hash");
    world.run();
    let [kept] = &world.log[topic::COMMANDS_DLQ][..] else { panic!("one is kept") };
    assert_eq!((kept.key.as_deref(), kept.value.as_ref()), (Some(&b"key"[..]), Some(&raw)));
    assert_eq!(type_of(kept), "ebasvuru.command.v1", "its own headers stay");
    assert!(kept.headers.contains(&("dlq-reason".into(), "malformed_command".into())));
    assert_eq!(world.happened(1), ["Received"]);
}

/// A command that a newer ingest or dashboard writes is decided after the upgrade, not before.
#[test]
fn a_command_of_a_newer_version_stops_the_worker_before_it() {
    let mut world = World::new();
    let known = world.next_command();
    let mut unknown = known.clone();
    unknown.headers = vec![(TYPE_HEADER.into(), "ebasvuru.command.v2".into())];
    let mut other_shape = known;
    other_shape.value = Some(Bytes::from_static(b"{\"application\": {\"of\": \"another shape\"}}"));
    for newer in [unknown, other_shape] {
        let mut world = World::new();
        world.submit(1, DIRECT, "hash");
        world.send(newer);
        world.submit(2, DIRECT, "hash");
        let step = world.process();
        let halt = step.halt.clone().unwrap();
        assert_eq!((step.consumed, halt.code), (1, ErrorCode::CommandUnknown));
        assert!(halt.detail.contains("ebasvuru.commands"), "{}", halt.detail);
        world.commit(step);
        assert_eq!((world.happened(1).len(), world.happened(2).len()), (1, 0));
        assert!(!world.log.contains_key(topic::COMMANDS_DLQ), "it waits where it stands");
    }
}

/// A version that does not know all fields would drop the new ones when it writes the state again.
#[test]
fn state_of_a_newer_format_stops_the_worker() {
    for topic in [topic::APPLICATIONS, topic::USERS] {
        let mut world = World::new();
        world.submit(1, DIRECT, "hash");
        world.run();
        assert!(world.log[topic].iter().all(|record| format_of(record) == STATE_FORMAT));
        for record in world.log.get_mut(topic).unwrap() {
            record.headers.retain(|(name, _)| name != "format");
        }
        assert_eq!(world.restored().process(&[], world.now).halt, None, "from before there were formats");
        let last = world.log.get_mut(topic).unwrap().last_mut().unwrap();
        last.headers.push(("format".into(), (STATE_FORMAT + 1).to_string().into()));
        let halt = world.restored().process(&[], world.now).halt.unwrap();
        assert_eq!(halt.code, ErrorCode::StateNewer);
        assert!(halt.detail.contains(topic), "{}", halt.detail);
    }
}

/// If this snapshot shows a new field, raise `STATE_FORMAT` before accepting it: an older worker would
/// drop the field.
#[test]
fn a_change_of_the_state_fields_needs_a_new_format() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.submit(2, PRE, "hash");
    world.run();
    answered(&mut world, 1);
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for topic in [topic::APPLICATIONS, topic::USERS] {
        for record in &world.log[topic] {
            let value: serde_json::Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
            let names = value.as_object().unwrap().keys().cloned();
            fields.entry(type_of(record).to_owned()).or_default().extend(names);
        }
    }
    insta::assert_json_snapshot!(serde_json::json!({ "format": STATE_FORMAT, "fields": fields }));
}

#[test]
fn without_keys_the_worker_stops_before_the_answer_it_cannot_open() {
    let mut world = World::new();
    for n in 1..=2 {
        world.submit(n, DIRECT, "hash");
    }
    world.run();
    // An answer sealed by a ring that this machine does not have.
    let mut text = world.text(1, "Cevap.");
    text.sealed =
        crate::domain::sealed::Sealed(text.sealed.0.replace("basvuru-2026-11", "basvuru-1999-01").into());
    world.command(1, Actor::Staff(name("ali")), Some(1), CommandBody::Claim);
    world.command(1, Actor::Staff(name("ali")), Some(2), CommandBody::AddAnswer { text });
    world.command(1, Actor::Staff(name("ali")), Some(3), CommandBody::SubmitForApproval);
    world.command(1, Actor::Staff(name("yetkili")), Some(4), CommandBody::Approve);
    world.command(2, Actor::Staff(name("veli")), Some(1), CommandBody::Claim);
    let step = world.process();
    assert_eq!(
        (step.consumed, step.halt.as_ref().map(|halt| halt.code)),
        (3, Some(ErrorCode::KeyEntryMissing))
    );
    world.commit(step);
    assert_eq!(world.happened(1).last().unwrap(), "SubmittedForApproval");
    assert_eq!(world.restored().process(&[], world.now).halt, None);
}

#[test]
fn state_that_cannot_be_read_stops_the_worker() {
    let mut world = World::new();
    world.submit(1, DIRECT, "hash");
    world.run();
    let mut record = world.log[topic::APPLICATIONS].last().unwrap().clone();
    record.headers = vec![(TYPE_HEADER.into(), "ebasvuru.application.v9".into())];
    world.processor.restore(record);
    world.submit(2, DIRECT, "hash");
    let step = world.process();
    assert_eq!((step.consumed, step.halt.map(|halt| halt.code)), (0, Some(ErrorCode::StateUnreadable)));
    assert!(step.outputs.is_empty());
}

#[test]
fn an_older_user_record_does_not_replace_a_committed_change() {
    let mut world = World::new();
    let older = world.log[topic::USERS].iter().find(|r| r.key.as_deref() == Some(b"ali")).unwrap().clone();
    world.user("ali", UserCommandBody::SetActive { active: false });
    let step = world.process();
    world.commit(step);
    world.processor.observe(older);
    assert!(world.processor.directory.active(&name("ali")).is_none());
}

#[test]
fn password_hashes_are_only_in_the_directory() {
    let world = World::new();
    for topic in [topic::EVENTS, topic::REPLIES] {
        for record in &world.log[topic] {
            let text = String::from_utf8_lossy(record.value.as_ref().unwrap());
            assert!(!text.contains("users."), "{topic}: {text}");
        }
    }
}

/// Both commands come to one worker, in order, whatever partitions the user names hash to.
#[test]
fn two_administrators_who_set_each_other_pasif_leave_one() {
    let mut world = World::new();
    for user in ["bir", "iki"] {
        let password = world.sealer.seal_user(&name(user), Field::Password, b"$argon2id$secret").unwrap();
        let profile = UserProfile { full_name: "Ad Soyad".into(), role: Role::Administrator, unit: None };
        world.user(user, UserCommandBody::DefineUser { profile, password, must_change_password: false });
    }
    world.run();
    for (actor, user) in [("bir", "iki"), ("iki", "bir")] {
        let command = UserCommand {
            id: world.next_id(),
            actor: Actor::Staff(name(actor)),
            expected_version: Some(1),
            at: world.now,
            user: name(user),
            body: UserCommandBody::SetActive { active: false },
        };
        world.send(command.to_record());
    }
    let partitions: BTreeSet<i32> =
        world.log[topic::COMMANDS].iter().map(|record| record.partition).collect();
    assert_eq!(partitions.len(), 1, "every command on a user comes by one partition");
    world.run();
    assert_eq!(rejected_with(&world.last_reply().decision), "not_active");
    let left: Vec<_> = world.processor.directory.administrators().map(|user| user.name.to_string()).collect();
    assert_eq!(left, ["bir"]);
}

#[test]
fn the_name_index_of_a_former_version_is_renewed_with_the_next_state() {
    let mut world = World::new();
    let content = json!({
        "schema": "ebasvuru.content.v1",
        "applicant": {
            "tckn": "10000000146", "first_name": "S\u{327}ule", "last_name": "Öz", "phone": "+905551112233",
        },
        "contact": { "address": "Örnek Mah. 1" },
        "form": { "subject": "Konu", "text": "Metin", "fields": {} },
        "document_kinds": [],
    });
    let sealed = world.sealer.seal(
        APPLICATIONS,
        start(),
        &id(1).to_string(),
        Field::Content,
        content.to_string().as_bytes(),
    );
    // The index is that of the version before, as a command of its ingest still carries it.
    let received = receive(1, DIRECT, start());
    let former = received.applicant.name_index.clone();
    let body =
        CommandBody::Receive(Box::new(Receive { content: sealed.unwrap(), documents: vec![], ..received }));
    world.command(1, Actor::Citizen, None, body);
    world.run();
    let state = |world: &World| -> Application {
        serde_json::from_slice(&world.state_of(1).unwrap().1.unwrap()).unwrap()
    };
    let current = world.sealer.name_index("Şule Öz");
    assert_ne!(former, current);
    assert_eq!(state(&world).applicant.name_index, current);
    assert_eq!(state(&world).applicant.masked_name, "Ş*** Ö***");
    // One whose content cannot be read keeps what it has.
    world.submit(2, DIRECT, "hash");
    world.run();
    let kept: Application = serde_json::from_slice(&world.state_of(2).unwrap().1.unwrap()).unwrap();
    assert_eq!(kept.applicant.name_index, former);
}
