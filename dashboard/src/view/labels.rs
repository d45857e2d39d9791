//! The guide's names for the states of the domain, and dates and numbers in the language of the
//! request.

use ebasvuru_analytics::read::WorklistRow;
use ebasvuru_workflow::domain::application::event::EventKind;
use ebasvuru_workflow::domain::application::{Outcome, StatusName};
pub use ebasvuru_workflow::domain::calendar::istanbul;
use ebasvuru_workflow::error_code::ErrorCode;
use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

use super::i18n::{Language, current_language, say, tr};
pub use super::number::{decimal, share, thousands};

fn local(at: Timestamp) -> Zoned {
    at.to_zoned(istanbul())
}

/// `23.11.2026 09:15`, `23 Nov 2026, 09:15`.
#[must_use]
pub fn date_time(at: Timestamp) -> String {
    let form = if current_language() == Language::English { "%-d %b %Y, %H:%M" } else { "%d.%m.%Y %H:%M" };
    local(at).strftime(form).to_string()
}

/// `23.11.2026`, `23 Nov 2026`.
#[must_use]
pub fn date(at: Timestamp) -> String {
    day(local(at).date())
}

/// A day, as [`date`] writes it.
#[must_use]
pub fn day(day: Date) -> String {
    let form = if current_language() == Language::English { "%-d %b %Y" } else { "%d.%m.%Y" };
    day.strftime(form).to_string()
}

/// Two days, with those between.
#[must_use]
pub fn days(from: Date, last: Date) -> String {
    format!("{} – {}", day(from), day(last))
}

/// `23.11.2026 09:15:04`, `23 Nov 2026 09:15:04`.
#[must_use]
pub fn to_the_second(at: Timestamp) -> String {
    format!("{} {}", date(at), local(at).strftime("%H:%M:%S"))
}

/// What people are told of a text of more than `most` characters; `None` if it has fewer.
#[must_use]
pub fn too_long(label: &str, text: &str, most: usize) -> Option<String> {
    let chars = text.chars().count();
    (chars > most).then(|| {
        say!(
            "{label} en fazla {n} karakter olabilir; {chars} karakter yazdınız, {over} karakter kısaltınız.",
            label = label,
            n = thousands(most as u64),
            chars = thousands(chars as u64),
            over = thousands((chars - most) as u64)
        )
    })
}

/// How near a deadline is: a text, and its CSS class.
#[must_use]
pub fn deadline(timer_at: Timestamp, now: Timestamp) -> (String, &'static str) {
    let days = |a: Timestamp, b: Timestamp| {
        local(a).date().until(local(b).date()).map_or(0, |span| i64::from(span.get_days()))
    };
    if now >= timer_at {
        // The deadline is the first instant after the last day.
        let late = days(timer_at, now) + 1;
        return (say!("{n} gün geçti", n = late), "late");
    }
    match days(now, timer_at) - 1 {
        ..=0 => (tr("Bugün doluyor").to_owned(), "soon"),
        left @ 1..=3 => (say!("{n} gün kaldı", n = left), "soon"),
        left => (say!("{n} gün kaldı", n = left), "fine"),
    }
}

/// The last day in time; the deadline is the first instant after it.
#[must_use]
pub fn last_date(timer_at: Timestamp) -> Date {
    local(timer_at.saturating_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(timer_at)).date()
}

/// The last day in time, as [`date`] writes it.
#[must_use]
pub fn last_day(timer_at: Timestamp) -> String {
    day(last_date(timer_at))
}

/// A duration in days, hours or minutes.
#[must_use]
pub fn duration(ms: i64) -> String {
    let hours = ms / 3_600_000;
    match (hours / 24, hours % 24) {
        (0, 0) => say!("{minutes} dk", minutes = ms / 60_000),
        (0, h) => say!("{hours} sa", hours = h),
        (d, 0) => say!("{n} gün", n = d),
        (d, h) => say!("{n} gün {hours} sa", n = d, hours = h),
    }
}

/// A size in KB or MB.
#[must_use]
pub fn size(bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        return format!("{} KB", thousands(bytes.div_ceil(1024)));
    }
    format!("{} MB", decimal(bytes as f64 / f64::from(1 << 20), 1))
}

/// The label of "Başvuru Durumu".
#[must_use]
pub fn phase(pre_application: bool) -> &'static str {
    tr(if pre_application { "Ön Başvuru" } else { "Başvuru" })
}

/// The label of a status; `outcome` for a closed application.
#[must_use]
pub fn status(status: StatusName, outcome: Option<Outcome>) -> &'static str {
    tr(match (status, outcome) {
        (StatusName::Unassigned, _) => "Teslim Bekliyor",
        (StatusName::Assigned, _) => "Sorumlu Üzerinde",
        (StatusName::AwaitingApproval, _) => "Onay Bekliyor",
        (StatusName::Closed, Some(Outcome::Positive)) => "Olumlu Cevaplandı",
        (StatusName::Closed, Some(Outcome::Negative)) => "Olumsuz Cevaplandı",
        (StatusName::Closed, Some(Outcome::Lapsed)) => "Süre Aşımı",
        (StatusName::Closed, Some(Outcome::Withdrawn)) => "Vazgeçildi",
        (StatusName::Closed, None) => "Sonuçlanan",
    })
}

