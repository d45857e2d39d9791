//! "Sistem": the messages that were not accepted.

use ebasvuru_workflow::log::dead_letter::{copy_of, dead_letter_headers};
use ebasvuru_workflow::log::{Outgoing, RecordAddress, topic};
use ebasvuru_workflow::message::{Message, ReplayAccepted, Replayed};
use serde_json::json;

use super::World;
use super::world::at;

fn dead_letter(on: &'static str, offset: i64, reason: &str, value: &str) -> Outgoing {
    let message = Outgoing {
        topic: topic::SUBMISSIONS,
        partition: None,
        key: Some("key".into()),
        value: Some(value.to_owned().into()),
        headers: Vec::new(),
    };
    let from = RecordAddress::new(topic::SUBMISSIONS, 0, offset);
    let when = at("2026-11-22T10:00:00+03:00");
    copy_of(&message.into_record(0, offset, when), on, dead_letter_headers(reason, "", &from, when))
}

#[tokio::test]
async fn dead_letters_are_shown_in_words_by_state_and_without_personal_data() {
    let world = World::new();
    let log = &world.app.log;
    let message = json!({
        "service": "dernek-kurulus", "valilik": 6,
        "applicant": { "tckn": "10000000146", "first_name": "Ayşe Nur", "last_name": "Yılmaz" },
        "form": { "subject": "Gizli konu" },
    });
    let strange = json!({
        "service": "10000000146", "valilik": "Yılmaz",
        "applicant": { "tckn": "Yılmaz", "first_name": "Kuş ".repeat(5000), "last_name": 7 },
    });
    let letters = [
        dead_letter(topic::DLQ, 0, "not_confirmed", &message.to_string()),
        dead_letter(topic::DLQ, 1, "not_confirmed", &strange.to_string()),
        dead_letter(topic::DLQ, 2, "schema", "Yılmaz"),
        dead_letter(topic::DLQ, 3, "of_a_later_version", "[]"),
        dead_letter(topic::COMMANDS_DLQ, 4, "malformed_command", "Yılmaz"),
    ];
    let (origin, at) = ("edevlet.submissions 0:0".to_owned(), at("2026-11-22T11:00:00+03:00"));
    let outcome = [
        Replayed { origin: origin.clone(), attempt: 1, at }.to_record(),
        ReplayAccepted { origin, attempt: 1, at }.to_record(),
    ];
    log.producer().unwrap().send(letters.into_iter().chain(outcome).collect()).unwrap();

    let mut browser = world.login("merkez").await;
    let page = World::new().login("merkez").await.get("/raporlama/sistem").await;
    assert_eq!(page.text("#kabul-edilmeyen .empty"), "Kabul edilmeyen ileti yok.");
    let page = browser.get("/raporlama/sistem").await;
    let row = |section: &str, n: usize| {
        let cells = |name| page.texts(&format!("#{section} tbody tr:nth-child({n}) {name}"));
        [cells("th"), cells("td")].concat()
    };
    let reasons = page.texts("#kabul-edilmeyen tbody th");
    assert_eq!(
        reasons,
        [
            "Onay Kutusunda EVET yazmıyor not_confirmed",
            "of_a_later_version",
            "Bir alan eksik ya da yanlış türde schema"
        ]
    );
    // Messages; new, published again, accepted, not accepted again.
    assert_eq!(row("kabul-edilmeyen", 1)[1..6], ["2", "1", "0", "1", "0"]);
    assert_eq!(page.texts("#okunamayan-komut tbody th"), ["Komut okunamıyor malformed_command"]);

    let shown: Vec<_> = (1..=4).map(|n| row("son-kabul-edilmeyen", n)).collect();
    let of = |address: &str| shown.iter().find(|row| row.last().unwrap() == address).unwrap()[1..7].to_vec();
    let words = "Onay Kutusunda EVET yazmıyor not_confirmed";
    assert_eq!(
        of("0:0"),
        [
            words,
            "Kabul edildi",
            "Dernek Kuruluş Bildirimi",
            "Ankara Valiliği",
            "A*** N*** Y***",
            "*********46"
        ]
    );
    assert_eq!(of("0:1")[..4], [words, "Yeni", "–", "–"]);
    assert_eq!(of("0:1")[5], "–");
    assert_eq!(of("0:2")[2..], ["–"; 4], "nothing can be read");
    for personal in ["10000000146", "Yılmaz", "Ayşe", "Gizli", "Kuş"] {
        assert!(!page.html().contains(personal), "{personal}");
    }
    assert_eq!(page.html().matches("K***").count(), 50, "a long name is cut");
    let csv = browser.get("/raporlama/sistem.csv?tablo=kabul-edilmeyen").await;
    let csv = String::from_utf8(csv.bytes).unwrap();
    assert!(csv.contains("Onay Kutusunda EVET yazmıyor (not_confirmed)"), "{csv}");
}
