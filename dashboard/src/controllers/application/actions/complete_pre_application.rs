//! "Ön Başvuru Tamamla": the Sorumlu completes the Ön Başvuru. It cannot be undone, so the page
//! asks first.

use crate::view::i18n::say;

/// The label of the button that completes it.
pub const BUTTON: &str = "Ön Başvuruyu tamamla";

/// What completing does.
pub fn consequence() -> String {
    say!("Başvuru Durumu “Başvuru” olacak ve cevaplanma süresi başlayacak.")
}
