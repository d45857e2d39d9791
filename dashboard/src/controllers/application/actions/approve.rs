//! "Onayla": the Yetkili approves a proposal. It cannot be undone, so the page asks first.

use ebasvuru_workflow::domain::application::Proposal;

use crate::view::i18n::say;
use crate::web::app::App;

/// The label of the button that approves this proposal.
pub const fn button(proposal: &Proposal) -> &'static str {
    match proposal {
        Proposal::Answer => "Olumlu cevabı onayla",
        Proposal::Rejection => "Olumsuz cevabı onayla",
        Proposal::Referral { .. } => "Havaleyi onayla",
    }
}

/// What approving this proposal does.
pub fn consequence(app: &App, proposal: &Proposal) -> String {
    match proposal {
        Proposal::Answer => say!("Başvuru olumlu sonuçlanacak, cevap vatandaşa gönderilecek."),
        Proposal::Rejection => say!("Başvuru olumsuz sonuçlanacak, cevap vatandaşa gönderilecek."),
        Proposal::Referral { target, .. } => say!(
            "Başvuru {unit} birimine havale edilecek ve biriminizin listesinden çıkacak.",
            unit = app.unit_name(target)
        ),
    }
}
