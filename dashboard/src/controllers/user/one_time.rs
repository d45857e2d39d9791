//! One-time passwords: made here, shown once, changed at the first login.

use axum::response::{IntoResponse, Response};
use ebasvuru_workflow::domain::ids::{CommandId, UserName};
use hmac::{Hmac, KeyInit, Mac};
use minijinja::context;
use sha2::Sha256;

use crate::app::AppState;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::page::Shell;
use crate::problem::Problem;

/// Letters and digits that cannot be mistaken for each other when read aloud or copied.
/// Sixteen of them are 79 bits.
const LETTERS: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// The password that this command gives this user. The same form sent twice (a double
/// click, a reload) is one command, and so must say one password: it is derived from the
/// command's id by the key that signs sessions.
pub fn password(app: &AppState, user: &UserName, command: CommandId) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(app.key.signing())
        .map_err(|error| Problem::Internal(error.to_string()))?;
    mac.update(format!("one-time-password|{user}|{command}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    let letters: Vec<char> =
        bytes.iter().take(16).map(|byte| char::from(LETTERS[usize::from(byte % 31)])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// The page that shows it.
pub fn page(app: &AppState, viewer: &Viewer, user: &UserName, password: &str) -> Result<Response, Problem> {
    let html = Shell::new(app, viewer, tr("Tek Kullanımlık Şifre")).page(
        "user/one_time.html",
        context! { name => user.as_str(), full_name => app.gateway.full_name(user), password },
    )?;
    Ok(html.into_response())
}
