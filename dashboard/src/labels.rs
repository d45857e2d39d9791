//! The guide's words for the domain's, and dates as they are written in Turkey.

use ebasvuru_workflow::domain::application::event::EventKind;
use ebasvuru_workflow::domain::application::{Outcome, Proposal, Stage, StageName};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The time zone that days and deadlines are counted in.
#[must_use]
pub fn istanbul() -> TimeZone {
    TimeZone::get("Europe/Istanbul").unwrap_or(TimeZone::UTC)
}

fn local(at: Timestamp) -> Zoned {
    at.to_zoned(istanbul())
}

/// `23.11.2026 09:15`.
#[must_use]
pub fn date_time(at: Timestamp) -> String {
    local(at).strftime("%d.%m.%Y %H:%M").to_string()
}

/// `23.11.2026`.
#[must_use]
pub fn date(at: Timestamp) -> String {
    local(at).strftime("%d.%m.%Y").to_string()
}

/// How near a deadline is: words, and the class that colours them.
#[must_use]
pub fn deadline(strikes_at: Timestamp, now: Timestamp) -> (String, &'static str) {
    let days = |a: Timestamp, b: Timestamp| {
        local(a).date().until(local(b).date()).map_or(0, |span| i64::from(span.get_days()))
    };
    if now >= strikes_at {
        // The deadline is the first instant too late: the end of the day before it.
        let late = days(strikes_at, now) + 1;
        return (format!("{late} gün geçti"), "late");
    }
    match days(now, strikes_at) - 1 {
        ..=0 => ("Bugün doluyor".into(), "soon"),
        left @ 1..=3 => (format!("{left} gün kaldı"), "soon"),
        left => (format!("{left} gün kaldı"), "fine"),
    }
}

/// A duration in days and hours.
#[must_use]
pub fn duration(ms: i64) -> String {
    let hours = ms / 3_600_000;
    match (hours / 24, hours % 24) {
        (0, 0) => format!("{} dk", ms / 60_000),
        (0, h) => format!("{h} sa"),
        (d, 0) => format!("{d} gün"),
        (d, h) => format!("{d} gün {h} sa"),
    }
}

/// A size in bytes for people.
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        format!("{} KB", bytes.div_ceil(1024))
    } else {
        format!("{},{} MB", bytes >> 20, ((bytes % (1 << 20)) * 10) >> 20)
    }
}

/// "Başvuru Durumu".
#[must_use]
pub const fn phase(pre_application: bool) -> &'static str {
    if pre_application { "Ön Başvuru" } else { "Başvuru" }
}

/// Where an application stands.
#[must_use]
pub const fn stage(stage: StageName, outcome: Option<Outcome>) -> &'static str {
    match (stage, outcome) {
        (StageName::Unassigned, _) => "Teslim Bekliyor",
        (StageName::Assigned, _) => "Sorumlu Üzerinde",
        (StageName::AwaitingApproval, _) => "Onay Bekliyor",
        (StageName::Closed, Some(Outcome::Positive)) => "Olumlu Cevaplandı",
        (StageName::Closed, Some(Outcome::Negative)) => "Olumsuz Cevaplandı",
        (StageName::Closed, Some(Outcome::Lapsed)) => "Süre Aşımı",
        (StageName::Closed, Some(Outcome::Withdrawn)) => "Vazgeçildi",
        (StageName::Closed, None) => "Sonuçlandı",
    }
}

/// What awaits approval.
#[must_use]
pub const fn proposal(stage: &Stage) -> Option<&'static str> {
    match stage {
        Stage::AwaitingApproval { proposal, .. } => Some(match proposal {
            Proposal::Answer => "Onaya Gönderildi",
            Proposal::Rejection => "Red Onayına Gönderildi",
            Proposal::Referral { .. } => "Havale Onayı Bekliyor",
        }),
        _ => None,
    }
}

/// A line of the history.
#[must_use]
pub const fn event(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Received => "Başvuru alındı",
        EventKind::Assigned => "Teslim edildi",
        EventKind::Claimed => "Teslim alındı",
        EventKind::Withdrawn => "Geri çekildi",
        EventKind::DocumentChecked => "Başvuru belgesi kontrol edildi",
        EventKind::DocumentAttached => "Dosya eklendi",
        EventKind::PreApplicationCompleted => "Ön Başvuru tamamlandı",
        EventKind::OfficialDocumentAttached => "Resmi evrak eklendi",
        EventKind::AnswerAdded => "Cevap eklendi",
        EventKind::NoteAdded => "Yetkili cevabı eklendi",
        EventKind::SubmittedForApproval => "Onaya gönderildi",
        EventKind::SubmittedForRejection => "Red onayına gönderildi",
        EventKind::ReferralProposed => "Havale önerildi",
        EventKind::Referred => "Havale edildi",
        EventKind::SentBack => "Geri gönderildi",
        EventKind::ApprovedPositive => "Onaylandı (olumlu)",
        EventKind::ApprovedNegative => "Onaylandı (olumsuz)",
        EventKind::CitizenWithdrew => "Vatandaş vazgeçti",
        EventKind::Lapsed => "Süre aşımı",
        EventKind::Breached => "Cevap süresi geçti",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_counted_in_days_of_turkey() {
        let at = |s: &str| s.parse::<Timestamp>().unwrap();
        // Due by the end of 30 November: the first instant too late is 1 December 00:00 +03.
        let due = at("2026-12-01T00:00:00+03:00");
        assert_eq!(deadline(due, at("2026-11-30T23:59:00+03:00")), ("Bugün doluyor".into(), "soon"));
        assert_eq!(deadline(due, at("2026-11-29T00:01:00+03:00")), ("1 gün kaldı".into(), "soon"));
        assert_eq!(deadline(due, at("2026-11-01T12:00:00+03:00")), ("29 gün kaldı".into(), "fine"));
        assert_eq!(deadline(due, due), ("1 gün geçti".into(), "late"));
        assert_eq!(deadline(due, at("2027-02-01T10:00:00+03:00")), ("63 gün geçti".into(), "late"));
    }

    #[test]
    fn durations_and_sizes_for_people() {
        assert_eq!(duration(59 * 60_000), "59 dk");
        assert_eq!(duration(26 * 3_600_000), "1 gün 2 sa");
        assert_eq!(size(1), "1 KB");
        assert_eq!(size(1_572_864), "1,5 MB");
    }
}
