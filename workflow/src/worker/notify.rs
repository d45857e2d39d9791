//! Notifications to the citizen: in plain words, without names of staff.

use jiff::{SignedDuration, Timestamp};

use crate::domain::application::{Application, Event, EventBody, Outcome, Phase};
use crate::domain::calendar::day_of;
use crate::domain::catalog::{Catalog, UnitId};
use crate::domain::document::Document;
use crate::domain::document_name::DocumentName;
use crate::domain::sealed::Sealed;
use crate::message::{AwaitedDocuments, CitizenAnswer, CitizenDocument, CitizenStatus, Notification};
use crate::seal::{Field, SealError, Sealer};

/// The notification for `event`, if it has one. `after` is the application after the event.
///
/// # Errors
/// The keys cannot be used now. An answer that is erased or damaged is no error: the notification says
/// that it cannot be shown.
pub(super) fn notification(
    event: &Event,
    after: &Application,
    catalog: &Catalog,
    sealer: &Sealer,
) -> Result<Option<Notification>, SealError> {
    let mut answer = None;
    let mut referred_to = None;
    let awaited = awaited(after, catalog);
    let (status, text_tr) = match &event.body {
        EventBody::Received(_) => {
            (CitizenStatus::Received, received(after, awaited.as_ref(), catalog, event.at))
        }
        EventBody::PreApplicationCompleted { due_at } => (
            CitizenStatus::PreApplicationCompleted,
            format!(
                "Ön Başvurunuz tamamlanmıştır. Başvurunuz {} tarihine kadar cevaplandırılacaktır.",
                last_day(*due_at)
            ),
        ),
        EventBody::Referred { to, .. } => {
            let unit = unit_name(catalog, to);
            let bring = awaited.as_ref().map(|awaited| format!(" {}", bring(awaited)));
            let text = format!(
                "Başvurunuz, ilgisi nedeniyle {unit} birimine havale edilmiştir.{}",
                bring.unwrap_or_default()
            );
            referred_to = Some(unit);
            (CitizenStatus::Referred, text)
        }
        EventBody::Approved { outcome, .. } => {
            let (word, text) = match outcome {
                Outcome::Negative => ("olumsuz", "Başvurunuz olumsuz sonuçlandırılmıştır."),
                _ => ("olumlu", "Başvurunuz olumlu sonuçlandırılmıştır."),
            };
            answer = Some(citizen_answer(word, after, sealer)?);
            (CitizenStatus::Answered, text.to_owned())
        }
        EventBody::Lapsed => (
            CitizenStatus::Lapsed,
            "Ön Başvurunuz süresi içinde tamamlanmadığından başvurunuz süre aşımı nedeniyle kapatılmıştır."
                .to_owned(),
        ),
        EventBody::CitizenWithdrew { .. } => {
            (CitizenStatus::Withdrawn, "Başvurunuz, vazgeçmeniz üzerine sonlandırılmıştır.".to_owned())
        }
        _ => return Ok(None),
    };
    Ok(Some(Notification {
        schema: "ebasvuru.notification.v1".into(),
        submission_id: after.submission_id,
        application_no: after.no.clone(),
        at: event.at,
        status,
        text_tr,
        answer,
        referred_to,
        awaited,
    }))
}

/// The words for an application that reached us at `at`.
fn received(
    after: &Application,
    awaited: Option<&AwaitedDocuments>,
    catalog: &Catalog,
    at: Timestamp,
) -> String {
    let begins = format!(
        "Başvurunuz {} numarası ile alınmış ve {} birimine iletilmiştir.",
        after.no,
        unit_name(catalog, &after.unit)
    );
    match (after.phase, awaited) {
        (Phase::PreApplication { .. }, Some(awaited)) => format!("{begins} {}", bring(awaited)),
        (Phase::PreApplication { .. }, None) => begins,
        (Phase::Application { due_at }, _) if due_at <= at => format!(
            "{begins} Başvurunuz sistemimize geç ulaşmış, cevaplanma süresi {} tarihinde dolmuştur; başvurunuz en kısa sürede cevaplandırılacaktır.",
            last_day(due_at)
        ),
        (Phase::Application { due_at }, _) => {
            format!("{begins} Başvurunuz {} tarihine kadar cevaplandırılacaktır.", last_day(due_at))
        }
    }
}

/// What to bring, where to and until when.
fn bring(awaited: &AwaitedDocuments) -> String {
    format!(
        "Ön Başvurunuzun tamamlanması için {} tarihine kadar {} birimine getirmeniz gereken belgeler: {}.",
        day_of(awaited.until).strftime("%d.%m.%Y"),
        awaited.unit,
        awaited.documents.join("; ")
    )
}

/// The documents that an open Ön Başvuru still waits for.
fn awaited(after: &Application, catalog: &Catalog) -> Option<AwaitedDocuments> {
    let Phase::PreApplication { lapses_at } = after.phase else { return None };
    let documents: Vec<_> = catalog
        .service(&after.service)?
        .required_documents
        .iter()
        .filter(|document| !after.checks.contains_key(&document.code))
        .map(|document| document.title.clone())
        .collect();
    (!after.status.is_closed() && !documents.is_empty()).then(|| AwaitedDocuments {
        documents,
        unit: unit_name(catalog, &after.unit),
        until: last_instant(lapses_at),
    })
}

fn unit_name(catalog: &Catalog, unit: &UnitId) -> String {
    catalog.unit(unit).map_or_else(|| unit.to_string(), |unit| unit.title.clone())
}

/// The last day of a deadline; `too_late` is the first instant after it.
fn last_day(too_late: Timestamp) -> String {
    day_of(last_instant(too_late)).strftime("%d.%m.%Y").to_string()
}

fn last_instant(too_late: Timestamp) -> Timestamp {
    too_late.checked_sub(SignedDuration::from_millis(1)).unwrap_or(too_late)
}

fn citizen_answer(outcome: &str, after: &Application, sealer: &Sealer) -> Result<CitizenAnswer, SealError> {
    let context = after.id.to_string();
    let open = |field, sealed: &Sealed, gone: &str| match sealer.open_text(&context, field, sealed) {
        Ok(text) => Ok(text),
        Err(e @ (SealError::Ring(_) | SealError::EntryMissing(_))) => Err(e),
        Err(e) => {
            tracing::error!(
                error.code = e.code().as_str(),
                error.message = %e,
                application.id = %after.id,
                "a part of an approved answer does not open; the citizen is told that it cannot be shown"
            );
            Ok(gone.to_owned())
        }
    };
    let text = match after.answer() {
        Some(answer) => {
            let gone = "Cevap metni görüntülenemiyor; lütfen ilgili birime başvurunuz.";
            open(Field::Answer, &answer.text.sealed, gone)?
        }
        None => "Cevabınız ekteki resmi evraktadır.".to_owned(),
    };
    let document = |document: &Document| {
        Ok(CitizenDocument {
            name: DocumentName::of(&open(Field::DocumentName, &document.name, "Resmi evrak")?).to_string(),
            media_type: document.media_type.clone(),
            size: document.size,
            sha256: document.sha256.clone(),
            uri: document.uri.clone(),
        })
    };
    let documents = after.official_documents.iter().map(document).collect::<Result<_, SealError>>()?;
    Ok(CitizenAnswer { outcome: outcome.into(), text, documents })
}
