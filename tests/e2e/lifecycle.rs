//! One application from e-Devlet to the citizen's answer and the Ministry's figures.

use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::application::{CommandBody, Outcome, Status};
use ebasvuru_workflow::domain::ids::{ApplicationId, SubmissionId};
use ebasvuru_workflow::log::topic;
use ebasvuru_workflow::message::{CitizenStatus, Decision, Message, Notification};
use ebasvuru_workflow::testing::records;

use crate::product::{On, Product, catalog, eventually};
use crate::staff::Staff;

const ANSWER: &str = "Başvurunuz uygun görülmüştür.";

#[test]
fn a_submission_is_answered_and_counted_on_the_embedded_log() {
    a_submission_is_answered_and_counted(On::Embedded);
}

#[test]
fn a_submission_is_answered_and_counted_on_kafka() {
    a_submission_is_answered_and_counted(On::Kafka);
}

fn a_submission_is_answered_and_counted(on: On) {
    let Some(product) = Product::up(on) else { return };
    let catalog = catalog();
    let (message, unit) = Generator::new(&catalog, Mix::default(), 7, Clock::System.now())
        .find_map(|(_, value)| {
            let message: serde_json::Value = serde_json::from_slice(&value).unwrap();
            let service = message["service"].as_str()?.parse().unwrap();
            let valilik = u8::try_from(message["valilik"].as_u64()?).unwrap().try_into().unwrap();
            let direct = catalog.service(&service)?.pre_application_days.is_none();
            direct.then(|| (message, catalog.route(&service, valilik).unwrap().to_string()))
        })
        .unwrap();
    for (name, role) in [("sorumlu", "sorumlu"), ("yetkili", "yetkili")] {
        let said =
            product.run(&["user", "add", name, "--full-name", "Ayşe Kaya", "--role", role, "--unit", &unit]);
        assert!(said.contains("one-time password"), "{said}");
    }

    let file = product.data().join("message");
    std::fs::write(&file, message.to_string()).unwrap();
    product.run(&["publish", &file.display().to_string()]);

    let submission: SubmissionId = message["submission_id"].as_str().unwrap().parse().unwrap();
    let id = ApplicationId::of(submission);
    let mut staff = Staff::of(&product);
    let received = staff.application(id);
    assert_eq!(received.status, Status::Unassigned);
    let answer = staff.seal(&received, ANSWER);

    let claimed = staff.do_it(id, "sorumlu", received.version, CommandBody::Claim);
    // Whoever saw the application before that is told so, and changes nothing.
    let late = staff.ask(id, "yetkili", received.version, CommandBody::TakeBack);
    assert!(matches!(&late.decision, Decision::Refused { .. }), "{late:?}");
    assert_eq!(late.application.unwrap().version, claimed);

    let answered = staff.do_it(id, "sorumlu", claimed, CommandBody::AddAnswer { text: answer });
    let sent = staff.do_it(id, "sorumlu", answered, CommandBody::SubmitForApproval);
    let own = staff.ask(id, "sorumlu", sent, CommandBody::Approve);
    assert!(matches!(own.decision, Decision::Refused { .. }), "a Sorumlu approves nothing: {own:?}");
    let closed = staff.ask(id, "yetkili", sent, CommandBody::Approve);
    assert!(matches!(closed.decision, Decision::Accepted { .. }), "{closed:?}");
    let status = closed.application.unwrap().status;
    assert!(matches!(status, Status::Closed { outcome: Outcome::Positive, .. }), "{status:?}");

    let told: Vec<Notification> = records(product.log().as_ref(), topic::NOTIFICATIONS)
        .iter()
        .map(|record| Notification::from_record(record).unwrap())
        .collect();
    assert!(told.iter().all(|told| told.submission_id == submission));
    let statuses: Vec<_> = told.iter().map(|told| told.status).collect();
    assert_eq!(statuses, [CitizenStatus::Received, CitizenStatus::Answered]);
    let answer = told[1].answer.as_ref().unwrap();
    assert_eq!((answer.outcome.as_str(), answer.text.as_str()), ("olumlu", ANSWER));

    // Received, claimed, answered, sent, approved: five, and the closed application once.
    eventually("the events in ClickHouse", || {
        let sql = "SELECT count() FROM events FINAL WHERE aggregate = 'application'";
        (product.number(sql) == 5).then_some(())
    });
    eventually("the closed application in ClickHouse", || {
        let sql = "SELECT count() FROM applications FINAL WHERE stage = 'closed' AND outcome = 'positive'";
        (product.number(sql) == 1).then_some(())
    });
    product.reconciles();

    let log = product.log();
    for topic in [topic::COMMANDS, topic::EVENTS, topic::APPLICATIONS, topic::ARCHIVE] {
        let tckn = message["applicant"]["tckn"].as_str().unwrap();
        for record in records(log.as_ref(), topic) {
            let value = record.value.unwrap_or_default();
            let clear = String::from_utf8_lossy(&value);
            assert!(!clear.contains(tckn) && !clear.contains(ANSWER), "in the clear in {topic}: {clear}");
        }
    }
}
