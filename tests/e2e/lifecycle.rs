//! One application, from e-Devlet to the answer and the reports.

use ebasvuru_ingest::generate::{Generator, Mix};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::application::{CommandBody, Outcome, Status};
use ebasvuru_workflow::domain::ids::{ApplicationId, SubmissionId};
use ebasvuru_workflow::log::topic;
use ebasvuru_workflow::message::{CitizenStatus, Decision, Message, Notification};
use ebasvuru_workflow::testing::records;

use crate::product::{Backend, Product, catalog, eventually};
use crate::staff::Staff;

const ANSWER: &str = "Başvurunuz uygun görülmüştür.";

#[test]
fn a_submission_is_answered_and_counted_on_the_embedded_log() {
    a_submission_is_answered_and_counted(Backend::Embedded);
}

#[test]
fn a_submission_is_answered_and_counted_on_kafka() {
    a_submission_is_answered_and_counted(Backend::Kafka);
}

fn a_submission_is_answered_and_counted(backend: Backend) {
    let Some(product) = Product::up(backend) else { return };
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
        let printed =
            product.run(&["user", "add", name, "--full-name", "Ayşe Kaya", "--role", role, "--unit", &unit]);
        assert!(printed.contains("one-time password"), "{printed}");
    }

    let file = product.data().join("message");
    std::fs::write(&file, message.to_string()).unwrap();
    product.run(&["publish", &file.display().to_string()]);

    let submission: SubmissionId = message["submission_id"].as_str().unwrap().parse().unwrap();
    let id = ApplicationId::of(submission);
    let mut staff = Staff::new(&product);
    let received = staff.application(id);
    assert_eq!(received.status, Status::Unassigned);
    let answer = staff.seal(&received, ANSWER);

    let claimed = staff.execute_accepted(id, "sorumlu", received.version, CommandBody::Claim);
    // A command of somebody who saw an older version is refused.
    let late = staff.execute(id, "yetkili", received.version, CommandBody::TakeBack);
    assert!(matches!(&late.decision, Decision::Refused { .. }), "{late:?}");
    assert_eq!(late.application.unwrap().version, claimed);

    let answered = staff.execute_accepted(id, "sorumlu", claimed, CommandBody::AddAnswer { text: answer });
    let sent = staff.execute_accepted(id, "sorumlu", answered, CommandBody::SubmitForApproval);
    let own = staff.execute(id, "sorumlu", sent, CommandBody::Approve);
    assert!(matches!(own.decision, Decision::Refused { .. }), "a Sorumlu cannot approve: {own:?}");
    let closed = staff.execute(id, "yetkili", sent, CommandBody::Approve);
    assert!(matches!(closed.decision, Decision::Accepted { .. }), "{closed:?}");
    let status = closed.application.unwrap().status;
    assert!(matches!(status, Status::Closed { outcome: Outcome::Positive, .. }), "{status:?}");

    let notifications: Vec<Notification> = records(product.log().as_ref(), topic::NOTIFICATIONS)
        .iter()
        .map(|record| Notification::from_record(record).unwrap())
        .collect();
    assert!(notifications.iter().all(|it| it.submission_id == submission));
    let statuses: Vec<_> = notifications.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [CitizenStatus::Received, CitizenStatus::Answered]);
    let answer = notifications[1].answer.as_ref().unwrap();
    assert_eq!((answer.outcome.as_str(), answer.text.as_str()), ("olumlu", ANSWER));

    // Five events: received, claimed, answered, proposed, approved.
    eventually("the events in ClickHouse", || {
        let sql = "SELECT count() FROM events FINAL WHERE aggregate = 'application'";
        (product.number(sql) == 5).then_some(())
    });
    eventually("the closed application in ClickHouse", || {
        let sql = "SELECT count() FROM applications WHERE stage = 'closed' AND outcome = 'positive'";
        (product.number(sql) == 1).then_some(())
    });
    product.assert_reconciled();

    let log = product.log();
    for topic in [topic::COMMANDS, topic::EVENTS, topic::APPLICATIONS, topic::ARCHIVE] {
        let tckn = message["applicant"]["tckn"].as_str().unwrap();
        for record in records(log.as_ref(), topic) {
            let value = record.value.unwrap_or_default();
            let text = String::from_utf8_lossy(&value);
            assert!(!text.contains(tckn) && !text.contains(ANSWER), "not sealed in {topic}: {text}");
        }
    }
}
