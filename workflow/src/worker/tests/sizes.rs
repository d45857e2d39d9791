//! No accepted command makes a record that is too large for its topic, and a full application can still
//! be closed.

use proptest::prelude::*;

use crate::budget;
use crate::domain::actor::{Actor, Role};
use crate::domain::application::{Applicant, Application, CommandBody, Receive, Refusal, Status as At};
use crate::domain::document::{Document, store_uri};
use crate::domain::sealed::{Sealed, SealedText};
use crate::domain::user::{UserCommandBody, UserProfile};
use crate::log::topic;
use crate::message::Decision;
use crate::seal::{APPLICATIONS, Field};
use crate::worker::partition::Entry;

use crate::testing::catalog::{DIRECT, OTHER_UNIT, PRE, UNIT};
use crate::testing::{applicant, receive};

use super::harness::{World, id, name, partition_of, start};

const N: u128 = 1;

/// A world with a Yetkili in the other unit, too.
fn world() -> World {
    let mut world = World::new();
    let profile = UserProfile {
        full_name: "Ad Soyad".into(),
        role: Role::Supervisor,
        unit: Some(OTHER_UNIT.parse().unwrap()),
    };
    let password = world.sealer.seal_user(&name("amir"), Field::Password, b"$argon2id$secret").unwrap();
    world.user("amir", UserCommandBody::DefineUser { profile, password, must_change_password: false });
    world.run();
    world
}

/// A document with all members at their longest.
fn file(world: &World, c: char, chars: usize) -> Document {
    let plain = c.to_string().repeat(chars);
    Document {
        name: world
            .sealer
            .seal(APPLICATIONS, start(), &id(N).to_string(), Field::DocumentName, plain.as_bytes())
            .unwrap(),
        media_type: format!("{}/{};{}", "a".repeat(127), "b".repeat(127), "\"".repeat(127)),
        size: 100 << 20,
        sha256: "f".repeat(64),
        uri: store_uri(&"f".repeat(64)),
    }
}

/// A submission as large as ingest lets through, or a small one.
fn submit(world: &mut World, service: &str, large: bool) {
    let documents = if large { budget::SUBMISSION_ITEMS } else { 0 };
    // In the message, the name and the media type of a document are escaped.
    let of_documents = documents * (budget::NAME_CHARS * 4 + budget::MEDIA_TYPE + 127);
    let bytes = if large { budget::SUBMISSION - of_documents } else { 2 };
    let context = id(N).to_string();
    let receive = Receive {
        applicant: Applicant {
            masked_name: "İ*** ".repeat(if large { 500 } else { 2 }),
            tckn_index: "0".repeat(64),
            name_index: vec!["0".repeat(64); if large { 500 } else { 2 }],
            ..applicant()
        },
        content: world
            .sealer
            .seal(APPLICATIONS, start(), &context, Field::Content, &vec![b'x'; bytes])
            .unwrap(),
        content_hash: "0".repeat(64),
        documents: vec![file(world, '😀', budget::NAME_CHARS); documents],
        ..receive(N, service, world.now)
    };
    world.command(N, Actor::Citizen, None, CommandBody::Receive(Box::new(receive)));
    step(world);
    assert!(open(world).is_some(), "received");
}

/// Runs the waiting commands; the harness checks every record against the budget.
fn step(world: &mut World) {
    for topic in [topic::COMMANDS, topic::REPLIES, topic::APPLICATIONS, topic::ARCHIVE, topic::EVENTS] {
        world.log.entry(topic).or_default().clear();
    }
    world.run();
}

fn open(world: &World) -> Option<Application> {
    let partition = partition_of(id(N).to_string().as_bytes());
    match world.processor.partitions.get(&partition)?.get(id(N))? {
        Entry::Open(open) => Some(open.decode().unwrap()),
        _ => None,
    }
}

/// Gives a command of staff; returns the code if it is refused, which must change nothing.
fn staff(world: &mut World, user: &str, body: CommandBody) -> Option<String> {
    let before = open(world);
    let version = before.as_ref().map_or(0, |application| application.version);
    world.command(N, Actor::Staff(name(user)), Some(version), body);
    step(world);
    match world.last_reply().decision {
        Decision::Accepted { .. } => None,
        Decision::Refused { code, .. } => {
            assert_eq!(open(world), before, "{code}");
            assert_eq!(world.log.get(topic::EVENTS).map_or(0, Vec::len), 0, "{code}");
            Some(code)
        }
    }
}

