//! "Ön Başvuru Tamamla": the Sorumlu completes the Ön Başvuru. It cannot be undone, so the page
//! asks first.

use crate::view::i18n::say;

/// What completing does.
pub fn consequence() -> String {
    say!("Başvuru Durumu “Başvuru” olacak ve cevap süresi başlayacak.")
}
