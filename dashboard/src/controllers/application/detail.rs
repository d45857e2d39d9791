//! The data of the detail page. Only this file and downloads open personal data; callers write the
//! access log first.

use std::borrow::Cow;
use std::collections::HashMap;

use ebasvuru_analytics::read::WorklistRow;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{
    Application, EventKind, HistoryEntry, Proposal, Status, Visibility,
};
use ebasvuru_workflow::domain::document::Document;
use ebasvuru_workflow::domain::ids::{ApplicationNo, UserName};
use ebasvuru_workflow::domain::sealed::SealedText;
use ebasvuru_workflow::domain::text;
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::message::SubmissionContent;
use ebasvuru_workflow::seal::{Field, SealError};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::load;
use crate::files::{DocumentInfo, FileKind, InStore, ScanState};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::app::App;
use crate::web::problem::Problem;

/// From this on, staff are shown both when it was confirmed and when it reached us: the second explains
/// a deadline that is nearer than they would think.
const LATE: SignedDuration = SignedDuration::from_hours(1);

/// Everything of an application that the viewer may see.
#[derive(Debug, Serialize)]
pub struct Detail {
    no: String,
    version: u64,
    phase: &'static str,
    status: &'static str,
    referral: Option<TextEntry>,
    holder: String,
    heading: String,
    service: String,
    unit: String,
    valilik: String,
    submitted: String,
    /// When it reached us, if that was [`LATE`] after the citizen's confirmation.
    arrived_late: Option<String>,
    last_day: String,
    deadline: String,
    urgency: &'static str,
    breached: Option<String>,
    person: Vec<(&'static str, String)>,
    contact: Vec<(&'static str, String)>,
    subject: String,
    text: String,
    fields: Vec<(String, String)>,
    documents: Vec<File>,
    official: Vec<File>,
    checks: Vec<Check>,
    answers: Vec<TextEntry>,
    notes: Vec<TextEntry>,
    sent_back: Option<TextEntry>,
    /// The earlier reasons for sending it back, oldest first.
    earlier_send_backs: Vec<TextEntry>,
    history: Vec<HistoryLine>,
    /// How many older entries the application no longer has.
    older: u64,
}

#[derive(Debug, Serialize)]
struct File {
    /// Its address, without a query.
    path: String,
    /// Its place, which tells documents of the same content apart.
    place: usize,
    name: String,
    size: String,
    /// The name of its kind; empty if that is unknown.
    kind: &'static str,
    /// Whether its content could be read and is of no known kind.
    unknown: bool,
    /// Whether the store does not have it.
    missing: bool,
    viewable: bool,
    waiting: bool,
    infected: bool,
}

#[derive(Debug, Serialize)]
struct Check {
    code: String,
    label: String,
    done: Option<String>,
}

/// A text written by staff.
#[derive(Debug, Serialize)]
struct TextEntry {
    text: String,
    by: String,
    at: String,
}

#[derive(Debug, Serialize)]
struct HistoryLine {
    at: String,
    what: &'static str,
    who: String,
    detail: String,
    /// The Geri Gönderme Sebebi.
    reason: String,
}

/// Opens the sealed texts of one application.
struct Unsealer<'a> {
    app: &'a App,
    no: &'a ApplicationNo,
    context: String,
}

impl Unsealer<'_> {
    fn text(&self, field: Field, text: &SealedText) -> Result<String, SealError> {
        self.app.sealer.open_text(&self.context, field, &text.sealed)
    }

    fn entry(
        &self,
        field: Field,
        text: &SealedText,
        by: &str,
        at: Timestamp,
    ) -> Result<TextEntry, SealError> {
        Ok(TextEntry { text: self.text(field, text)?, by: by.to_owned(), at: labels::date_time(at) })
    }

    fn file(&self, place: usize, document: &Document, infos: &DocumentInfos) -> Result<File, SealError> {
        let info = infos.get(&document.sha256);
        let (kind, scan) = (info.and_then(DocumentInfo::kind), info.map(|info| info.scan));
        let content = info.map(|info| info.content);
        let missing = content == Some(InStore::Missing);
        Ok(File {
            path: format!("/basvurular/{}/belge/{}", self.no, document.sha256),
            place,
            name: self.app.sealer.open_name(&self.context, &document.name)?.to_string(),
            size: labels::size(document.size),
            kind: kind.map_or("", FileKind::label),
            unknown: content == Some(InStore::Present(None)),
            missing,
            viewable: kind.is_some_and(FileKind::is_viewable),
            waiting: scan == Some(ScanState::Waiting) && !missing,
            infected: scan == Some(ScanState::Infected),
        })
    }
}

/// Information on documents, by their SHA-256.
pub type DocumentInfos = HashMap<String, DocumentInfo>;

/// Information on every document of an application.
pub async fn document_infos(app: &App, a: &Application) -> DocumentInfos {
    let infos = a
        .all_documents()
        .map(async |document| (document.sha256.clone(), app.files.info(&document.sha256).await));
    join_all(infos).await.into_iter().collect()
}