fn text(world: &World, c: char, chars: usize) -> SealedText {
    // The longest text, even for white space, which is trimmed.
    let plain = c.to_string().repeat(chars);
    let sealed =
        world.sealer.seal(APPLICATIONS, start(), &id(N).to_string(), Field::Answer, plain.as_bytes());
    SealedText { sealed: sealed.unwrap(), chars: u32::try_from(chars).unwrap() }
}

/// The Sorumlu and the Yetkili of the unit that owns it now.
fn people(application: &Application) -> (&'static str, &'static str) {
    if application.unit.as_str() == UNIT { ("ali", "yetkili") } else { ("can", "amir") }
}

/// Closes it, even if it is full, by an answer with the longest text.
fn close(world: &mut World) {
    let Some(application) = open(world) else { return };
    let (officer, supervisor) = people(&application);
    if application.phase.is_pre_application() {
        let reason = Some(text(world, '😀', 10_000));
        world.command(N, Actor::Citizen, None, CommandBody::CitizenWithdraw { reason });
        step(world);
    } else {
        if application.status.holder().is_some() {
            assert_eq!(staff(world, supervisor, CommandBody::TakeBack), None);
        }
        assert_eq!(staff(world, officer, CommandBody::Claim), None);
        if application.answers.is_empty() {
            let text = text(world, '😀', budget::TEXT_CHARS);
            assert_eq!(staff(world, officer, CommandBody::AddAnswer { text }), None);
        }
        assert_eq!(staff(world, officer, CommandBody::SubmitForApproval), None);
        assert_eq!(staff(world, supervisor, CommandBody::Approve), None);
    }
    assert_eq!(open(world), None);
    assert_eq!(world.archived(N).len(), 1);
}

