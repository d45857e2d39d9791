//! Backup and restore of the embedded log, by the very commands of docs/OPERATIONS.md.

use std::fs::{read, read_to_string, remove_dir_all};
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::application::{Application, CommandBody};
use ebasvuru_workflow::domain::document::object_path;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::log::{Log, Outgoing, topic};
use ebasvuru_workflow::message::{Access, Message, Notification, Opened, StateRecord, SubmissionContent};
use ebasvuru_workflow::seal::Field;
use ebasvuru_workflow::testing::records;
use serde_json::Value;
use uuid::Uuid;

use crate::load::{assert_conserved, settled};
use crate::product::{Backend, Product, catalog, eventually};
use crate::staff::Staff;

const ANSWER: &str = "Başvurunuz uygun görülmüştür.";
/// How many submissions there are besides the ones that staff work on.
const MORE: usize = 60;

/// Runs the commands that docs/OPERATIONS.md gives under a heading.
fn follow(product: &Product, heading: &str, copy: &Path) -> String {
    let page = read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md")).unwrap();
    let (_, section) = page.split_once(&format!("\n### {heading}\n")).unwrap();
    let section = section.split("\n#").next().unwrap();
    let (_, commands) = section.split_once("```sh\n").unwrap();
    product.shell(commands.split("```").next().unwrap(), &[("COPY", copy)])
}

/// Everything in every topic, byte for byte.
fn everything(log: &dyn Log) -> Vec<String> {
    let topics = [
        topic::SUBMISSIONS,
        topic::DLQ,
        topic::NOTIFICATIONS,
        topic::COMMANDS,
        topic::EVENTS,
        topic::APPLICATIONS,
        topic::ARCHIVE,
        topic::REPLIES,
        topic::COMMANDS_DLQ,
        topic::AUDIT,
        topic::USERS,
        topic::SETTINGS,
        topic::REPLAYED,
    ];
    topics.iter().flat_map(|topic| records(log, topic)).map(|record| format!("{record:?}")).collect()
}

/// A submission to a service without Ön Başvuru, with a document in it, and the unit that it goes to.
fn submission() -> (Value, String) {
    let catalog = catalog();
    Generator::new(&catalog, Mix::default(), 7, Clock::System.now())
        .find_map(|(_, value)| {
            let message: Value = serde_json::from_slice(&value).unwrap();
            let service = message["service"].as_str()?.parse().unwrap();
            let valilik = u8::try_from(message["valilik"].as_u64()?).unwrap().try_into().unwrap();
            let direct = catalog.service(&service)?.pre_application_days.is_none();
            let unit = catalog.route(&service, valilik).unwrap().to_string();
            (direct && inline(&message).is_some()).then_some((message, unit))
        })
        .unwrap()
}

/// The same under another id.
fn another(message: &Value) -> Value {
    let mut message = message.clone();
    message["submission_id"] = Uuid::new_v4().to_string().into();
    message
}

/// The document that a message holds: its SHA-256 and its content.
fn inline(message: &Value) -> Option<(String, Vec<u8>)> {
    let documents = message["documents"].as_array()?;
    documents.iter().find_map(|document| {
        let content = STANDARD.decode(document["data"].as_str()?).unwrap();
        Some((document["sha256"].as_str()?.to_owned(), content))
    })
}

fn id(message: &Value) -> ApplicationId {
    ApplicationId::of(message["submission_id"].as_str().unwrap().parse().unwrap())
}

fn publish(product: &Product, messages: &[&Value]) {
    let lines: Vec<String> = messages.iter().map(ToString::to_string).collect();
    let file = product.data().join("messages");
    std::fs::write(&file, lines.join("\n")).unwrap();
    product.run(&["publish", &file.display().to_string()]);
    std::fs::remove_file(file).unwrap();
}

fn users(product: &Product, unit: &str) {
    for (name, role) in [("sorumlu", "sorumlu"), ("yetkili", "yetkili")] {
        product.run(&["user", "add", name, "--full-name", "Ayşe Kaya", "--role", role, "--unit", unit]);
    }
}

