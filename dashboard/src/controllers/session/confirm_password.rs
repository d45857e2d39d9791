//! The user's own password, asked for once more before acts that an unattended screen must not
//! allow.

use crate::auth::{AttemptSource, wait_text};
use crate::web::app::App;
use crate::web::guard::Viewer;

/// Checks that the viewer typed their own password.
///
/// # Errors
/// The sentence to show: `wrong`, or how long to wait after too many attempts.
pub async fn confirm_password(app: &App, viewer: &Viewer, typed: &str, wrong: &str) -> Result<(), String> {
    let user = &viewer.user;
    let attempt =
        app.throttle.begin(user.name.as_str(), AttemptSource::Session, app.clock.now()).map_err(wait_text)?;
    if app.passwords.verify(typed.to_owned(), Some(user)).await {
        app.throttle.succeeded(attempt);
        return Ok(());
    }
    tracing::warn!(target: "audit", { user.name = %user.name, url.path = %viewer.path }, "wrong own password");
    Err(wrong.to_owned())
}
