//! The largest messages: they stop no worker, and `/readyz` stays ready.

use std::io::{Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Application, Command, CommandBody};
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId, UserName};
use ebasvuru_workflow::domain::sealed::{Sealed, SealedText};
use ebasvuru_workflow::log::{Outgoing, topic};
use ebasvuru_workflow::message::{ApplicationCommand, Decision, Message, Reply, StateRecord, type_of};
use ebasvuru_workflow::testing::records;
use serde_json::Value;
use uuid::Uuid;

use crate::product::{Backend, Product, catalog, eventually};

#[test]
fn the_largest_messages_stop_nothing_on_the_embedded_log() {
    the_largest_messages_stop_nothing(Backend::Embedded);
}

#[test]
fn the_largest_messages_stop_nothing_on_kafka() {
    the_largest_messages_stop_nothing(Backend::Kafka);
}

fn the_largest_messages_stop_nothing(backend: Backend) {
    let Some(product) = Product::up(backend) else { return };
    let now = Clock::System.now();
    let mut good = Generator::new(&catalog(), Mix { bad: 0.0, ..Mix::default() }, 11, now)
        .map(|(_, value)| serde_json::from_slice::<Value>(&value).unwrap())
        // A service without an Ön Başvuru.
        .filter(|message| message["service"] == "dilekce");
    let mut next = || good.next().unwrap();

    // A valid submission that is larger than a client's default limit once it is sealed.
    let mut large = next();
    large["form"]["text"] = "ş".repeat(90_000).into();
    large["form"]["fields"] = (0..100).map(|n| (format!("alan{n}"), Value::from("ğ".repeat(3000)))).collect();
    // Invalid ones, between the default limits of a client and of a broker, and above both.
    let bad = vec![b'x'; 1_040_000];
    let worse = vec![b'y'; 2_000_000];
    publish(&product, &[large.to_string().into_bytes(), bad.clone(), worse.clone()]);
    let open = next();
    publish(&product, &[open.to_string().into_bytes(), next().to_string().into_bytes()]);

    let log = product.log();
    eventually("every valid submission", || {
        (records(log.as_ref(), topic::NOTIFICATIONS).len() == 3).then_some(())
    });
    let dead_letters: Vec<_> = eventually("both dead letters", || {
        let dead_letters = records(log.as_ref(), topic::DLQ);
        (dead_letters.len() == 2).then_some(dead_letters)
    });
    for bytes in [bad, worse] {
        assert!(
            dead_letters.iter().any(|letter| letter.value.as_deref() == Some(&*bytes)),
            "unchanged bytes"
        );
    }

    // Answers until the application is full; then it can still be closed.
    let id = ApplicationId::of(open["submission_id"].as_str().unwrap().parse().unwrap());
    let application = snapshot(&product, id);
    let unit = application.unit.to_string();
    for (name, role) in [("sorumlu.bir", "sorumlu"), ("yetkili.bir", "yetkili")] {
        product.run(&["user", "add", name, "--full-name", "Ad Soyad", "--role", role, "--unit", &unit]);
    }
    let officer = |version, body| execute(&product, id, "sorumlu.bir", version, body);
    let claimed = officer(application.version, CommandBody::Claim);
    assert!(matches!(claimed, Decision::Accepted { .. }), "{claimed:?}");
    let entry = application.content.0.split_once('.').unwrap().0;
    let answer = || {
        let noise: Vec<u8> = (0..5008).flat_map(|_| *Uuid::new_v4().as_bytes()).take(80_040).collect();
        let sealed = Sealed(format!("{entry}.{}", URL_SAFE_NO_PAD.encode(noise)).into());
        CommandBody::AddAnswer { text: SealedText { sealed, chars: 20_000 } }
    };
    let mut answers = 0;
    loop {
        match officer(application.version + 1 + answers, answer()) {
            Decision::Accepted { .. } => answers += 1,
            Decision::Refused { code, .. } => {
                assert_eq!(code, "application_full");
                break;
            }
        }
        assert_ready(&product);
    }
    assert!(answers >= 19, "{answers}");
    let closed = officer(application.version + 1 + answers, CommandBody::SubmitForRejection);
    assert!(matches!(closed, Decision::Accepted { .. }), "{closed:?}");
    assert_ready(&product);
}

fn publish(product: &Product, messages: &[Vec<u8>]) {
    let file = product.data().join("messages");
    std::fs::write(&file, messages.join(&b'\n')).unwrap();
    product.run(&["publish", &file.display().to_string()]);
}

fn snapshot(product: &Product, id: ApplicationId) -> Application {
    let records = records(product.log().as_ref(), topic::APPLICATIONS);
    let mut found = records.iter().filter_map(|record| match StateRecord::from_record(record) {
        Ok(StateRecord::Application(application)) if application.id == id => Some(*application),
        _ => None,
    });
    found.next_back().unwrap()
}

fn execute(product: &Product, id: ApplicationId, who: &str, version: u64, body: CommandBody) -> Decision {
    let command = Command {
        id: CommandId(Uuid::new_v4()),
        actor: Actor::Staff(who.parse::<UserName>().unwrap()),
        expected_version: Some(version),
        at: Clock::System.now(),
        body,
    };
    let (asked, log) = (command.id, product.log());
    let record: Outgoing = ApplicationCommand { application: id, command }.to_record();
    log.producer().unwrap().send(vec![record]).unwrap();
    eventually("the reply", || {
        let replies = records(log.as_ref(), topic::REPLIES);
        let mut replies = replies.iter().rev().filter(|record| type_of(record) == Reply::<Application>::TYPE);
        replies
            .find_map(|record| {
                Reply::<Application>::from_record(record).ok().filter(|r| r.command_id == asked)
            })
            .map(|reply| reply.decision)
    })
}

/// Checks that `/readyz` is ready.
fn assert_ready(product: &Product) {
    let endpoints = std::fs::read(product.data().join("endpoints.json")).unwrap();
    let endpoints: Value = serde_json::from_slice(&endpoints).unwrap();
    let url = endpoints["metrics"].as_object().unwrap().values().next().unwrap().as_str().unwrap();
    let host = url.trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
}