/// Phase, status and holder in one line.
pub fn status_line(app: &App, a: &Application) -> String {
    let status = labels::status_of(&WorklistRow::of(a));
    let holder = held_by(&a.status).map(|name| app.users.full_name(name));
    let parts =
        [Some(labels::phase(a.phase.is_pre_application()).to_owned()), Some(status.to_owned()), holder];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Who holds it; of a closed application, who held it last.
fn held_by(status: &Status) -> Option<&UserName> {
    match status {
        Status::Closed { officer, .. } => officer.as_ref(),
        open => open.holder(),
    }
}

/// The data of an application for `user`.
pub fn detail(
    app: &App,
    user: &User,
    a: &Application,
    infos: &DocumentInfos,
    now: Timestamp,
) -> Result<Detail, Problem> {
    let open = Unsealer { app, no: &a.no, context: a.id.to_string() };
    let content = app.sealer.open(&open.context, Field::Content, &a.content).map_err(unsealing_problem)?;
    let content: SubmissionContent =
        serde_json::from_slice(&content).map_err(|error| Problem::Internal(error.to_string()))?;
    let full_name = |name| app.users.full_name(name);
    let service = app.catalog.service(&a.service);
    let closed = a.status.is_closed();
    let timer_at = a.phase.timer_at();
    let (deadline, urgency) = if closed { (String::new(), "") } else { labels::deadline(timer_at, now) };
    let row = WorklistRow::of(a);
    let sees_notes = load::visibility(app, user, a) == Visibility::ContentAndNotes;
    let notes = a.notes_of(&a.unit).filter(|_| sees_notes);
    // They are for the Sorumlu and the Yetkili, like the notes.
    let send_back = |text: &SealedText, by: &UserName, at| {
        Ok((at, open.entry(Field::SendBackReason, text, &app.users.full_name(by), at)?))
    };
    let sent_back = a.sent_back.as_ref().filter(|_| sees_notes);
    let sent_back = sent_back.map(|x| send_back(&x.text, &x.by, x.at));
    let sent_back = sent_back.transpose().map_err(unsealing_problem)?;
    let earlier = a.earlier_send_backs_of(&a.unit).filter(|_| sees_notes);
    let earlier: Vec<(Timestamp, TextEntry)> = earlier
        .map(|x| send_back(&x.text, &x.by, x.at))
        .collect::<Result<_, _>>()
        .map_err(unsealing_problem)?;
    let reasons = || earlier.iter().chain(&sent_back).map(|(at, entry)| (*at, entry.text.as_str()));
    let referral = match &a.status {
        Status::AwaitingApproval { proposal: Proposal::Referral { target, reason }, proposed_by, .. } => {
            let mut entry = open
                .entry(Field::ReferralReason, reason, &full_name(proposed_by), a.status_since)
                .map_err(unsealing_problem)?;
            entry.text = format!("{}\n{}", app.unit_name(target), entry.text);
            Some(entry)
        }
        _ => None,
    };
    let mut documents = (1..)
        .zip(a.all_documents())
        .map(|(place, document)| open.file(place, document, infos))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unsealing_problem)?;
    let official = documents.split_off(a.documents.len());
    // Each file of the staff has its entry, the last file the last one; the oldest entries may be gone.
    let (mut added, mut added_official) = (documents.iter().rev(), official.iter().rev());
    let history = a.history.iter().rev();
    let history = history
        .map(|entry| {
            let file = match entry.what {
                EventKind::DocumentAttached => added.next(),
                // A havale takes the official documents away.
                EventKind::Referred => {
                    added_official = [].iter().rev();
                    None
                }
                EventKind::OfficialDocumentAttached => added_official.next(),
                _ => None,
            };
            history_line(app, a, entry, file, reasons())
        })
        .collect();
    let person = content.applicant;
    let contact = content.contact;
    Ok(Detail {
        no: a.no.to_string(),
        version: a.version,
        phase: labels::phase(a.phase.is_pre_application()),
        status: labels::status_of(&row),
        referral,
        holder: held_by(&a.status).map(full_name).unwrap_or_default(),
        heading: service.map(|s| s.main_title.clone()).unwrap_or_default(),
        service: app.service_name(&a.service),
        unit: app.unit_name(&a.unit),
        valilik: app.catalog.valilik_name(a.valilik).to_owned(),
        submitted: labels::date_time(a.submitted_at),
        arrived_late: arrived_late(a).then(|| labels::date_time(a.arrived_at())),
        last_day: labels::last_day(timer_at),
        deadline,
        urgency,
        breached: a.breached_at.map(labels::last_day),
        person: vec![
            (tr("Ad Soyad"), given(format!("{} {}", person.first_name, person.last_name))),
            (tr("T.C. Kimlik No"), person.tckn.into_owned()),
        ],
        contact: [
            (tr("Cep Telefonu"), Some(person.phone)),
            (tr("E-posta"), person.email),
            (tr("Adres"), Some(contact.address)),
            (tr("İlçe"), contact.district),
        ]
        .into_iter()
        .filter_map(|(label, value)| Some((label, given(value?))))
        .collect(),
        subject: given(content.form.subject),
        text: given(content.form.text),
        fields: content
            .form
            .fields
            .into_iter()
            .map(|(name, value)| {
                let label = service.and_then(|s| s.form_fields.iter().find(|f| f.name == name));
                (label.map_or_else(|| name.into_owned(), |field| field.label.clone()), given(value))
            })
            .collect(),
        documents,
        official,
        checks: service
            .map(|s| s.required_documents.as_slice())
            .unwrap_or_default()
            .iter()
            .map(|document| Check {
                code: document.code.to_string(),
                label: document.title.clone(),
                done: a
                    .checks
                    .get(&document.code)
                    .map(|c| format!("{}, {}", full_name(&c.by), labels::date_time(c.at))),
            })
            .collect(),
        answers: a
            .answers
            .iter()
            .map(|x| open.entry(Field::Answer, &x.text, &full_name(&x.by), x.at))
            .collect::<Result<_, _>>()
            .map_err(unsealing_problem)?,
        notes: notes
            .map(|x| open.entry(Field::Note, &x.text, &full_name(&x.by), x.at))
            .collect::<Result<_, _>>()
            .map_err(unsealing_problem)?,
        history,
        sent_back: sent_back.map(|(_, entry)| entry),
        earlier_send_backs: earlier.into_iter().map(|(_, entry)| entry).collect(),
        older: a.older_history(),
    })
}