#[test]
fn a_full_application_refuses_answers_and_can_still_be_closed() {
    let mut world = world();
    submit(&mut world, DIRECT, true);
    staff(&mut world, "ali", CommandBody::Claim);
    let text = text(&world, 'ş', budget::TEXT_CHARS);
    let mut refused = None;
    for _ in 0..60 {
        refused = staff(&mut world, "ali", CommandBody::AddAnswer { text: text.clone() });
        if refused.is_some() {
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some(Refusal::ApplicationFull.code()));
    assert!(open(&world).unwrap().answers.len() >= 16);
    close(&mut world);
}

#[test]
fn the_number_of_answers_is_limited() {
    let mut world = world();
    submit(&mut world, DIRECT, false);
    staff(&mut world, "ali", CommandBody::Claim);
    let text = text(&world, 'ş', 1);
    for _ in 0..budget::ANSWERS {
        assert_eq!(staff(&mut world, "ali", CommandBody::AddAnswer { text: text.clone() }), None);
    }
    let refused = staff(&mut world, "ali", CommandBody::AddAnswer { text });
    assert_eq!(refused.as_deref(), Some(Refusal::ApplicationFull.code()));
    close(&mut world);
}

#[test]
fn a_long_history_keeps_its_newest_entries_and_refuses_nothing() {
    let mut world = world();
    submit(&mut world, DIRECT, false);
    for _ in 0..budget::HISTORY {
        assert_eq!(staff(&mut world, "yetkili", CommandBody::Assign { officer: name("veli") }), None);
        assert_eq!(staff(&mut world, "yetkili", CommandBody::TakeBack), None);
    }
    let application = open(&world).unwrap();
    assert_eq!(application.version, 1 + 2 * budget::HISTORY as u64);
    assert_eq!(application.history.len(), budget::HISTORY);
    assert_eq!(application.history[0].seq, 1, "the receipt stays");
    assert_eq!(application.history.last().unwrap().seq, application.version);
    assert_eq!(application.older_history(), application.version - budget::HISTORY as u64);
    close(&mut world);
}

#[test]
fn texts_and_names_have_a_longest_size() {
    let mut world = world();
    submit(&mut world, DIRECT, false);
    staff(&mut world, "ali", CommandBody::Claim);
    let long = text(&world, 'a', budget::TEXT_CHARS + 1);
    let refused = staff(&mut world, "ali", CommandBody::AddAnswer { text: long });
    assert_eq!(refused.as_deref(), Some(Refusal::TextTooLong.code()));
    assert!(Refusal::TextTooLong.text_tr().contains("20.000"), "{}", budget::TEXT_CHARS);
    let document = file(&world, '😀', budget::NAME_CHARS + 20);
    let refused = staff(&mut world, "ali", CommandBody::AttachOfficialDocument { document });
    assert_eq!(refused.as_deref(), Some(Refusal::DocumentUnfit.code()));

    let define = |world: &mut World, full_name: String, password: usize| {
        let body = UserCommandBody::DefineUser {
            profile: UserProfile { full_name, role: Role::Officer, unit: Some(UNIT.parse().unwrap()) },
            password: Sealed("x".repeat(password).into()),
            must_change_password: true,
        };
        world.user("yeni", body);
        step(world);
        match world.last_reply().decision {
            Decision::Accepted { .. } => "accepted".to_owned(),
            Decision::Refused { code, .. } => code,
        }
    };
    let name = |chars| "😀".repeat(chars);
    assert_eq!(define(&mut world, name(budget::FULL_NAME_CHARS + 1), 10), "full_name_too_long");
    assert_eq!(define(&mut world, "\u{200b}\u{2060}".into(), 10), "full_name_missing");
    assert_eq!(define(&mut world, name(10), budget::SEALED_PASSWORD + 1), "password_unfit");
    assert_eq!(define(&mut world, name(budget::FULL_NAME_CHARS), budget::SEALED_PASSWORD), "accepted");
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Answer(char, usize),
    Note(char, usize),
    File(char, bool),
    SendBack(char),
    Refer(char),
    Claim,
    TakeBack,
    Submit,
    Approve,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let c = || prop::sample::select(vec!['ş', '😀', '\u{1}', '"', '\\', '\n']);
    let chars =
        || prop::sample::select(vec![1, budget::TEXT_CHARS, budget::TEXT_CHARS, budget::TEXT_CHARS + 1]);
    let one = prop_oneof![
        8 => (c(), chars()).prop_map(|(c, chars)| Move::Answer(c, chars)),
        6 => (c(), chars()).prop_map(|(c, chars)| Move::Note(c, chars)),
        6 => (c(), any::<bool>()).prop_map(|(c, official)| Move::File(c, official)),
        2 => c().prop_map(Move::SendBack),
        3 => c().prop_map(Move::Refer),
        8 => Just(Move::Claim),
        1 => Just(Move::TakeBack),
        1 => Just(Move::Submit),
        3 => Just(Move::Approve),
    ];
    prop::collection::vec(one, 60..140)
}

fn play(world: &mut World, it: Move) {
    let Some(application) = open(world) else { return };
    let (officer, supervisor) = people(&application);
    let target = if application.unit.as_str() == UNIT { OTHER_UNIT } else { UNIT }.parse().unwrap();
    let long = |c| text(world, c, budget::TEXT_CHARS);
    let (who, body) = match it {
        Move::Answer(c, chars) => (officer, CommandBody::AddAnswer { text: text(world, c, chars) }),
        Move::Note(c, chars) => (supervisor, CommandBody::AddNote { text: text(world, c, chars) }),
        Move::File(c, official) => {
            let document = file(world, c, budget::NAME_CHARS);
            let body = if official {
                CommandBody::AttachOfficialDocument { document }
            } else {
                CommandBody::AttachDocument { document }
            };
            (officer, body)
        }
        Move::SendBack(c) => (supervisor, CommandBody::SendBack { reason: long(c) }),
        Move::Refer(c) => (officer, CommandBody::ProposeReferral { target, reason: long(c) }),
        Move::Claim => (officer, CommandBody::Claim),
        Move::TakeBack => (supervisor, CommandBody::TakeBack),
        Move::Submit => (officer, CommandBody::SubmitForRejection),
        // The Yetkili approves only a havale here, so that the application stays open.
        Move::Approve => match &application.status {
            At::AwaitingApproval { proposal, .. } if proposal.name() == "referral" => {
                (supervisor, CommandBody::Approve)
            }
            _ => return,
        },
    };
    let _ = staff(world, who, body);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_makes_a_record_that_is_refused(
        moves in moves(), service in prop::sample::select(vec![DIRECT, DIRECT, PRE]), large in prop::bool::weighted(0.8)
    ) {
        let mut world = world();
        submit(&mut world, service, large);
        for it in moves {
            play(&mut world, it);
        }
        close(&mut world);
    }
}