/// The label of a row's status, which says what awaits approval.
#[must_use]
pub fn status_of(row: &WorklistRow) -> &'static str {
    match row.proposal.as_deref() {
        Some("rejection") => tr("Red Onayı Bekliyor"),
        Some("referral") => tr("Havale Onayı Bekliyor"),
        _ => status(row.status, row.outcome),
    }
}

/// The label of an event in the history.
#[must_use]
pub fn event(kind: EventKind) -> &'static str {
    tr(match kind {
        EventKind::Received => "Başvuru alındı",
        EventKind::Assigned => "Teslim edildi",
        EventKind::Claimed => "Teslim alındı",
        EventKind::TakenBack => "Geri çekildi",
        EventKind::DocumentChecked => "Başvuru belgesi kontrol edildi",
        EventKind::DocumentAttached => "Dosya eklendi",
        EventKind::PreApplicationCompleted => "Ön Başvuru tamamlandı",
        EventKind::OfficialDocumentAttached => "Resmi evrak eklendi",
        EventKind::AnswerAdded => "Cevap eklendi",
        EventKind::NoteAdded => "Yetkili cevabı eklendi",
        EventKind::SubmittedForApproval => "Onaya gönderildi",
        EventKind::SubmittedForRejection => "Red Onayına gönderildi",
        EventKind::ReferralProposed => "Havale önerildi",
        EventKind::Referred => "Havale edildi",
        EventKind::SentBack => "Geri gönderildi",
        EventKind::ApprovedPositive => "Onaylandı (olumlu)",
        EventKind::ApprovedNegative => "Onaylandı (olumsuz)",
        EventKind::CitizenWithdrew => "Vatandaş vazgeçti",
        EventKind::Lapsed => "Süre Aşımı",
        EventKind::Breached => "Süresi geçti",
    })
}

/// The words of the reason why a message was not accepted; `None` for a code of another version.
#[must_use]
pub fn dead_letter(code: &str) -> Option<&'static str> {
    Some(tr(match code.parse().ok()? {
        ErrorCode::NotUtf8 => "İleti UTF-8 metin değil",
        ErrorCode::NotJson => "İleti JSON olarak okunamıyor",
        ErrorCode::Schema => "Bir alan eksik ya da yanlış türde",
        ErrorCode::TcknInvalid => "T.C. Kimlik No geçersiz",
        ErrorCode::UnknownService => "Katalogda böyle bir hizmet yok",
        ErrorCode::UnknownValilik => "Böyle bir valilik yok",
        ErrorCode::NotRoutable => "Valilikte bu hizmete bakan birim yok",
        ErrorCode::NotConfirmed => "Onay Kutusunda EVET yazmıyor",
        ErrorCode::DocumentInvalid => "Belge, iletide bildirilen özelliklere uymuyor",
        ErrorCode::TooLarge => "İleti ya da içindeki bir metin çok büyük",
        ErrorCode::SubmittedAtFuture => "Onay zamanı gelecekte",
        ErrorCode::DuplicateConflict => "Aynı başvuru başka içerikle yeniden geldi",
        ErrorCode::MalformedCommand => "Komut okunamıyor",
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page shows no raw code.
    #[test]
    fn every_reason_of_a_dead_letter_has_words() {
        let ours = ebasvuru_ingest::check::Code::ALL.map(|code| code.as_str());
        for code in ours.into_iter().chain(["duplicate_conflict", "malformed_command"]) {
            assert!(dead_letter(code).is_some(), "{code}");
        }
        assert_eq!(dead_letter("of_a_later_version"), None);
    }

    #[test]
    fn deadlines_are_counted_in_days_of_istanbul() {
        let at = |s: &str| s.parse::<Timestamp>().unwrap();
        // The last day is 30 November.
        let due = at("2026-12-01T00:00:00+03:00");
        assert_eq!(deadline(due, at("2026-11-30T23:59:00+03:00")), ("Bugün doluyor".into(), "soon"));
        assert_eq!(deadline(due, at("2026-11-29T00:01:00+03:00")), ("1 gün kaldı".into(), "soon"));
        assert_eq!(deadline(due, at("2026-11-01T12:00:00+03:00")), ("29 gün kaldı".into(), "fine"));
        assert_eq!(deadline(due, due), ("1 gün geçti".into(), "late"));
        assert_eq!(deadline(due, at("2027-02-01T10:00:00+03:00")), ("63 gün geçti".into(), "late"));
    }

    #[test]
    fn durations_and_sizes_are_rounded() {
        assert_eq!(duration(59 * 60_000), "59 dk");
        assert_eq!(duration(26 * 3_600_000), "1 gün 2 sa");
        assert_eq!(size(1), "1 KB");
        assert_eq!(size(1_572_864), "1,5 MB");
    }

    #[test]
    fn dates_follow_the_language() {
        let at = "2026-11-03T09:05:04+03:00".parse().unwrap();
        let all = || [date_time(at), date(at)];
        assert_eq!(all(), ["03.11.2026 09:05", "03.11.2026"]);
        let english = crate::view::i18n::with_language(Language::English, all);
        assert_eq!(english, ["3 Nov 2026, 09:05", "3 Nov 2026"]);
    }
}