/// Answers an application, up to the approval.
fn answer(staff: &mut Staff, id: ApplicationId) -> u64 {
    let received = staff.application(id);
    let text = staff.seal(&received, ANSWER);
    let claimed = staff.execute_accepted(id, "sorumlu", received.version, CommandBody::Claim);
    staff.execute_accepted(id, "sorumlu", claimed, CommandBody::AddAnswer { text })
}

fn approve(staff: &mut Staff, id: ApplicationId, seen: u64) {
    let sent = staff.execute_accepted(id, "sorumlu", seen, CommandBody::SubmitForApproval);
    staff.execute_accepted(id, "yetkili", sent, CommandBody::Approve);
}

/// What the citizen was told last about a submission.
fn told(product: &Product, message: &Value) -> Option<String> {
    let mut told = records(product.log().as_ref(), topic::NOTIFICATIONS)
        .iter()
        .map(|record| Notification::from_record(record).unwrap())
        .filter(|told| told.submission_id.to_string() == message["submission_id"])
        .collect::<Vec<_>>();
    Some(told.pop()?.answer?.text)
}

/// Its personal data, its answer and its document are readable.
fn readable(product: &Product, staff: &Staff, application: &Application, message: &Value) {
    let content = staff.open(application.id, Field::Content, &application.content);
    let content: SubmissionContent = serde_json::from_str(&content).unwrap();
    assert_eq!(content.applicant.tckn, message["applicant"]["tckn"].as_str().unwrap());
    let answer = application.answers.first().unwrap();
    assert_eq!(staff.open(application.id, Field::Answer, &answer.text.sealed), ANSWER);
    let (sha256, bytes) = inline(message).unwrap();
    assert_eq!(read(product.data().join("documents").join(object_path(&sha256))).unwrap(), bytes);
}

/// Every open application, as last written.
fn applications(product: &Product) -> Vec<Application> {
    let records = records(product.log().as_ref(), topic::APPLICATIONS);
    let states = records.iter().map(|record| StateRecord::from_record(record).unwrap());
    states
        .filter_map(|state| match state {
            StateRecord::Application(application) => Some(*application),
            _ => None,
        })
        .collect()
}

fn opened_by_somebody(product: &Product, application: &Application) {
    let access = Access {
        id: Uuid::new_v4(),
        at: Clock::System.now(),
        user: "sorumlu".parse().unwrap(),
        application: application.id,
        no: application.no.clone(),
        what: Opened::Detail,
    };
    product.log().producer().unwrap().send(vec![access.to_record()]).unwrap();
}

/// Rows of what is filled from the log.
fn rows(product: &Product) -> [u64; 3] {
    ["events FINAL", "applications FINAL", "access_log FINAL"]
        .map(|table| product.number(&format!("SELECT count() FROM {table}")))
}

fn every_row(product: &Product) {
    let wanted = [topic::EVENTS, topic::AUDIT].map(|it| records(product.log().as_ref(), it).len() as u64);
    eventually("every row", || {
        let [events, _, accesses] = rows(product);
        ([events, accesses] == wanted).then_some(())
    });
}

#[test]
fn a_copy_of_a_stopped_product_is_restored_with_all_that_was_in_it() {
    let mut product = Product::up(Backend::Embedded).unwrap();
    let (closed, unit) = submission();
    let (open, late) = (another(&closed), another(&closed));
    let mut bad = another(&closed);
    bad["valilik"] = 82.into();
    users(&product, &unit);
    product.run(&["load", "--count", &MORE.to_string()]);
    publish(&product, &[&closed, &open, &bad]);
    let mut staff = Staff::new(&product);
    let seen = answer(&mut staff, id(&closed));
    approve(&mut staff, id(&closed), seen);
    let seen = answer(&mut staff, id(&open));
    opened_by_somebody(&product, &staff.application(id(&open)));
    eventually("a result of every submission", || {
        (settled(product.log().as_ref()) == MORE + 3).then_some(())
    });
    every_row(&product);
    let (application, rows_before) = (staff.application(id(&open)), rows(&product));
    let letters = product.run(&["dlq", "list"]);
    let directory = product.run(&["user", "list"]);
    drop(staff);
    product.stop_up();
    let before = everything(product.log().as_ref());

    let copy = product.data().with_file_name("copy");
    assert_eq!(follow(&product, "Copy a stopped product", &copy), "");
    // Nothing of what follows comes from where it was.
    remove_dir_all(product.data()).unwrap();
    product.move_to("restored");
    assert_eq!(follow(&product, "Restore", &copy), "");
    assert!(everything(product.log().as_ref()) == before, "the log is another");

    product.start_up();
    assert_eq!(rows(&product), rows_before);
    assert_eq!(product.run(&["dlq", "list"]), letters);
    assert_eq!(product.run(&["user", "list"]), directory);
    product.assert_reconciled();
    let mut staff = Staff::new(&product);
    let restored = staff.application(id(&open));
    assert_eq!((&restored.history, restored.version), (&application.history, application.version));
    readable(&product, &staff, &restored, &open);
    assert_eq!(told(&product, &closed).as_deref(), Some(ANSWER));

    // Work goes on where it stood.
    approve(&mut staff, id(&open), seen);
    publish(&product, &[&late, &closed]);
    assert_ne!(staff.application(id(&late)).no, application.no);
    eventually("the answer", || told(&product, &open).filter(|told| told == ANSWER));
    assert_conserved(product.log().as_ref(), MORE + 3, 1);
    every_row(&product);
    product.assert_reconciled();
}