/// Whether it reached us [`LATE`] after the citizen's confirmation.
fn arrived_late(a: &Application) -> bool {
    a.arrived_at().duration_since(a.submitted_at) > LATE
}

fn history_line<'a>(
    app: &App,
    a: &Application,
    entry: &HistoryEntry,
    file: Option<&File>,
    mut reasons: impl Iterator<Item = (Timestamp, &'a str)>,
) -> HistoryLine {
    let mut who = match &entry.actor {
        Actor::Citizen => tr("Vatandaş").to_owned(),
        Actor::Staff(name) => app.users.full_name(name),
        Actor::System => tr("Sistem").to_owned(),
        Actor::Operator => tr("Sistem yöneticisi").to_owned(),
    };
    if let Some(lender) = &entry.on_behalf_of {
        who = say!("{who} ({lender} adına)", who = who, lender = app.users.full_name(lender));
    }
    let detail = entry.detail.as_deref().unwrap_or_default();
    let named = match entry.what {
        EventKind::DocumentChecked => document_name(app, a, detail).map(|title| brought(a, entry, title)),
        EventKind::DocumentAttached | EventKind::OfficialDocumentAttached => {
            file.map(|file| file.name.clone())
        }
        // The workflow takes it back from nobody else.
        EventKind::TakenBack if entry.actor == Actor::System => detail.parse().ok().map(|name| {
            say!("{name} (pasif ya da artık bu birimde değil)", name = app.users.full_name(&name))
        }),
        EventKind::ReferralProposed | EventKind::Referred => {
            detail.parse().ok().map(|unit| app.unit_name(&unit))
        }
        _ => detail.parse().ok().map(|name| app.users.full_name(&name)),
    };
    let detail = match (entry.what, a.breached_at) {
        (EventKind::Received, _) if arrived_late(a) => {
            say!("e-Devlet'te onaylandı {confirmed}", confirmed = labels::date_time(a.submitted_at))
        }
        (EventKind::Breached, Some(at)) if at != entry.at => {
            say!("Süresi {day} günü sonunda doldu", day = labels::last_day(at))
        }
        _ => named.unwrap_or_else(|| detail.to_owned()),
    };
    let reason = reasons.find(|(at, _)| entry.what == EventKind::SentBack && *at == entry.at);
    let reason = reason.map(|(_, text)| text.to_owned()).unwrap_or_default();
    HistoryLine { at: labels::date_time(entry.at), what: labels::event(entry.what), who, detail, reason }
}

/// A text of the submission; a dash if nothing of it is visible.
fn given<'a>(text: impl Into<Cow<'a, str>>) -> String {
    let text = text.into();
    if text::is_blank(&text) { "–".to_owned() } else { text.into_owned() }
}

/// The document of a check with what the check said. Only checks that changed something are in the
/// history, so they alternate, and the last one of a document says what is so now.
fn brought(a: &Application, entry: &HistoryEntry, title: String) -> String {
    let same = |later: &&HistoryEntry| {
        later.seq > entry.seq && later.what == entry.what && later.detail == entry.detail
    };
    let now = a.checks.keys().any(|code| Some(code.as_str()) == entry.detail.as_deref());
    if now == a.history.iter().filter(same).count().is_multiple_of(2) {
        say!("{document} (getirildi)", document = title)
    } else {
        say!("{document} (getirilmedi)", document = title)
    }
}

/// The title of a required document.
fn document_name(app: &App, a: &Application, code: &str) -> Option<String> {
    let documents = &app.catalog.service(&a.service)?.required_documents;
    Some(documents.iter().find(|document| document.code.as_str() == code)?.title.clone())
}

/// What the page says if personal data cannot be opened.
fn unsealing_problem(error: SealError) -> Problem {
    match error {
        SealError::Erased(_) => Problem::Erased,
        error => Problem::Internal(format!("{}: {error}", error.code())),
    }
}