#[test]
fn a_copy_of_a_running_product_is_restored_and_rebuilt() {
    if Command::new("sqlite3").arg("--version").output().is_err() {
        eprintln!("SKIPPED: sqlite3 is not installed (Debian: apt-get install sqlite3)");
        return;
    }
    let mut product = Product::up(Backend::Embedded).unwrap();
    let (open, unit) = submission();
    users(&product, &unit);
    publish(&product, &[&open]);
    let mut staff = Staff::new(&product);
    let seen = answer(&mut staff, id(&open));
    opened_by_somebody(&product, &staff.application(id(&open)));
    drop(staff);

    let mut load = product.worker("load", &["load", "--count", "1000000", "--rate", "200"]);
    eventually("some of the load", || (applications(&product).len() > MORE).then_some(()));
    let copy = product.data().with_file_name("copy");
    assert_eq!(follow(&product, "Copy a running product", &copy), "");
    let copied = applications(&product).len();
    eventually("more than was copied", || (applications(&product).len() > copied).then_some(()));
    load.kill();
    let submissions = records(product.log().as_ref(), topic::SUBMISSIONS);
    eventually("a result of every submission", || {
        (settled(product.log().as_ref()) == submissions.len()).then_some(())
    });
    let documents = product.data().join("documents");
    product.stop_up();

    product.move_to("restored");
    assert_eq!(follow(&product, "Restore", &copy), "");
    let staff = Staff::new(&product);
    let copied = applications(&product);
    assert!((MORE..submissions.len()).contains(&copied.len()), "{} of {}", copied.len(), submissions.len());
    for application in &copied {
        staff.open(application.id, Field::Content, &application.content);
        for document in &application.documents {
            // Some lie in no store: the load only refers to them.
            let path = object_path(&document.sha256);
            let there = product.data().join("documents").join(&path).exists();
            assert_eq!(there, documents.join(path).exists(), "{document:?}");
        }
    }
    readable(&product, &staff, &staff.application(id(&open)), &open);
    drop(staff);

    // Whoever starts it without the rebuild is told.
    product.start_up();
    let drift = product.try_run(&["reconcile"]);
    assert!(!drift.status.success() && String::from_utf8_lossy(&drift.stdout).contains(" missing"));
    product.stop_up();
    let rebuilt = follow(&product, "Restore without ClickHouse's folder", &copy);
    assert!(rebuilt.contains(&format!("{} applications", applications(&product).len())), "{rebuilt}");
    product.start_up();
    // Who opened what is known again, too.
    every_row(&product);

    // What came after the copy is sent again, and with it what the copy has.
    let again = submissions.iter().map(|record| Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: record.key.clone(),
        value: record.value.clone(),
        headers: record.headers.clone(),
    });
    product.log().producer().unwrap().send(again.collect()).unwrap();
    eventually("a result of every submission", || {
        (settled(product.log().as_ref()) == submissions.len()).then_some(())
    });
    assert_conserved(product.log().as_ref(), submissions.len(), 0);
    let mut staff = Staff::new(&product);
    approve(&mut staff, id(&open), seen);
    every_row(&product);
    product.assert_reconciled();
}
